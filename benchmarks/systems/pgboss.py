"""pg-boss, with the statements that its package sends."""

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.node import record_statements
from benchmarks.rows import copy_rows
from benchmarks.server import Server, Sql, connect
from benchmarks.system import QUEUE, run_one_through

NAME = "pg-boss"
_TABLE = "pgboss.job_common"


@dataclass
class PgBoss:
    url: str
    sql: Sql
    statements: dict[str, dict[str, Any]]
    name: str = NAME
    unfinished: str = f"select exists (select from {_TABLE} where state < 'completed')"

    def enqueue(self) -> None:
        self._execute("enqueue", self.statements["enqueue"]["values"])

    def claim(self, count: int) -> list[tuple[Any, ...]]:
        return self._execute("claim" if count == 1 else "claimBatch", []).fetchall()

    def complete(self, jobs: Sequence[tuple[Any, ...]]) -> None:
        ids = [job[0] for job in jobs]
        attempts = [f"{job[0]}:{job[3]}" for job in jobs]  # with its retry_count
        self._execute("complete", [QUEUE, ids, None, attempts])

    def fill(self, *, pending: int, finished: int) -> None:
        new = {"id": "gen_random_uuid()"}
        run_one_through(self)
        copy_rows(self.sql, _TABLE, f"id = ({_newest('completed')})", finished, new)
        self.enqueue()
        times = {"created_on": "clock_timestamp()", "start_after": "clock_timestamp()"}
        copy_rows(self.sql, _TABLE, f"id = ({_newest('created')})", pending - 1, new | times)

    def _execute(self, verb: str, values: Sequence[Any]) -> Any:
        return self.sql.execute(self.statements[verb]["text"].encode(), values)


def _newest(state: str) -> str:
    return f"select id from {_TABLE} where state = '{state}' order by created_on desc limit 1"


@contextlib.contextmanager
def install(server: Server) -> Generator[PgBoss]:
    with server.database("pgboss") as url:
        statements = record_statements("pgboss", url)
        with connect(url) as sql:
            sql.execute(f"delete from {_TABLE}".encode())
            yield PgBoss(url, sql, statements)
