"""PgQueuer, with the queries that its query builder makes."""

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from importlib.metadata import version
from uuid import uuid4

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId

from benchmarks.rows import copy_rows, last_id
from benchmarks.server import Server, Sql, connect, run_script
from benchmarks.system import QUEUE, run_one_through

NAME = "PgQueuer"
VERSION = version("pgqueuer")

_queries = QueryQueueBuilder()
_ENQUEUE = _queries.build_enqueue_query().encode()
_COMPLETE = _queries.build_log_job_query().encode()


@dataclass
class PgQueuer:
    url: str
    sql: Sql
    name: str = NAME
    unfinished: str = "select exists (select from pgqueuer)"
    _manager: QueueManagerId = field(default_factory=lambda: QueueManagerId(uuid4()))

    def enqueue(self) -> None:
        self.sql.execute(_ENQUEUE, [[0], [QUEUE], [None], [timedelta()], [None], ["null"]])

    def claim(self, count: int) -> list[int]:
        query = _queries.build_dequeue_query(
            batch_size=count,
            entrypoints=[QueueEntrypoint(QUEUE)],
            concurrency_limits=[0],
            queue_manager_id=self._manager,
            global_concurrency_limit=None,
            heartbeat_timeout=timedelta(seconds=30),
        )
        return [row[0] for row in self.sql.execute(query.sql.encode(), query.args).fetchall()]

    def complete(self, jobs: Sequence[int]) -> None:
        count = len(jobs)
        self.sql.execute(_COMPLETE, [jobs, ["successful"] * count, [None] * count])

    def fill(self, *, pending: int, finished: int) -> None:
        """A finished job is three rows of the log, a pending one a job and a row of the log."""
        run_one_through(self)
        last = last_id(self.sql, "pgqueuer_log")
        copies = f"select generate_series(1, {finished})"
        changes = {"id": None, "job_id": f"-{last} - n"}
        copy_rows(self.sql, "pgqueuer_log", f"id > {last - 3}", copies, changes)
        self.enqueue()
        before = last_id(self.sql, "pgqueuer")
        now = dict.fromkeys(
            ["created", "updated", "heartbeat", "execute_after"], "clock_timestamp()"
        )
        copy_rows(self.sql, "pgqueuer", f"id = {before}", pending - 1, {"id": None, **now})
        copies = f"select id from pgqueuer where id > {before}"
        changes = {"id": None, "job_id": "n", "created": "clock_timestamp()"}
        copy_rows(self.sql, "pgqueuer_log", f"job_id = {before}", copies, changes)


@contextlib.contextmanager
def install(server: Server) -> Generator[PgQueuer]:
    with server.database("pgqueuer") as url, connect(url) as sql:
        run_script(sql, QueryBuilderEnvironment().build_install_query())
        yield PgQueuer(url, sql)
