"""No queue at all: the least that a job's life can cost. One insert and two updates by key."""

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from benchmarks.server import Server, Sql, connect

NAME = "floor"


@dataclass
class Floor:
    url: str
    sql: Sql
    name: str = NAME
    unfinished: str = "select exists (select from job where state <> 'completed')"
    _enqueued: int = 0
    _claimed: int = 0

    def enqueue(self) -> None:
        self._enqueued += 1
        self.sql.execute(b"insert into job (id) values ($1::bigint)", [self._enqueued])

    def claim(self, count: int) -> list[int]:
        ids = list(range(self._claimed + 1, self._claimed + 1 + count))
        self._claimed += count
        self._update("processing", ids)
        return ids

    def complete(self, jobs: Sequence[int]) -> None:
        self._update("completed", jobs)

    def fill(self, *, pending: int, finished: int) -> None:
        self.sql.execute(
            b"insert into job (id) select generate_series($1::bigint + 1, $1::bigint + $2::bigint)",
            [self._enqueued, pending],
        )
        self._enqueued += pending
        self.sql.execute(
            b"insert into job (id, state) select least + n, 'completed' "
            b"from generate_series(-$1::bigint, -1) as n, "
            b"(select least(min(id), 0) from job) as job (least)",
            [finished],
        )

    def _update(self, state: str, ids: Sequence[int]) -> None:
        if len(ids) == 1:
            statement = b"update job set state = $1 where id = $2::bigint"
            self.sql.execute(statement, [state, ids[0]])
        else:
            statement = b"update job set state = $1 where id = any($2::bigint[])"
            self.sql.execute(statement, [state, ids])


@contextlib.contextmanager
def install(server: Server) -> Generator[Floor]:
    with server.database("floor") as url, connect(url) as sql:
        sql.execute(
            b"create table job (id bigint primary key, state text not null default 'pending', "
            b"payload jsonb not null default '{}')"
        )
        yield Floor(url, sql)
