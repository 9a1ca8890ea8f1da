"""Writes supabase/migrations from supabase/schemas: one file for the queue, one for each family."""

import re
from collections.abc import Mapping
from pathlib import Path

SUPABASE = Path(__file__).parents[1] / "supabase"
FIRST_FAMILY = 50
# Nothing is released yet: all there is, is the first version.
QUEUE = "20261129000000_create_plan_queue.sql"
FAMILY = "202611290000{number}_create_{name}.sql"


def read_schemas(folder: Path = SUPABASE / "schemas") -> dict[str, str]:
    """The schema files by name, in the order in which they apply."""
    return {file.name: file.read_text() for file in sorted(folder.glob("*.sql"))}


def make_migrations(schemas: Mapping[str, str]) -> dict[str, str]:
    """The migrations by name that make what the schemas say."""
    migrations: dict[str, list[str]] = {}
    for file, text in schemas.items():
        number, name = re.findall(r"(\d\d)_(\w+)\.sql", file)[0]
        is_family = int(number) >= FIRST_FAMILY
        migration = FAMILY.format(number=number, name=name) if is_family else QUEUE
        migrations.setdefault(migration, []).append(f"-- {file}\n\n{text}")
    head = "-- Written by scripts/write_migration from supabase/schemas: edit it there."
    return {name: "\n\n".join([head, *texts]) for name, texts in migrations.items()}


def main() -> None:
    folder = SUPABASE / "migrations"
    for file in folder.glob("*.sql"):
        file.unlink()
    for name, text in make_migrations(read_schemas()).items():
        (folder / name).write_text(text)


if __name__ == "__main__":
    main()
