"""Handlers that are no coroutines: each in a thread of its own, while the event loop goes on.

A thread cannot be stopped. Once its job has ended without it, it is told so when it next asks for
something, and the process does not wait for it.
"""

import asyncio
import contextlib
import contextvars
import inspect
import threading
from collections.abc import Callable, Coroutine
from concurrent import futures
from datetime import timedelta
from functools import partial
from typing import Any, Protocol, TypeVar

from pydantic import JsonValue

from supajobs.job_types import JobType, SyncRunningJob
from supajobs.jobs import ClaimedJob
from supajobs.outcomes import Outcome
from supajobs.storable import make_storable
from supajobs.waits import count_seconds
from supajobs.worker.handler_answers import make_raisable
from supajobs.worker.steps import take_step

Answer = TypeVar("Answer")

Ask = Callable[..., Any]
"""Calls a method of the run by its name, and waits for what it answers."""


class AskedRun(Protocol):
    """A run, as far as a thread asks it for something."""

    job: ClaimedJob
    is_over: bool


async def handle_in_thread(run: AskedRun, job_type: JobType[Any], params: Any) -> Outcome:
    """Runs the handler in a thread; after a cancellation, it still waits for its end."""
    bridge = Bridge(run)
    job = make_sync_job(run.job, bridge.ask, lambda: run.is_over)
    return await run_in_thread(partial(job_type.handle, job, params), stop=bridge.stop)


async def run_in_thread(work: Callable[[], Answer], *, stop: Callable[[], None]) -> Answer:
    """What `work` returns in a thread of its own. A first cancellation only calls `stop`."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[Answer] = loop.create_future()

    def end(set_end: Callable[[], None]) -> None:
        if not ended.done():
            set_end()

    def run() -> None:
        try:
            set_end = partial(ended.set_result, work())
        except BaseException as error:  # noqa: BLE001 - it is raised where the thread is waited for
            set_end = partial(ended.set_exception, make_raisable(error))
        with contextlib.suppress(RuntimeError):  # the loop is closed, and nobody waits
            loop.call_soon_threadsafe(end, set_end)

    # A daemon, for which the end of the process does not wait; with the log's and the trace's
    # context.
    threading.Thread(
        target=contextvars.copy_context().run, args=(run,), name="supajobs-handler", daemon=True
    ).start()
    try:
        return await asyncio.shield(ended)
    except asyncio.CancelledError:
        if ended.done():
            raise
    stop()
    return await ended  # cancelled again, as at the end of the loop, it is left alone


class Bridge:
    """The way from a thread to its run, which belongs to an event loop."""

    def __init__(self, run: AskedRun) -> None:
        self._run = run
        self._loop = asyncio.get_running_loop()
        self._waiting: set[futures.Future[Any]] = set()

    def ask(self, name: str, *arguments: object) -> Any:
        """Calls a method of the run in its loop, and waits for the answer.

        Raises:
            asyncio.CancelledError: the run is over.
        """
        if self._loop.is_closed():
            raise asyncio.CancelledError
        answer = asyncio.run_coroutine_threadsafe(self._answer(name, arguments), self._loop)
        if name != "spend":  # which is to be on record however it ends
            self._waiting.add(answer)
        try:
            return answer.result()
        except futures.CancelledError:
            raise asyncio.CancelledError from None
        finally:
            self._waiting.discard(answer)

    async def _answer(self, name: str, arguments: tuple[object, ...]) -> Any:
        if self._run.is_over and name != "spend":
            raise asyncio.CancelledError
        answer = getattr(self._run, name)(*arguments)
        return await answer if inspect.isawaitable(answer) else answer

    def stop(self) -> None:
        """Ends the waiting of the thread."""
        for answer in list(self._waiting):
            answer.cancel()


def make_sync_job(claimed: ClaimedJob, ask: Ask, is_stopped: Callable[[], bool]) -> SyncRunningJob:
    """What a handler is given that asks its run for everything."""

    async def find(name: str) -> tuple[JsonValue] | None:
        return ask("find_step", name)

    def store(value: object, name: str) -> JsonValue:
        # Here, for what cannot be stored may be nothing that a pipe takes, either.
        return make_storable(value, f"steps.{name}", partial(ask, "note_cleaned"))

    async def keep(name: str, output: JsonValue) -> JsonValue:
        return ask("keep_step", name, store(output, name))

    def step(
        name: str,
        work: Callable[[], JsonValue],
        read: Callable[[JsonValue], Any] = lambda output: output,
    ) -> Any:
        async def do() -> JsonValue:
            return work()

        return _finish(take_step(find, keep, name, do, read))

    def sleep(name: str, duration: timedelta | None = None, **units: float) -> None:
        ask("sleep", name, count_seconds(duration, **units))

    def wait_for(name: str, *, timeout: timedelta) -> JsonValue:
        return ask("wait_for", name, count_seconds(timeout))

    return SyncRunningJob(
        claimed=claimed,
        report=partial(ask, "report"),
        spend=partial(ask, "spend"),
        step=step,
        sleep=sleep,
        wait_for=wait_for,
        enqueue=lambda name, request: ask("enqueue", name, store(request, name)),
        parents=partial(ask, "get_parents"),
        provider_key=partial(ask, "get_provider_key"),
        is_stopped=is_stopped,
    )


def _finish(coroutine: Coroutine[Any, Any, Answer]) -> Answer:
    """What a coroutine returns that never waits."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise AssertionError("it waits")
