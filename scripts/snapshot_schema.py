"""Writes what all migrations make of an empty project, for `supajobs doctor` to compare with."""

import json
import tempfile
from pathlib import Path

import psycopg

from supajobs.doctor.schema_description import SNAPSHOT
from supajobs.local.stack import Stack

PROJECT = Path(__file__).parents[1]


def main() -> None:
    with tempfile.TemporaryDirectory() as directory:
        stack = Stack(Path(directory) / "stack", project=PROJECT)
        try:
            with psycopg.connect(stack.up().db_url) as database:
                row = database.execute("select public.describe_plan_schema()").fetchone()
        finally:
            stack.down(purge=True)
    if row is None:
        raise SystemExit("describe_plan_schema gave no answer.")
    SNAPSHOT.write_text(json.dumps(row[0], indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
