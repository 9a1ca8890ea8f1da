"""Procrastinate, with the queries of its query file. It takes and finishes jobs one by one."""

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from importlib.resources import files
from typing import Any

import psycopg
from procrastinate.sql import queries

from benchmarks.rows import copy_rows, last_id
from benchmarks.server import Server, Sql, connect, fetch_value, run_script
from benchmarks.system import QUEUE, run_one_through

NAME = "Procrastinate"
VERSION = version("procrastinate")
_JOB = f'{{"({QUEUE},{QUEUE},0,,,{{}},)"}}'
_JOBS = "procrastinate_jobs"
_EVENTS = "procrastinate_events"


@dataclass
class Procrastinate:
    url: str
    sql: Sql
    worker_id: int
    name: str = NAME
    unfinished: str = f"select exists (select from {_JOBS} where status in ('todo', 'doing'))"

    def enqueue(self) -> None:
        self._execute("defer_jobs", jobs=_JOB)

    def claim(self, count: int) -> list[int]:
        return [self._claim_one() for _ in range(count)]

    def complete(self, jobs: Sequence[int]) -> None:
        for job_id in jobs:
            self._execute("finish_job", job_id=job_id, status="succeeded", delete_job=False)

    def fill(self, *, pending: int, finished: int) -> None:
        """A finished job has three events, a pending one has one."""
        self._copy(finished, run_one_through, since=last_id(self.sql, _JOBS))
        self._copy(pending, Procrastinate.enqueue, since=last_id(self.sql, _JOBS))

    def _copy(self, times: int, make: Any, *, since: int) -> None:
        if times == 0:
            return
        make(self)
        made = fetch_value(self.sql, f"select max(id) from {_JOBS} where id > {since}")
        # The triggers would notify for each row, and write events that only pending jobs have.
        self.sql.execute(f"alter table {_JOBS} disable trigger user".encode())
        copy_rows(self.sql, _JOBS, f"id = {made}", times - 1, {"id": f"nextval('{_JOBS}_id_seq')"})
        self.sql.execute(f"alter table {_JOBS} enable trigger user".encode())
        changes = {"id": f"nextval('{_EVENTS}_id_seq')", "job_id": "n", "at": "clock_timestamp()"}
        copies = f"select id from {_JOBS} where id > {made}"
        copy_rows(self.sql, _EVENTS, f"job_id = {made}", copies, changes)

    def _claim_one(self) -> int:
        row = self._execute("fetch_job", queues=None, worker_id=self.worker_id).fetchone()
        if row is None or row[0] is None:
            raise LookupError("nothing to claim")
        return row[0]

    def _execute(self, query: str, **values: Any) -> psycopg.Cursor:
        # Its placeholders are psycopg's own, not those of the server.
        return psycopg.Cursor(self.sql).execute(queries[query], values)


@contextlib.contextmanager
def install(server: Server) -> Generator[Procrastinate]:
    schema = files("procrastinate.sql").joinpath("schema.sql").read_text()
    with server.database("procrastinate") as url, connect(url) as sql:
        run_script(sql, schema)
        [worker_id] = psycopg.Cursor(sql).execute(queries["register_worker"]).fetchone() or [None]
        if worker_id is None:
            raise LookupError("no worker was registered")
        yield Procrastinate(url, sql, worker_id)
