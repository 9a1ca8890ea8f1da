"""Asking for jobs from code that has no event loop."""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from types import TracebackType
from typing import Any, Self, TypeVar, Unpack
from uuid import UUID

from pydantic import JsonValue, SecretStr

from supajobs.client import Client, NewJob
from supajobs.errors import SupajobsError
from supajobs.job_types import JobType, Params
from supajobs.jobs import Job
from supajobs.queue.answers import Enqueued, Signalled
from supajobs.queue.requests import JobOptions
from supajobs.schedules import Schedule, ScheduleOptions

Answer = TypeVar("Answer")


class SyncClient:
    """A Client in an event loop of its own thread, for any number of threads that wait for it.

    It opens with the first call, also anew in a process that was forked since, and closes with the
    context, if there is one. A server keeps one for as long as it lives.
    """

    def __init__(self, open_client: Callable[[], AbstractAsyncContextManager[Client]]) -> None:
        self._open_client = open_client
        self._opening = threading.Lock()
        self._session: _Session | None = None

    def enqueue(
        self,
        job_type: JobType[Params] | str,
        params: Params | Mapping[str, JsonValue],
        *,
        user_id: UUID | None,
        **options: Unpack[JobOptions],
    ) -> Enqueued:
        """See Supajobs.enqueue."""
        return self._ask(
            lambda client: client.enqueue(job_type, params, user_id=user_id, **options)
        )

    def enqueue_many(self, new: Sequence[NewJob[Any]]) -> list[Enqueued | SupajobsError]:
        """See Supajobs.enqueue_many."""
        return self._ask(lambda client: client.enqueue_many(new))

    def schedule(
        self,
        job_type: JobType[Params] | str,
        params: Params | Mapping[str, JsonValue],
        *,
        user_id: UUID | None,
        name: str,
        **options: Unpack[ScheduleOptions],
    ) -> Schedule:
        """See Supajobs.schedule."""
        return self._ask(
            lambda client: client.schedule(job_type, params, user_id=user_id, name=name, **options)
        )

    def signal(
        self, job_id: UUID, name: str, payload: JsonValue = None, *, user_id: UUID | None
    ) -> Signalled:
        """See Supajobs.signal."""
        return self._ask(lambda client: client.signal(job_id, name, payload, user_id=user_id))

    def get(self, job_id: UUID, *, user_id: UUID | None) -> Job:
        """See Supajobs.get."""
        return self._ask(lambda client: client.get(job_id, user_id=user_id))

    def cancel(self, job_id: UUID, *, user_id: UUID | None) -> Job:
        """See Supajobs.cancel."""
        return self._ask(lambda client: client.cancel(job_id, user_id=user_id))

    def retry(
        self, job_id: UUID, *, user_id: UUID | None, provider_key: SecretStr | None = None
    ) -> Job:
        """See Supajobs.retry."""
        return self._ask(
            lambda client: client.retry(job_id, user_id=user_id, provider_key=provider_key)
        )

    def _ask(self, ask: Callable[[Client], Coroutine[Any, Any, Answer]]) -> Answer:
        with self._opening:  # what is on its way when it closes still comes back
            session = self._open()
            asked = asyncio.run_coroutine_threadsafe(ask(session.client), session.loop)
        return asked.result()

    def close(self) -> None:
        """Closes the connections."""
        with self._opening:
            if self._session and self._session.process == os.getpid():
                self._session.close()
            self._session = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _open(self) -> "_Session":
        if self._session is None or self._session.process != os.getpid():
            self._session = _Session(self._open_client())
        return self._session


class _Session:
    """An event loop in a thread, and the client that is open in it."""

    def __init__(self, opening: AbstractAsyncContextManager[Client]) -> None:
        self.process = os.getpid()
        self.loop = asyncio.new_event_loop()
        # A daemon: a server that never closes its client could not end otherwise.
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()
        self._open = contextlib.AsyncExitStack()
        entering = self._open.enter_async_context(opening)
        try:
            self.client = asyncio.run_coroutine_threadsafe(entering, self.loop).result()
        except BaseException:
            self._end()
            raise

    def close(self) -> None:
        asyncio.run_coroutine_threadsafe(self._open.aclose(), self.loop).result()
        self._end()

    def _end(self) -> None:
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
