"""Graphile Worker, with the statements that its package sends. It deletes what is finished."""

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.node import record_statements
from benchmarks.rows import copy_rows, last_id
from benchmarks.server import Server, Sql, connect

NAME = "Graphile Worker (deletes)"
_TABLE = "graphile_worker._private_jobs"


@dataclass
class Graphile:
    url: str
    sql: Sql
    statements: dict[str, dict[str, Any]]
    name: str = NAME
    unfinished: str = f"select exists (select from {_TABLE})"

    def enqueue(self) -> None:
        self._execute("enqueue", self.statements["enqueue"]["values"])

    def claim(self, count: int) -> list[int]:
        verb = "claim" if count == 1 else "claimBatch"
        return [row[0] for row in self._execute(verb, self.statements[verb]["values"]).fetchall()]

    def complete(self, jobs: Sequence[int]) -> None:
        if len(jobs) == 1:
            self._execute("complete", jobs)
        else:
            self._execute("completeBatch", [jobs])

    def fill(self, *, pending: int, finished: int) -> None:  # noqa: ARG002 - nothing is left of them
        self.enqueue()
        now = dict.fromkeys(["run_at", "created_at", "updated_at"], "clock_timestamp()")
        template = f"id = {last_id(self.sql, _TABLE)}"
        copy_rows(self.sql, _TABLE, template, pending - 1, {"id": None, **now})

    def _execute(self, verb: str, values: Sequence[Any]) -> Any:
        return self.sql.execute(self.statements[verb]["text"].encode(), values)


@contextlib.contextmanager
def install(server: Server) -> Generator[Graphile]:
    with server.database("graphile") as url:
        statements = record_statements("graphile", url)
        with connect(url) as sql:
            yield Graphile(url, sql, statements)
