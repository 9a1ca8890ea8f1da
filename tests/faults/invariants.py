"""What must be true of the queue whatever has happened to it, in one place.

`check` looks at the rows as they are. `finish` then shows that nothing is stuck: once its lease is
swept and its time has come, every job that has not ended can be claimed, and ends.
"""

from typing import Any, LiteralString
from uuid import UUID, uuid4

from psycopg.sql import SQL, Literal
from psycopg.types.json import Jsonb
from tests.parts import Sql

OF_EACH_JOB: dict[LiteralString, LiteralString] = {
    "its status is known": (
        "job.status in ('pending', 'processing', 'completed', 'failed', 'cancelled')"
    ),
    "it is leased if and only if it is processing": (
        "(job.status = 'processing') = (job.lease_expires_at is not null)"
    ),
    "somebody has it when it is processing": (
        "job.status <> 'processing' or (job.claim_id is not null and job.worker_id is not null "
        "and job.started_at is not null and job.lease_lost_at is null)"
    ),
    "it has an end if and only if it has ended": (
        "(job.status in ('completed', 'failed', 'cancelled')) = (job.completed_at is not null)"
    ),
    "it expires if and only if it has ended": (
        "(job.status in ('completed', 'failed', 'cancelled')) = (job.expires_at is not null)"
    ),
    "it has progress only when it is processing": (
        "job.status = 'processing' or job.progress is null"
    ),
    "it has a result and a plan only when it is completed": (
        "job.status = 'completed' or (job.result is null and job.plan_id is null)"
    ),
    "it has an error when it has failed": "job.status <> 'failed' or job.error is not null",
    "it has no error when it is completed": "job.status <> 'completed' or job.error is null",
    "it is cancelled only if somebody asked for it": (
        "job.status <> 'cancelled' or job.cancel_requested_at is not null"
    ),
    "it is completed by exactly one attempt": (
        "attempts.completed = (job.status = 'completed')::integer"
    ),
    "it has the plan that it names, and no other": (
        "plan_ids is not distinct from "
        "case when job.plan_id is not null then array[job.plan_id] end"
    ),
    "its claim has not ended while it is processing": (
        "job.status <> 'processing' or not attempts.are_of_this_claim"
    ),
    # A manual retry begins both counts anew.
    "its retries are counted": "job.retry_count = attempts.retrying",
    "its crashes are counted": (
        # The end of a swept attempt may be written over: by its late completion, or, where its
        # cancellation was asked for, from the start.
        "job.crash_count - attempts.crashed between 0 and "
        "(job.status in ('completed', 'cancelled'))::integer"
    ),
    "it is within its budgets": (
        "job.retry_count <= job.max_retries and job.crash_count <= job.max_crashes"
    ),
    "it keeps no steps when it is completed": (
        "job.status <> 'completed' or not exists "
        "(select from supajobs.steps as step where step.job_id = job.id)"
    ),
    "each of its attempts began before it ended": "attempts.are_in_time",
}

_SENTENCES = SQL(", ").join(
    SQL("({}, {})").format(Literal(sentence), SQL(condition))
    for sentence, condition in OF_EACH_JOB.items()
)

_BROKEN = SQL("""
    select job.id, said.sentence, job.status, to_jsonb(attempts) as attempts, to_jsonb(job) as job
    from plan_generation_jobs as job
    cross join lateral (
      select
        count(*) filter (where outcome = 'completed') as completed,
        count(*) filter (where outcome = 'retrying' and counts) as retrying,
        count(*) filter (where outcome = 'crashed' and counts) as crashed,
        coalesce(
          bool_or(claim_id = job.claim_id and started_at = job.started_at), false
        ) as are_of_this_claim,
        coalesce(bool_and(started_at <= ended_at), true) as are_in_time
      from (
        select *, ended_at > coalesce((%(retried)s::jsonb ->> job_id::text)::timestamptz,
          '-infinity') as counts
        from plan_job_attempts where job_id = job.id
      ) as attempt
    ) as attempts
    cross join lateral (
      select array_agg(id) as plan_ids from weekly_base_plans where job_id = job.id
    ) as plans
    cross join lateral (values {}) as said (sentence, holds)
    where job.job_type = any(%(types)s) and said.holds is not true
""").format(_SENTENCES)


class Invariants:
    """Holds the jobs of some types to them."""

    def __init__(self, sql: Sql) -> None:
        self.job_types: list[str] = []
        self._sql = sql
        self._retried: dict[str, str] = {}

    def note_retry(self, job_id: UUID) -> None:
        """To be called after each manual retry: counts begin there."""
        [row] = self._sql.execute("select clock_timestamp()::text as now").fetchall()
        self._retried[str(job_id)] = row["now"]

    def check(self) -> None:
        broken = self._sql.execute(
            _BROKEN, {"types": self.job_types, "retried": Jsonb(self._retried)}
        ).fetchall()
        assert not broken, "\n".join(f"{row['sentence']}: {row}" for row in broken)

    def finish(self) -> None:
        """Lets every lease run out and every time come, and claims and completes what is left."""
        self._sql.execute(
            "update plan_generation_jobs set lease_expires_at = '-infinity' "
            "where status = 'processing' and job_type = any(%s)",
            [self.job_types],
        )
        self._sql.execute(
            "update plan_generation_jobs set run_at = now() "
            "where status = 'pending' and turn is null and job_type = any(%s)",
            [self.job_types],
        )
        self._sql.execute(
            "update plan_job_types set max_running = null, starts_per_minute = null "
            "where job_type = any(%s)",
            [self.job_types],
        )
        while self._count("processing"):
            self._sql.execute("update supajobs.sweeps set swept_at = '-infinity'")
            self._sql.execute("select supajobs.sweep(1000)")
        while jobs := self._claim():
            self._sql.execute(
                "select complete_plan_jobs(%s)",
                [Jsonb([{"job_id": job["id"], "claim_id": job["claim_id"]} for job in jobs])],
            )
        assert not self._count("pending"), "claims pass over jobs that wait"
        self.check()

    def _claim(self) -> list[dict[str, Any]]:
        [row] = self._sql.execute(
            "select claim_plan_jobs(%s, 'the end', 1000, %s) as jobs", [uuid4(), self.job_types]
        ).fetchall()
        return row["jobs"]

    def _count(self, status: str) -> int:
        [row] = self._sql.execute(
            "select count(*) as jobs from plan_generation_jobs "
            "where status = %s and job_type = any(%s)",
            [status, self.job_types],
        ).fetchall()
        return row["jobs"]
