"""Supajobs: what an app with background jobs, and each program of our own, is put together from."""

import contextlib
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from functools import cached_property
from types import TracebackType
from typing import Annotated, Any, Self, Unpack
from uuid import UUID

from fastapi import APIRouter, Depends, FastAPI
from pydantic import JsonValue, SecretStr

from supajobs.api.callers import authenticating
from supajobs.api.dependencies import Parts
from supajobs.api.routing import create_api, create_router
from supajobs.auth import User
from supajobs.client import Client, NewJob, open_client
from supajobs.environment import read_settings
from supajobs.errors import NotRunningError, SupajobsError
from supajobs.handlers.families import create_job_types, create_tools
from supajobs.handlers.job_modules import index_job_types
from supajobs.handlers.tools import Registry, Tools, register
from supajobs.job_types import JobType, JobTypes, Params
from supajobs.jobs import Job
from supajobs.queue.answers import Enqueued, Signalled
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.requests import JobOptions
from supajobs.schedules import Schedule, ScheduleOptions
from supajobs.settings import Settings
from supajobs.sync_client import SyncClient
from supajobs.telemetry.metrics import Metrics
from supajobs.wiring import Wiring


class Supajobs:
    """Background jobs for an app: they are asked for, run, and looked at through it.

    In a FastAPI app::

        jobs = Supajobs(job_types=[story])
        app = FastAPI(lifespan=jobs.lifespan)
        app.include_router(jobs.router, prefix="/background")

        @app.post("/books")
        async def order(user: CurrentUser) -> UUID:
            return (await jobs.enqueue(story, StoryRequest(hero="Fox"), user_id=user.id)).job.id

    Without `settings`, they are read from the environment and `.env` when they are first needed,
    which is when it opens: a module that has one can be imported without any. Without `job_types`,
    there are those that the settings name. An app's process runs jobs itself, unless the setting
    `api_runs_jobs` is off.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        job_types: Iterable[JobType[Any]] | None = None,
        tools: Tools | None = None,
    ) -> None:
        """Puts it together; nothing is opened yet, and no settings are read.

        Raises:
            JobModuleError: the job types of these settings cannot be added, or names meet.
        """
        self._settings = settings
        self._given = None if job_types is None else index_job_types(job_types)
        self._tools = tools
        self._metrics = Metrics()
        self._parts: Parts | None = None
        self._running = contextlib.AsyncExitStack()
        if settings:
            self._registry  # noqa: B018 - what is wrong with it is better told now than when it opens

    @cached_property
    def settings(self) -> Settings:
        """Those that were given, or are found in the environment and `.env`.

        Raises:
            SettingsError: settings are missing or wrong.
        """
        return self._settings or read_settings()

    @cached_property
    def _job_types(self) -> JobTypes:
        return create_job_types(self.settings) if self._given is None else self._given

    @cached_property
    def _registry(self) -> Registry:
        if self._tools is None:
            tools = create_tools(self.settings) if self._given is None else {}
        else:
            tools = self._tools
        return register(tools, self._job_types)

    def _find_parts(self) -> Parts:
        if self._parts is None:
            raise NotRunningError
        return self._parts

    @property
    def _client(self) -> Client:
        return self._find_parts().client

    @property
    def queue(self) -> JobQueue:
        """The queue's functions, for what the methods here do not do.

        Raises:
            NotRunningError: it is not open.
        """
        return self._client.queue

    @cached_property
    def router(self) -> APIRouter:
        """The routes, for `app.include_router(jobs.router, prefix="/background")`.

        What they need comes with them, and concerns no other route: problems as answers to errors,
        trace ids, limits, metrics. Browsers of other origins are the including app's to allow.
        """
        return create_router(
            lambda: self.settings, self._job_types, self._metrics, self._find_parts
        )

    @cached_property
    def app(self) -> FastAPI:
        """The routes as an app, to be served or mounted.

        The lifespan of a mounted app does not run: the outer one needs `lifespan=jobs.lifespan`.
        """
        app = create_api(
            lambda: self.settings, self._job_types, self._metrics, self._find_parts, self.lifespan
        )
        app.state.find_parts = self._find_parts
        return app

    @cached_property
    def CurrentUser(self) -> Any:  # noqa: N802 - an annotation, named as one
        """As supajobs.CurrentUser, where several Supajobs run in one process."""
        return Annotated[User, Depends(authenticating(lambda _request: self._find_parts()))]

    async def enqueue(
        self,
        job_type: JobType[Params] | str,
        params: Params | Mapping[str, JsonValue],
        *,
        user_id: UUID | None,
        **options: Unpack[JobOptions],
    ) -> Enqueued:
        """Requests a job for a user; for None, one of the system, which no user sees.

        The params are checked by the type's model, and kept as that writes them. A job type of
        which there is only the row in SQL is given by name, its params as SQL is to have them.
        Any number of calls may be made at once; they wait for each other.

        Raises:
            SupajobsError: the params are not the type's, it is not open, or see JobQueue.enqueue.
        """
        return await self._client.enqueue(job_type, params, user_id=user_id, **options)

    async def enqueue_many(self, new: Sequence[NewJob[Any]]) -> list[Enqueued | SupajobsError]:
        """Requests many jobs, 1000 in one call: for each its answer, or the error in its place."""
        return await self._client.enqueue_many(new)

    async def schedule(
        self,
        job_type: JobType[Params] | str,
        params: Params | Mapping[str, JsonValue],
        *,
        user_id: UUID | None,
        name: str,
        **options: Unpack[ScheduleOptions],
    ) -> Schedule:
        """Has a job recur for a user, or for the system (None): see the handbook, Schedules.

        It is due by `cron` in a `time_zone`, or every `interval_seconds`. The owner has one of each
        `name`: that is changed into this one, so that an app may ask for it at each start. It
        raises what ScheduleBook.create does.
        """
        return await self._client.schedule(job_type, params, user_id=user_id, name=name, **options)

    async def signal(
        self, job_id: UUID, name: str, payload: JsonValue = None, *, user_id: UUID | None
    ) -> Signalled:
        """Tells a user's job what it waits for. Raises SupajobsErrors: see the handbook, Waits."""
        return await self._client.signal(job_id, name, payload, user_id=user_id)

    async def get(self, job_id: UUID, *, user_id: UUID | None) -> Job:
        """A user's job as it is now, or for None one of the system: its status, result or error.

        Raises:
            JobNotFoundError: the user has no such job; somebody else's is none.
        """
        return await self._client.get(job_id, user_id=user_id)

    async def cancel(self, job_id: UUID, *, user_id: UUID | None) -> Job:
        """Cancels a user's job: a pending one at once, a running one within seconds.

        Raises:
            JobFinishedError: it has completed or failed.
            JobNotFoundError: the user has no such job.
        """
        return await self._client.cancel(job_id, user_id=user_id)

    async def retry(
        self, job_id: UUID, *, user_id: UUID | None, provider_key: SecretStr | None = None
    ) -> Job:
        """Runs a user's failed or cancelled job again; answers with the job that is on its way.

        It is held to the limits of a new one, and one that had brought a provider key needs it
        again. It raises SupajobsErrors, such as JobNotFinishedError: see JobQueue.retry.
        """
        return await self._client.retry(job_id, user_id=user_id, provider_key=provider_key)

    def sync(self) -> SyncClient:
        """The same for code without an event loop: scripts, Flask, Django.

        It needs nothing to be open, and runs no jobs::

            with jobs.sync() as queue:
                queue.enqueue(story, StoryRequest(hero="Fox"), user_id=user_id)
        """
        return SyncClient(lambda: open_client(self.settings, self._job_types, self._metrics))

    @contextlib.asynccontextmanager
    async def lifespan(self, _app: object = None) -> AsyncGenerator[None]:
        """For `FastAPI(lifespan=jobs.lifespan)`: it is open while the app runs."""
        async with self:
            yield

    async def __aenter__(self) -> Self:
        if self._parts:
            raise RuntimeError("This Supajobs runs already.")
        self._parts = await self._running.enter_async_context(self._wiring.open_parts())
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        try:
            await self._running.__aexit__(kind, error, traceback)
        finally:
            self._parts = None

    @cached_property
    def _wiring(self) -> Wiring:
        return Wiring(
            settings=self.settings,
            job_types=self._job_types,
            registry=self._registry,
            metrics=self._metrics,
        )


def find_wiring(jobs: Supajobs) -> Wiring:
    """What programs of our own make their parts from; no app is told of it.

    Raises:
        JobModuleError: job types cannot be added, or names meet.
    """
    return jobs._wiring  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - of this module


def create_app(
    settings: Settings, job_types: JobTypes | None = None, tools: Tools | None = None
) -> FastAPI:
    """The HTTP API, with a processor of its own that triggers and new jobs wake.

    Raises:
        JobModuleError: job types are to be added that cannot be.
    """
    named = None if job_types is None else job_types.values()
    return Supajobs(settings, job_types=named, tools=tools).app
