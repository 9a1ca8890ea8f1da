"""The queue of an embedded Supabase, for tests."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Unpack
from uuid import UUID, uuid4

import httpx
import psycopg
from psycopg.rows import DictRow, dict_row
from pydantic import JsonValue

from supajobs.app import Supajobs, find_wiring
from supajobs.client import NewJob
from supajobs.errors import SupajobsError
from supajobs.handlers.families import create_job_types
from supajobs.job_types import JobType, Params
from supajobs.jobs import Job
from supajobs.local.stack import StackInfo
from supajobs.queue.answers import Enqueued, Signalled
from supajobs.queue.requests import JobOptions
from supajobs.settings import Settings
from supajobs.worker.processor import Processor

MAX_ROUNDS = 366  # of one drain, each of which brings what waits forward: a year of daily waits
ROUND_SECONDS = 300.0  # that one may take: jobs that ask for further ones are all run in one


class StackQueue:
    """Asks for jobs, runs them, and reads how they ended.

    Its calls wait, in tests that are coroutines, too::

        def test_a_story_is_told(supajobs_queue: StackQueue) -> None:
            job = supajobs_queue.enqueue(story, StoryRequest(hero="Fox")).job
            assert supajobs_queue.drain() == {"completed": 1}
            assert supajobs_queue.read(job.id).result == {"text": "Once upon a time"}

    Job types are those that the settings in `env_file` and the environment name, and those that
    jobs are asked for by.
    """

    def __init__(self, stack: StackInfo, env_file: Path | None = None) -> None:
        self._stack = stack
        given: dict[str, Any] = {
            "supabase_url": stack.api_url,
            "SUPABASE_PUBLISHABLE_KEY": stack.publishable_key,
            "SUPABASE_SECRET_KEY": stack.secret_key,
        }
        self.settings = Settings(_env_file=env_file, **given)  # pyright: ignore[reportCallIssue] - pydantic-settings' own argument
        self._job_types = create_job_types(self.settings)

    def enqueue(
        self,
        job_type: JobType[Params] | str,
        params: Params | Mapping[str, JsonValue],
        *,
        user_id: UUID | None = None,
        **options: Unpack[JobOptions],
    ) -> Enqueued:
        """See Supajobs.enqueue. Users are made by `sign_up`."""
        self._learn(job_type)
        with self._open().sync() as client:
            return client.enqueue(job_type, params, user_id=user_id, **options)

    def enqueue_many(self, new: Sequence[NewJob[Any]]) -> list[Enqueued | SupajobsError]:
        """See Supajobs.enqueue_many."""
        for each in new:
            self._learn(each.job_type)
        with self._open().sync() as client:
            return client.enqueue_many(new)

    def signal(
        self, job_id: UUID, name: str, payload: JsonValue = None, *, user_id: UUID | None = None
    ) -> Signalled:
        """See Supajobs.signal. A job that waits for it goes on with the next `drain`."""
        with self._open().sync() as client:
            return client.signal(job_id, name, payload, user_id=user_id)

    def drain(self) -> dict[str, int]:
        """Runs jobs until none is left that can; counts their attempts by outcome.

        Nobody waits for a `run_at`, a retry or a sleep: it is brought forward to now. What waits
        for a signal, waits on; what has snoozed, until the next drain.

        Raises:
            AssertionError: jobs wait, or ask for others, again and again.
        """
        with ThreadPoolExecutor(max_workers=1) as thread:  # the caller may have a loop of its own
            return thread.submit(asyncio.run, self._drain()).result()

    async def _drain(self) -> dict[str, int]:
        settled: Counter[str] = Counter()
        async with find_wiring(self._open()).open_worker() as worker:
            for number in range(MAX_ROUNDS):
                some = self._bring_forward(number) and await self._run_due(worker.processor)
                if not some:
                    return {str(outcome): count for outcome, count in settled.items()}
                settled.update(some)
        raise AssertionError(f"jobs wait without end: {self._list_pending()}")

    async def _run_due(self, processor: Processor) -> dict[str, int]:
        try:
            async with asyncio.timeout(ROUND_SECONDS):
                return await processor.drain()
        except TimeoutError:
            why = (
                f"after {ROUND_SECONDS:g} s, there still are jobs, as if they asked for each other"
            )
            raise AssertionError(f"{why} without end: {self._list_pending()}") from None

    def read(self, job_id: UUID) -> Job:
        """A job as it is now.

        Raises:
            LookupError: there is none.
        """
        with psycopg.Connection[DictRow].connect(
            self._stack.db_url, row_factory=dict_row
        ) as database:
            row = database.execute(
                "select * from plan_generation_jobs where id = %s", [job_id]
            ).fetchone()
        if row is None:
            raise LookupError(job_id)
        return Job.model_validate(row)

    def sign_up(self) -> UUID:
        """A new user's id."""
        answer = httpx.post(
            f"{self._stack.api_url}/auth/v1/signup",
            headers={"apikey": self._stack.publishable_key},
            json={"email": f"{uuid4()}@example.com", "password": str(uuid4())},
        )
        return UUID(answer.raise_for_status().json()["user"]["id"])

    def clear(self) -> None:
        """Deletes all jobs and schedules."""
        with psycopg.connect(self._stack.db_url) as database:
            database.execute("delete from plan_job_schedules where true")
            database.execute("delete from plan_generation_jobs where true")

    def _learn(self, job_type: JobType[Any] | str) -> None:
        if not isinstance(job_type, str):
            self._job_types[job_type.name] = job_type

    def _open(self) -> Supajobs:
        return Supajobs(self.settings, job_types=self._job_types.values())

    def _bring_forward(self, rounds: int) -> int:
        """How many jobs are due now: all that wait for no signal, and have not just snoozed."""
        with psycopg.connect(self._stack.db_url) as database:
            database.execute(
                "update supajobs.waits set until = least(until, now()) where kind = 'sleep'"
            )
            return database.execute(
                "update plan_generation_jobs as job set run_at = least(run_at, now())"
                " where status = 'pending' and not exists (select from supajobs.waits as wait"
                " where job_id = job.id and name = job.waiting_for and kind = 'signal')"
                " and (%s or waiting_for is not null or run_at <= now()"
                " or 'suspended' is distinct from (select outcome"
                " from supajobs.unsuccessful_attempts where job_id = job.id"
                " order by started_at desc limit 1))",
                [rounds == 0],
            ).rowcount

    def _list_pending(self) -> str:
        with psycopg.connect(self._stack.db_url) as database:
            jobs = database.execute(
                "select job_type, id from plan_generation_jobs where status = 'pending' limit 3"
            ).fetchall()
        return ", ".join(f"{job_type} {job_id}" for job_type, job_id in jobs)
