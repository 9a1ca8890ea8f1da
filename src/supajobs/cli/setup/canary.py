"""A job that goes the whole way, as proof: requested, started by what starts jobs, completed."""

import asyncio
import contextlib
import secrets
from collections.abc import AsyncGenerator
from datetime import datetime
from typing import Any
from uuid import UUID

import httpx
from pydantic import BaseModel, TypeAdapter
from supabase import AsyncClient, AsyncClientOptions
from supabase_auth.errors import AuthError

from supajobs.handlers.canary import CANARY
from supajobs.job_options import Priority
from supajobs.jobs import JobStatus
from supajobs.outcomes import JobError
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

LOOK_SECONDS = 0.5


class CanaryError(Exception):
    """It did not get through; the message says how far it came, `remedy` what to look at."""

    def __init__(self, message: str, remedy: str) -> None:
        super().__init__(message)
        self.remedy = remedy


class CanaryJob(BaseModel):
    """Where it is."""

    status: JobStatus
    worker_id: str | None
    error: JobError | None
    created_at: datetime
    started_at: datetime | None
    completed_at: datetime | None


_rows = TypeAdapter(list[CanaryJob])


async def send_canary(database: Database, *, timeout: float) -> CanaryJob:  # noqa: ASYNC109 - it ends with words of its own
    """Requests a job for a user made for it, and returns it when it is completed.

    The user, and with it the job, is deleted in any case.

    Raises:
        CanaryError: it was not completed in `timeout` seconds.
        SupajobsError: the database refused, or did not answer.
    """
    async with _temporary_user(database) as user_id:
        enqueued = await JobQueue(database).enqueue(
            user_id=user_id, job_type=CANARY.name, params={}, priority=Priority.HIGH
        )
        job: CanaryJob | None = None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout):
                while job is None or job.completed_at is None:
                    job = await _look(database, enqueued.job.id)
                    await asyncio.sleep(LOOK_SECONDS if job.completed_at is None else 0)
    return _judge(job, timeout)


async def _look(database: Database, job_id: UUID) -> CanaryJob:
    query = (
        database.service.from_("plan_generation_jobs")
        .select(",".join(CanaryJob.model_fields))
        .eq("id", str(job_id))
    )
    found = await database.send(query, _rows)
    if not found:
        raise CanaryError("Somebody deleted the canary.", "Try again.")
    return found[0]


def _judge(job: CanaryJob | None, seconds: float) -> CanaryJob:
    if job is None or job.started_at is None:
        raise CanaryError(
            f"No processor took the canary in {seconds:.0f} s.",
            "Start `supajobs api` or `supajobs work` of this version with these settings; see the "
            "findings below for the trigger. If the queue is paused: select resume_plan_jobs().",
        )
    if job.completed_at is None:
        raise CanaryError(
            f"{job.worker_id} took the canary, and had not completed it in {seconds:.0f} s.",
            "See its log: whether it still runs, and reaches Supabase.",
        )
    if job.status != JobStatus.COMPLETED:
        reason = f"{job.error.code}: {job.error.message}" if job.error else "nobody knows why"
        raise CanaryError(
            f"The canary ended as {job.status}: {reason}.", f"See the log of {job.worker_id}."
        )
    return job


def _open_auth(database: Database) -> Any:
    settings = database.settings
    client = AsyncClient(
        settings.supabase_origin,
        settings.supabase_secret_key.get_secret_value(),
        AsyncClientOptions(
            httpx_client=database.http, auto_refresh_token=False, persist_session=False
        ),
    )
    return client.auth.admin


@contextlib.asynccontextmanager
async def _temporary_user(database: Database) -> AsyncGenerator[UUID]:
    admin = _open_auth(database)
    email = f"supajobs-canary-{secrets.token_hex(8)}@example.com"
    try:
        made = await admin.create_user({"email": email, "email_confirm": True})
    except (AuthError, httpx.HTTPError) as error:
        raise CanaryError(
            f"No user could be made for the canary: {type(error).__name__}: {error}",
            "See the Dashboard's Auth logs; triggers of your own on auth.users may refuse it.",
        ) from error
    try:
        yield UUID(made.user.id)
    finally:
        try:
            await admin.delete_user(made.user.id)
        except (AuthError, httpx.HTTPError) as error:
            raise CanaryError(
                f"The canary's user {email} could not be deleted: {type(error).__name__}.",
                "Delete it: Dashboard → Authentication → Users.",
            ) from error
