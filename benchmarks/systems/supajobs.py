"""supajobs, through the functions of supabase/schemas, as the role that PostgREST uses."""

import contextlib
import itertools
import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any
from uuid import UUID, uuid4

from benchmarks.rows import copy_rows
from benchmarks.server import Server, Sql, connect, fetch_value
from benchmarks.system import QUEUE, run_one_through

NAME = "supajobs"
USERS = 1000
VERSION = version("supajobs")
JOBS = "public.plan_generation_jobs"


@dataclass
class Supajobs:
    url: str
    sql: Sql
    owner: Sql
    """As the role `postgres`: the role above may call functions, and little else."""
    users: list[UUID]
    """They enqueue in turn, and what fills the table belongs to all of them in equal parts."""
    name: str = NAME
    unfinished: str = (
        f"select exists (select from {JOBS} "
        f"where job_type = '{QUEUE}' and status in ('pending', 'processing'))"
    )

    def __post_init__(self) -> None:
        self._next_user = itertools.cycle(self.users)

    def enqueue(self) -> None:
        self._enqueue(self.sql)

    def claim(self, count: int) -> list[dict[str, Any]]:
        return fetch_value(
            self.sql,
            "select public.claim_plan_jobs(p_claim_id => $1, p_worker_id => $2, "
            "p_max_jobs => $3::integer, p_job_types => $4::text[])",
            uuid4(),
            "benchmark",
            count,
            [QUEUE],
        )

    def complete(self, jobs: Sequence[Mapping[str, Any]]) -> None:
        claims = [{"job_id": job["id"], "claim_id": job["claim_id"]} for job in jobs]
        self.sql.execute(
            b"select public.complete_plan_jobs(p_jobs => $1::jsonb)", [json.dumps(claims)]
        )

    def fill(self, *, pending: int, finished: int) -> None:
        run_one_through(self)
        model = self._find("status = 'completed'")
        changes = {"id": None, "user_id": self._pick_user()}
        copy_rows(self.owner, JOBS, f"id = '{model}'", finished, changes)
        self.enqueue()
        self._copy_pending(pending - 1, "clock_timestamp()")

    def fill_tomorrow(self, scheduled: int) -> None:
        """Jobs of the highest priority that are not due before tomorrow."""
        tomorrow = fetch_value(self.sql, "select now() + interval '1 day'")
        self._enqueue(self.owner, p_priority=10, p_run_at=tomorrow)
        self._copy_pending(scheduled - 1, "template.run_at + n * interval '1 millisecond'")

    def _enqueue(self, sql: Sql, **more: Any) -> None:
        arguments = {
            "p_user_id": next(self._next_user),
            "p_job_type": QUEUE,
            "p_params": "{}",
            **more,
        }
        named = ", ".join(f"{name} => ${n}" for n, name in enumerate(arguments, start=1))
        sql.execute(f"select public.enqueue_plan_job({named})".encode(), list(arguments.values()))

    def _copy_pending(self, times: int, run_at: str) -> None:
        """As if they had all come in at once: the n-th job of each has the n-th turn."""
        model = self._find("status = 'pending'")
        changes = {
            "id": None,
            "user_id": self._pick_user(),
            "run_at": run_at,
            "turn": f"template.turn + n / {len(self.users)}",
            "created_at": "clock_timestamp()",
            "updated_at": "clock_timestamp()",
        }
        copy_rows(self.owner, JOBS, f"id = '{model}'", times, changes)

    def _pick_user(self) -> str:
        everybody = ",".join(map(str, self.users))
        return f"('{{{everybody}}}'::uuid[])[1 + n % {len(self.users)}]"

    def _find(self, condition: str) -> UUID:
        newest = f"job_type = '{QUEUE}' and {condition} order by id desc limit 1"
        return fetch_value(self.owner, f"select id from {JOBS} where {newest}")


@contextlib.contextmanager
def install(server: Server) -> Generator[Supajobs]:
    """Users and a job type of our own, which take along what they leave."""
    users = [uuid4() for _ in range(USERS)]
    with connect(server.url) as owner, connect(server.url) as sql:
        owner.execute(b"insert into auth.users (id) select unnest($1::uuid[])", [users])
        owner.execute(b"insert into public.plan_job_types (job_type) values ($1)", [QUEUE])
        sql.execute(b"set role service_role")
        try:
            yield Supajobs(server.url, sql, owner, users)
        finally:
            if server.disposable:  # to delete a million rows would take its time
                owner.execute(f"truncate {JOBS} cascade".encode())
            owner.execute(b"delete from auth.users where id = any($1)", [users])
            for table in ("supajobs.lanes", "public.plan_job_types"):
                statement = f"delete from {table} where job_type = $1"
                owner.execute(statement.encode(), [QUEUE])
