"""Asking for jobs from Python."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any, Generic, Unpack
from uuid import UUID

from pydantic import BaseModel, JsonValue, SecretStr, ValidationError
from pydantic_core import to_json

from supajobs.errors import (
    InvalidRequestError,
    JobNotFoundError,
    NotRunningError,
    SupajobsError,
)
from supajobs.event_loops import run_in
from supajobs.job_options import require_known
from supajobs.job_types import JobType, JobTypes, Params, require_job_type
from supajobs.jobs import Job
from supajobs.models.provider_keys import ProviderKeys
from supajobs.outcomes import JsonObject
from supajobs.params import dump, keep, require_params
from supajobs.queue.answers import Enqueued, Signalled, require_cancelled, require_retried
from supajobs.queue.asked import read_asked
from supajobs.queue.database import MAX_CALLS, Database
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.job_signals import require_told
from supajobs.queue.requests import Entry, JobOptions
from supajobs.queue.schedule_book import NewSchedule
from supajobs.schedules import Schedule, ScheduleOptions
from supajobs.settings import Settings
from supajobs.telemetry.metrics import Metrics

PATIENCE = 10.0  # s; for the answer to one call, from when it is sent


def read_params(
    job_type: JobType[Any] | None,
    params: BaseModel | Mapping[str, JsonValue],
    *,
    within: str,
    max_bytes: int,
) -> JsonObject:
    """The params as the queue keeps them; without a job type, as they are.

    Raises:
        InvalidRequestError: the params, which stood in the field `within`, are not the type's, or
            nothing that can be kept, or longer than `max_bytes` as JSON.
        TypeError: they are of another model, or of one that does not take back what it writes.
    """
    if job_type is not None:
        require_job_type(job_type)
        stored = _read_typed(job_type, params, within)
    elif isinstance(params, BaseModel):
        stored = dump(params, within=within)
    else:
        stored = keep(params, within=within)
    if (size := len(to_json(stored))) > max_bytes:
        reason = f"{size} bytes of JSON; {max_bytes} is the most"
        raise InvalidRequestError([{"loc": (), "msg": reason}], within=within)
    return stored


def _read_typed(
    job_type: JobType[Any], params: BaseModel | Mapping[str, JsonValue], within: str
) -> JsonObject:
    if isinstance(params, BaseModel):
        require_params(params, job_type.params)
    try:
        valid = (
            params if isinstance(params, BaseModel) else job_type.load(keep(params, within=within))
        )
        job_type.check_date(valid, datetime.now(UTC))
    except ValidationError as error:
        raise InvalidRequestError.of(error, within=within) from error
    return job_type.dump(valid, within=within)


class NewJob(Generic[Params]):
    """A job that is to be, among others that are asked for at once.

    `ref` is what later ones of the same call name it by, in their `after`::

        text = NewJob(story, StoryRequest(hero="Fox"), user_id=user_id, ref="text")
        sound = NewJob(audio, AudioRequest(), user_id=user_id, after=["text"])
        await jobs.enqueue_many([text, sound])
    """

    def __init__(
        self,
        job_type: JobType[Params] | str,
        params: Params | Mapping[str, JsonValue],
        *,
        user_id: UUID | None,
        ref: str | None = None,
        **options: Unpack[JobOptions],
    ) -> None:
        """See Supajobs.enqueue.

        Raises:
            TypeError: there is no such option.
        """
        require_known(JobOptions, options)
        self.job_type = job_type
        self.params = params
        self.user_id = user_id
        self.ref = ref
        self.options = options


class Client:
    """Asks for jobs, with connections of its own, in the event loop that it is made in.

    Callers may be in any other one, as handlers are that ask for further jobs.
    """

    def __init__(
        self,
        queue: JobQueue,
        job_types: JobTypes,
        *,
        max_params_bytes: int,
        on_enqueued: Callable[[Job], None] = lambda _job: None,
        on_cancelled: Callable[[Job], None] = lambda _job: None,
    ) -> None:
        self.queue = queue
        self._job_types = job_types
        self._max_params_bytes = max_params_bytes
        self._on_enqueued = on_enqueued
        self._on_cancelled = on_cancelled
        self._loop = asyncio.get_running_loop()
        # Callers wait here for as long as it takes; those behind it would soon be told to go.
        self._places = asyncio.Semaphore(MAX_CALLS)
        self._is_closed = False

    async def enqueue(
        self,
        job_type: JobType[Params] | str,
        params: Params | Mapping[str, JsonValue],
        *,
        user_id: UUID | None,
        **options: Unpack[JobOptions],
    ) -> Enqueued:
        """See Supajobs.enqueue."""
        return await run_in(self._loop, self._enqueue(job_type, params, user_id, options))

    async def _enqueue(
        self,
        job_type: JobType[Any] | str,
        params: BaseModel | Mapping[str, JsonValue],
        user_id: UUID | None,
        options: JobOptions,
    ) -> Enqueued:
        async with self._place():
            name, stored = self._read(job_type, params)
            enqueued = await self.queue.enqueue(
                user_id=user_id, job_type=name, params=stored, **options
            )
        self._on_enqueued(enqueued.job)
        return enqueued

    async def schedule(
        self,
        job_type: JobType[Params] | str,
        params: Params | Mapping[str, JsonValue],
        *,
        user_id: UUID | None,
        name: str,
        **options: Unpack[ScheduleOptions],
    ) -> Schedule:
        """See Supajobs.schedule."""
        scheduling = self._schedule(job_type, params, user_id, {**options, "name": name})
        return await run_in(self._loop, scheduling)

    async def _schedule(
        self,
        job_type: JobType[Any] | str,
        params: BaseModel | Mapping[str, JsonValue],
        user_id: UUID | None,
        columns: Mapping[str, Any],
    ) -> Schedule:
        async with self._place():
            name, stored = self._read(job_type, params)
            new = NewSchedule.of(**columns, job_type=name, params=stored)
            return await self.queue.schedules.put(user_id, new)

    async def signal(
        self, job_id: UUID, name: str, payload: JsonValue = None, *, user_id: UUID | None
    ) -> Signalled:
        """See Supajobs.signal."""
        return await run_in(self._loop, self._signal(job_id, name, payload, user_id))

    async def _signal(
        self, job_id: UUID, name: str, payload: JsonValue, user_id: UUID | None
    ) -> Signalled:
        async with self._place():
            signalled = await self.queue.signals.send(job_id, user_id, name, payload)
        self._on_enqueued(require_told(signalled))
        return signalled

    async def get(self, job_id: UUID, *, user_id: UUID | None) -> Job:
        """See Supajobs.get."""
        return await run_in(self._loop, self._get(job_id, user_id))

    async def _get(self, job_id: UUID, user_id: UUID | None) -> Job:
        async with self._place():
            found = await self.queue.get(job_id, user_id)
        if found.job is None:
            raise JobNotFoundError
        return found.job

    async def cancel(self, job_id: UUID, *, user_id: UUID | None) -> Job:
        """See Supajobs.cancel."""
        return await run_in(self._loop, self._cancel(job_id, user_id))

    async def _cancel(self, job_id: UUID, user_id: UUID | None) -> Job:
        async with self._place():
            job = require_cancelled(await self.queue.cancel(job_id, user_id))
        self._on_cancelled(job)
        return job

    async def retry(
        self, job_id: UUID, *, user_id: UUID | None, provider_key: SecretStr | None = None
    ) -> Job:
        """See Supajobs.retry."""
        return await run_in(self._loop, self._retry(job_id, user_id, provider_key))

    async def _retry(
        self, job_id: UUID, user_id: UUID | None, provider_key: SecretStr | None
    ) -> Job:
        async with self._place():
            job = require_retried(await self.queue.retry(job_id, user_id, provider_key))
        self._on_enqueued(job)
        return job

    def _read(
        self, job_type: JobType[Any] | str, params: BaseModel | Mapping[str, JsonValue]
    ) -> tuple[str, JsonObject]:
        """The name of the type, and the params as the queue keeps them."""
        named = self._job_types.get(job_type) if isinstance(job_type, str) else job_type
        stored = read_params(named, params, within="params", max_bytes=self._max_params_bytes)
        return (job_type if isinstance(job_type, str) else job_type.name), stored

    @asynccontextmanager
    async def _place(self) -> AsyncGenerator[None]:
        self._require_open()  # once it is closed, there are no places any more
        async with self._places:
            self._require_open()
            yield

    async def enqueue_many(self, new: Sequence[NewJob[Any]]) -> list[Enqueued | SupajobsError]:
        """See Supajobs.enqueue_many."""
        return await run_in(self._loop, self._enqueue_many(new))

    async def _enqueue_many(self, new: Sequence[NewJob[Any]]) -> list[Enqueued | SupajobsError]:
        read = [self._read_entry(each) for each in new]
        async with self._place():
            answers = await self.queue.enqueue_many(read)
        for answer in answers:
            if isinstance(answer, Enqueued):
                self._on_enqueued(answer.job)
        return answers

    def _read_entry(self, new: NewJob[Any]) -> Entry | InvalidRequestError:
        try:
            job_type, params = self._read(new.job_type, new.params)
            user_id, options = read_asked(new.user_id, new.options)
        except InvalidRequestError as error:
            return error
        return Entry(
            user_id=user_id,
            job_type=job_type,
            params=params,
            options=options,
            ref=new.ref,
        )

    def _require_open(self) -> None:
        if self._is_closed:
            raise NotRunningError

    async def close(self) -> None:
        """Lets calls that are on their way come back; those that wait for a place are refused."""
        self._is_closed = True
        for _ in range(MAX_CALLS):
            await self._places.acquire()


@asynccontextmanager
async def open_client(
    settings: Settings,
    job_types: JobTypes,
    metrics: Metrics | None = None,
    *,
    on_enqueued: Callable[[Job], None] = lambda _job: None,
    on_cancelled: Callable[[Job], None] = lambda _job: None,
) -> AsyncGenerator[Client]:
    """A client that closes what it has opened."""
    database = Database(settings, patience=PATIENCE, loop=asyncio.get_running_loop())
    client = Client(
        JobQueue(database, metrics, ProviderKeys(settings.provider_key_secret)),
        job_types,
        max_params_bytes=settings.max_params_bytes,
        on_enqueued=on_enqueued,
        on_cancelled=on_cancelled,
    )
    try:
        yield client
    finally:
        await client.close()
        await database.close()
