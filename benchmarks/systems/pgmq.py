"""pgmq, from the SQL in its Python package: send, read with a visibility timeout, archive."""

import contextlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass

from pgmq.install import get_embedded_install_sql, get_embedded_sql_version

from benchmarks.rows import copy_rows, last_id
from benchmarks.server import Server, Sql, connect, run_script
from benchmarks.system import QUEUE, run_one_through

NAME = "pgmq (archive)"
VERSION = get_embedded_sql_version()


@dataclass
class Pgmq:
    url: str
    sql: Sql
    name: str = NAME
    unfinished: str = f"select exists (select from pgmq.q_{QUEUE})"

    def enqueue(self) -> None:
        self.sql.execute(b"select * from pgmq.send($1::text, $2::jsonb)", [QUEUE, "{}"])

    def claim(self, count: int) -> list[int]:
        rows = self.sql.execute(
            b"select * from pgmq.read($1::text, 60, $2::integer)", [QUEUE, count]
        ).fetchall()
        return [row[0] for row in rows]

    def complete(self, jobs: Sequence[int]) -> None:
        if len(jobs) == 1:
            self.sql.execute(b"select pgmq.archive($1::text, $2::bigint)", [QUEUE, jobs[0]])
        else:
            self.sql.execute(b"select * from pgmq.archive($1::text, $2::bigint[])", [QUEUE, jobs])

    def fill(self, *, pending: int, finished: int) -> None:
        archive = f"pgmq.a_{QUEUE}"
        run_one_through(self)
        last = last_id(self.sql, archive, "msg_id")
        # Their ids lie below zero, where no message will come.
        copy_rows(self.sql, archive, f"msg_id = {last}", finished, {"msg_id": f"-{last} - n"})
        self.enqueue()
        queue = f"pgmq.q_{QUEUE}"
        last = last_id(self.sql, queue, "msg_id")
        now = "clock_timestamp()"
        changes = {"msg_id": None, "enqueued_at": now, "vt": now}
        copy_rows(self.sql, queue, f"msg_id = {last}", pending - 1, changes)


@contextlib.contextmanager
def install(server: Server) -> Generator[Pgmq]:
    with server.database("pgmq") as url, connect(url) as sql:
        run_script(sql, get_embedded_install_sql())
        sql.execute(f"select pgmq.create('{QUEUE}')".encode())
        yield Pgmq(url, sql)
