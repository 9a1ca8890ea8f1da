"""The parts that tests are arranged from."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psycopg
from psycopg.rows import DictRow
from pydantic import BaseModel
from supabase import AsyncClient

from supajobs.job_types import JobType
from supajobs.jobs import ClaimedJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed, Failed, Outcome, Released, Suspended
from supajobs.queue.answers import Settled
from supajobs.queue.job_queue import JobQueue
from supajobs.settings import Settings
from supajobs.worker.processor import Processor

PROJECT = Path(__file__).parents[1]
CRON_SECRET = "a-secret-for-the-trigger"

TLS = httpx.create_ssl_context()
"""For all clients: each would read the certificates of all authorities anew, for 50 ms of CPU."""

Sql = psycopg.Connection[DictRow]


class NoParams(BaseModel):
    """The params of job types that need none."""


@dataclass(frozen=True)
class Person:
    """Somebody who signed up: `supabase` is their own client, as a phone would have it."""

    id: UUID
    access_token: str
    supabase: AsyncClient

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}


def make_settings(stack: StackInfo, **overrides: Any) -> Settings:
    given = {
        "supabase_url": stack.api_url,
        "SUPABASE_PUBLISHABLE_KEY": stack.publishable_key,
        "SUPABASE_SECRET_KEY": stack.secret_key,
        "cron_secret": CRON_SECRET,
        "port": 0,
        "worker_poll_seconds": 0.2,
        "worker_grace_seconds": 0.5,
        **overrides,
    }
    return Settings(_env_file=None, **given)  # pyright: ignore[reportCallIssue] - pydantic-settings' own argument


async def enqueue(queue: JobQueue, person: Person, job_type: str, **params: Any) -> UUID:
    return (await queue.enqueue(user_id=person.id, job_type=job_type, params=params)).job.id


async def settle(queue: JobQueue, job: ClaimedJob, outcome: Outcome) -> Settled:
    """Hands in one outcome, as the Settler does with many."""
    match outcome:
        case Completed():
            [settled] = await queue.complete([(job, outcome)])
        case Failed():
            [settled] = await queue.fail([(job, outcome)])
        case Released():
            [settled] = await queue.release([(job, outcome)])
        case Suspended():
            [settled] = await queue.suspend([(job, outcome)])
    return settled


def expire_lease(sql: Sql, job_id: UUID) -> None:
    """Lets a job's lease run out now, and the next claim sweep."""
    sql.execute(
        "update plan_generation_jobs set lease_expires_at = now() - interval '1 minute' "
        "where id = %s",
        [job_id],
    )
    sql.execute("update supajobs.sweeps set swept_at = '-infinity'")


def make_processor(
    queue: JobQueue,
    *job_types: JobType[Any],
    concurrency: int = 4,
    grace_seconds: float = 0.5,
    on_settled: Callable[[], None] = lambda: None,
) -> Processor:
    return Processor(
        queue,
        {job_type.name: job_type for job_type in job_types},
        concurrency=concurrency,
        grace_seconds=grace_seconds,
        on_settled=on_settled,
    )
