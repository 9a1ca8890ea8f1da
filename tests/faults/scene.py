"""A user with jobs of one type, and a queue whose answers all arrive: to arrange with."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from tests.faults.invariants import Invariants
from tests.parts import Sql

from supajobs.jobs import ClaimedJob
from supajobs.queue.job_queue import JobQueue

_LOOK = """
    select
      status, retry_count, crash_count, cancel_requested_at is not null as cancel_requested,
      progress, result, error, run_at > now() as waits_for_its_time,
      array(
        select outcome from plan_job_attempts where job_id = job.id order by ended_at, outcome
      ) as attempts,
      array(select plan from weekly_base_plans where job_id = job.id) as plans,
      array(select name from supajobs.steps where job_id = job.id) as steps
    from plan_generation_jobs as job
    where id = %s
"""


def add_user(sql: Sql) -> UUID:
    user_id = uuid4()
    sql.execute("insert into auth.users (id) values (%s)", [user_id])
    return user_id


@dataclass(frozen=True)
class Scene:
    user_id: UUID
    job_type: str
    queue: JobQueue
    sql: Sql
    invariants: Invariants

    async def enqueue(self, count: int, **params: Any) -> list[UUID]:
        enqueued = [
            await self.queue.enqueue(user_id=self.user_id, job_type=self.job_type, params=params)
            for _ in range(count)
        ]
        return [each.job.id for each in enqueued]

    async def claim(self, count: int) -> list[ClaimedJob]:
        """Claims waiting jobs as a worker of its own."""
        jobs = await self.queue.claim(
            claim_id=uuid4(), worker_id="test", max_jobs=count, job_types=[self.job_type]
        )
        assert len(jobs) == count
        return jobs

    async def start(self, count: int) -> list[ClaimedJob]:
        await self.enqueue(count)
        return await self.claim(count)

    def expire(self, job_ids: Sequence[UUID]) -> None:
        """Lets the leases of those that run end now, and the next claim sweep."""
        self.sql.execute(
            "update plan_generation_jobs set lease_expires_at = now() - interval '1 minute' "
            "where id = any(%s) and status = 'processing'",
            [job_ids],
        )
        self.sql.execute("update supajobs.sweeps set swept_at = '-infinity'")

    def sweep(self, job_ids: Sequence[UUID]) -> None:
        """Takes those that run away from who has them: no heartbeat comes in between."""
        with self.sql.transaction():
            self.expire(job_ids)
            self.sql.execute("select supajobs.sweep(1000)")

    def sweep_what_expired(self) -> None:
        """Takes away what has lost its lease by now."""
        with self.sql.transaction():
            self.sql.execute("update supajobs.sweeps set swept_at = '-infinity'")
            self.sql.execute("select supajobs.sweep(1000)")

    def look(self, job_id: UUID) -> dict[str, Any] | None:
        """What matters of a job, without its ids and times; None if it is gone."""
        return self.sql.execute(_LOOK, [job_id]).fetchone()

    def count(self, status: str) -> int:
        [row] = self.sql.execute(
            "select count(*) as jobs from plan_generation_jobs where job_type = %s and status = %s",
            [self.job_type, status],
        ).fetchall()
        return row["jobs"]
