"""One claimed job in this process, from its start to its outcome."""

import asyncio
import math
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from opentelemetry import trace
from pydantic import JsonValue, SecretStr, ValidationError

from supajobs.causes import Cause, describe, hide, list_hidden, print_error, read_message
from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import ClaimedJob, Parent, Progress
from supajobs.loggers import get_logger
from supajobs.outcomes import Failed, Outcome, Released, Suspended, Usage, require_valid
from supajobs.queue.answers import ClaimLostError
from supajobs.storable import clean
from supajobs.waits import count_seconds, find_suspension
from supajobs.worker.handler_answers import (
    confine,
    refuse_unstorable,
    require_kind,
    require_outcome,
)
from supajobs.worker.processes import handle_in_process
from supajobs.worker.saved_work import MAX_PAUSE, SavedWork, add, ask_on
from supajobs.worker.steps import RunQueue, take_step
from supajobs.worker.threads import handle_in_thread
from supajobs.worker.told_errors import tell_user
from supajobs.worker.verdicts import (
    INVALID_PARAMS,
    LOST,
    TIMED_OUT,
    judge,
    read_error,
)

logger = get_logger(__name__)

MAX_TEXT = 2000  # characters of progress: it goes with the heartbeat, and leases depend on that
STOP_PATIENCE = 5.0  # s; a handler that swallows its cancellation is left behind after this


class Run:
    """A job, how far it is, and whether it may go on.

    `lost` says that the job is no longer ours to settle; `is_over` that the handler is to end;
    `handler` is what runs it; `left_behind` is a handler that goes on after its end.
    """

    def __init__(
        self,
        job: ClaimedJob,
        queue: RunQueue,
        on_progress: Callable[[], None],
        max_process_bytes: int | None = None,
    ) -> None:
        self.job = job
        self.progress: Progress | None = None
        self.progress_is_new = False
        self.lost = False
        self.is_over = False
        self.handler: asyncio.Task[Outcome] | None = None
        self.left_behind: asyncio.Task[Outcome] | None = None
        self._queue = queue
        self._on_progress = on_progress
        self._max_process_bytes = max_process_bytes
        self._spent: Usage | None = None
        self._saved = SavedWork(
            job, queue, clean=self._clean, note_cleaned=self.note_cleaned, let_go=self._let_go
        )
        self.find_step, self.keep_step = self._saved.find_step, self._saved.keep_step
        self.sleep, self.wait_for = self._saved.sleep, self._saved.wait_for
        self.enqueue = self._saved.enqueue
        self._provider_key: SecretStr | None = None
        self._has_read_key = False
        self._reading_key = asyncio.Lock()
        self._has_cleaned = False
        self._began = time.monotonic()
        self._is_stopped = False
        self._has_begun = False
        self._deadline: asyncio.TimerHandle | None = None
        self._last_deadline = math.inf
        self._waited = asyncio.get_running_loop().create_future()

    @property
    def age(self) -> float:
        """Seconds since it came."""
        return time.monotonic() - self._began

    def report(self, progress: Progress) -> None:
        """Takes a handler's progress; the next heartbeat carries it."""
        require_kind(progress, Progress, "report")
        self.progress = Progress(
            phase=self._clean(progress.phase[:MAX_TEXT], "progress.phase"),
            percentage=progress.percentage,
            message=self._clean(progress.message[:MAX_TEXT], "progress.message"),
        )
        self.progress_is_new = True
        self._on_progress()

    def spend(self, usage: Usage) -> None:
        """Adds to what this attempt has cost."""
        require_kind(usage, Usage, "spend")
        require_valid(usage, Usage, "usage")
        self._spent = add(self._spent, usage)
        self._saved.spend(usage)

    async def get_parents(self) -> dict[str, Parent]:
        """What the job came after, as supajobs.job_types.RunningJob says."""
        parents = await ask_on(self._queue.flows.get_parents, self.job)
        if parents is None:
            await self._let_go()
            raise ClaimLostError
        return parents

    async def get_provider_key(self) -> SecretStr | None:
        """The key that the job brought, as supajobs.job_types.RunningJob says.

        Raises:
            PermanentError: the key was erased.
            UnreadableKeyError: this process cannot decrypt it.
        """
        async with self._reading_key:
            if not self._has_read_key:
                try:
                    self._provider_key = await ask_on(self._queue.get_provider_key, self.job)
                except ClaimLostError:
                    await self._let_go()
                    raise  # not None, with which the handler would go on at our expense
                self._has_read_key = True
        return self._provider_key

    async def _let_go(self) -> None:
        """Stops a handler whose job is no longer ours: its cancellation comes before the end."""
        self.lost = True
        self.stop()
        await asyncio.sleep(STOP_PATIENCE)

    def stop(self) -> None:
        """Ends the handler's work from outside."""
        self._is_stopped = True
        self._stop_waiting()

    async def handle(self, job_type: JobType[Any]) -> Outcome:
        """Runs the handler to its end, to its deadline, or until the run is stopped.

        The outcome carries what was spent, and can be stored. Whatever else crashes on the way ends
        the attempt, for which nobody is to wait until the lease is over.
        """
        try:
            stored = await self._finish(await self._handle(job_type), job_type)
        except Exception as error:  # noqa: BLE001 - it is classified, as that of a handler
            stored = self._give_up(error)
        spent = add(stored.usage, self._spent)
        if spent and self.lost and isinstance(stored, Released):
            stored = LOST  # which tells what it cost, and gives nothing back
        return replace(stored, usage=spent)

    async def _finish(self, stored: Outcome, job_type: JobType[Any]) -> Outcome:
        """The outcome as it can be handed in."""
        while isinstance(stored, Suspended) and not self._is_stopped:
            # Nothing else is handed in with it, and the next run would do them again.
            if await self._saved.save_unanswered():
                break
            await asyncio.sleep(MAX_PAUSE)
        if job_type.runs_in != "process":  # where it has been looked at
            stored = refuse_unstorable(stored, self.note_cleaned, self.list_secrets)
        if isinstance(stored, Failed):
            return replace(stored, error=tell_user(stored.error, self.list_secrets()))
        return stored

    def _give_up(self, error: Exception) -> Failed:
        """How an attempt ends that crashed beside its handler, in a validator of its params say."""
        logger.error("run_crashed", exception=self.print_error(error))
        return replace(judge(error, self.list_secrets()), cause=self._describe(error))

    def _clean(self, text: str, where: str) -> str:
        if (cleaned := clean(text)) != text:
            self.note_cleaned(where, "it holds characters that cannot be stored")
        return cleaned

    async def _handle(self, job_type: JobType[Any]) -> Outcome:
        try:
            params = job_type.load(self.job.params)
        except ValidationError as error:
            logger.warning("params_invalid", error_count=error.error_count())
            return replace(INVALID_PARAMS, cause=self._describe(error))

        started = self._start(job_type, params)
        handler = self.handler = asyncio.create_task(started, name=job_type.name)
        ended_by_itself = await self._has_ended(handler, job_type)
        if not ended_by_itself:
            self.is_over = True
            handler.cancel()
            await asyncio.wait({handler}, timeout=STOP_PATIENCE)
        error = read_error(handler)  # once: a cancellation tells only the first time where it came
        if not handler.done():
            logger.error("handler_swallows_cancellation", runs_in=job_type.runs_in)
            self.left_behind = handler
        elif error is None:
            return require_outcome(handler.result(), job_type.handle)
        elif suspended := find_suspension(error):
            return suspended
        elif ended_by_itself:
            return self._explain(error)
        elif not handler.cancelled():
            logger.warning("handler_failed", exception=self.print_error(error), cancelled=True)
        if not self._is_stopped and not self._has_begun:
            logger.warning("handler_never_began", runs_in=job_type.runs_in)
        if self._is_stopped or not self._has_begun:
            return Released()
        return replace(TIMED_OUT, cause=self._describe(error))

    def _explain(self, error: BaseException) -> Failed:
        """Why it ended without a result: to the log in full, to the user in our words."""
        told = self.print_error(error)
        logger.warning("handler_failed", exception=told)
        secrets = self.list_secrets()
        message = hide(read_message(error), list_hidden(secrets))
        trace.get_current_span().record_exception(
            error, {"exception.message": message, "exception.stacktrace": told}
        )
        return replace(judge(error, secrets), cause=self._describe(error))

    def _describe(self, error: BaseException | None) -> Cause | None:
        return describe(error, self.list_secrets()) if error else None

    def print_error(self, error: BaseException) -> str:
        """Its traceback for the log."""
        return print_error(error, self.list_secrets())

    def list_secrets(self) -> set[str]:
        """What no description of an error may have in it."""
        key = self._provider_key
        return {*self._queue.secrets, *([key.get_secret_value()] if key else ())}

    def note_cleaned(self, where: str, why: str) -> None:
        """Says once of a job that something of it was changed to be stored."""
        if not self._has_cleaned:
            told = hide(where, list_hidden(self.list_secrets()))  # keys of the result
            logger.warning("text_cleaned", where=told, why=why)
        self._has_cleaned = True

    def log(self, level: str, event: Mapping[str, Any]) -> None:
        """Writes a line that another process has for the log."""
        # By its method, for a line may have values of any name, `level` too.
        getattr(logger, level)(**event)

    def _start(self, job_type: JobType[Any], params: Any) -> Coroutine[Any, Any, Outcome]:
        if job_type.runs_in == "process":
            return handle_in_process(self, job_type, self._max_process_bytes)
        self.begin()
        if job_type.runs_in == "thread":
            return handle_in_thread(self, job_type, params)
        job = RunningJob(
            claimed=self.job,
            report=self.report,
            spend=self.spend,
            step=partial(take_step, self.find_step, self.keep_step),
            sleep=self._sleep,
            wait_for=self._wait_for_signal,
            enqueue=self.enqueue,
            parents=self.get_parents,
            provider_key=self.get_provider_key,
            is_stopped=lambda: self.is_over,
        )
        return confine(partial(job_type.handle, job, params))

    async def _sleep(self, name: str, duration: timedelta | None = None, **units: float) -> None:
        await self.sleep(name, count_seconds(duration, **units))

    async def _wait_for_signal(self, name: str, *, timeout: timedelta) -> JsonValue:  # noqa: ASYNC109 - of days
        return await self.wait_for(name, count_seconds(timeout))

    async def _has_ended(self, handler: asyncio.Task[Outcome], job_type: JobType[Any]) -> bool:
        """Waits for it; whether it has ended by itself."""
        try:
            await self._wait_for(handler)
        except asyncio.CancelledError:  # a handler has ended the event loop, and all tasks with it
            if job_type.runs_in == "loop":
                raise  # it may be this one, whose attempt is to count as a crash
            self.stop()
            return False
        return handler.done()

    async def _wait_for(self, handler: asyncio.Task[Outcome]) -> None:
        """Until it ends, its time is over, or the run is stopped. Not asyncio.wait, for speed."""
        handler.add_done_callback(self._stop_waiting)
        loop = asyncio.get_running_loop()
        # To start a process may take seconds. The queue lets a job have its runtime and one lease.
        lease = 0 if self._has_begun else max(0.0, self.job.lease_seconds - STOP_PATIENCE)
        self._last_deadline = loop.time() + self.job.max_runtime_seconds + lease
        self._deadline = loop.call_at(self._last_deadline, self._stop_waiting)
        await self._waited
        self._deadline.cancel()

    def begin(self) -> None:
        """Says that the handler begins now, and its time with it."""
        self._has_begun = True
        if self._deadline:
            self._deadline.cancel()
            loop = asyncio.get_running_loop()
            ends_at = min(loop.time() + self.job.max_runtime_seconds, self._last_deadline)
            self._deadline = loop.call_at(ends_at, self._stop_waiting)

    def _stop_waiting(self, _handler: asyncio.Task[Outcome] | None = None) -> None:
        if not self._waited.done():
            self._waited.set_result(None)
