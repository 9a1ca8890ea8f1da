"""What the runs of a job have left for the next one: its steps, its waits, and what it was told."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar
from uuid import UUID

from pydantic import JsonValue

from supajobs.errors import SupabaseUnavailableError
from supajobs.follow_ups import JobRequest, require_request
from supajobs.jobs import ClaimedJob
from supajobs.loggers import get_logger
from supajobs.outcomes import Suspended, Usage
from supajobs.queue.answers import ClaimLostError, FoundSteps
from supajobs.storable import make_storable
from supajobs.waits import Suspension, WaitTimeoutError
from supajobs.worker.steps import RunQueue

logger = get_logger(__name__)

Answer = TypeVar("Answer")

MAX_PAUSE = 5.0  # s; between two tries of a call that a handler waits for
MAX_NAME = 255  # characters, as the queue has it


async def ask_on(call: Callable[[ClaimedJob], Awaitable[Answer]], job: ClaimedJob) -> Answer:
    """Its answer, asked for until it comes, or the run is stopped."""
    while True:
        try:
            return await call(job)
        except SupabaseUnavailableError as error:
            logger.warning("handler_waits_for_database", reason=error.reason)
            await asyncio.sleep(min(error.retry_after, MAX_PAUSE))


def add(one: Usage | None, other: Usage | None) -> Usage | None:
    """Both together."""
    return one + other if one and other else one or other


class SavedWork:
    """The steps and waits of one run, and those of the runs before.

    `let_go` ends a run whose job is no longer ours; `clean` and `note_cleaned` see to text that
    cannot be stored.
    """

    def __init__(
        self,
        job: ClaimedJob,
        queue: RunQueue,
        *,
        clean: Callable[[str, str], str],
        note_cleaned: Callable[[str, str], None],
        let_go: Callable[[], Awaitable[None]],
    ) -> None:
        self._job = job
        self._queue = queue
        self._clean = clean
        self._note_cleaned = note_cleaned
        self._let_go = let_go
        self._found: FoundSteps | None = None
        self._taken: set[tuple[str, str]] = set()
        self._unanswered: dict[str, tuple[JsonValue, Usage | None]] = {}  # steps, saved or not
        self._spent: Usage | None = None  # since the last step

    def spend(self, usage: Usage) -> None:
        """Has it counted with the next step."""
        self._spent = add(self._spent, usage)

    async def find_step(self, name: str) -> tuple[JsonValue] | None:
        """The output that an earlier run has saved of a step, which now is taken.

        Raises:
            ValueError: this run has had a step of that name, it is empty or longer than 255
                characters.
        """
        name = self._take("step", name)
        await self.save_unanswered()
        steps = (await self._find()).steps
        return (steps[name],) if name in steps else None

    async def keep_step(self, name: str, output: object) -> JsonValue:
        """Saves the output of a step that was taken, and gives it back as it is stored.

        Raises:
            UnstorableError: it cannot be stored.
            SupabaseRefusedError: the database says so.
        """
        name = self._clean(name, "step")
        stored = make_storable(output, f"steps.{name}", self._note_cleaned)
        # With all that was spent since the last one, so that nothing is counted twice or not at
        # all where steps are taken side by side.
        spent, self._spent = self._spent, None
        if await self._save_step(name, stored, spent):
            await self.save_unanswered()
        return stored

    async def enqueue(self, name: str, request: JobRequest) -> UUID:
        """The id of a job that was requested under this name, or is now.

        Raises:
            SupajobsError: it is refused; see JobQueue.enqueue.
            UnstorableError: it is nothing that can be requested.
            ValueError: as find_step.
        """
        name = self._take("step", name)
        await self.save_unanswered()
        known = (await self._find()).steps.get(name)
        if isinstance(known, dict) and isinstance(job_id := known.get("job_id"), str):
            return UUID(job_id)
        try:
            asked: Any = make_storable(request, f"steps.{name}", self._note_cleaned)
            require_request(asked, f"steps.{name}")
            requested = await ask_on(
                lambda job: self._queue.flows.enqueue(job, name, asked), self._job
            )
        except Exception:
            self._taken.discard(("step", name))  # nothing was kept: it may be asked for again
            raise
        if requested is None:
            await self._let_go()
            raise ClaimLostError
        return requested

    async def sleep(self, name: str, seconds: float) -> None:
        """Ends the handler, unless the wait of this name is over.

        Raises:
            Suspension: it is not.
            ValueError: as find_step.
        """
        name = self._take("wait", name)
        if seconds > 0 and not (await self._find()).waits.get(name):
            raise Suspension(Suspended(name, kind="sleep", seconds=seconds))

    async def wait_for(self, name: str, seconds: float) -> JsonValue:
        """The payload of the signal; ends the handler, if it can still come.

        Raises:
            Suspension: it can.
            ValueError: as find_step.
            WaitTimeoutError: the wait is over.
        """
        name = self._take("wait", name)
        found = await self._find()
        if name in found.signals:
            return found.signals[name]
        if seconds <= 0 or found.waits.get(name):
            raise WaitTimeoutError(name)
        raise Suspension(Suspended(name, kind="signal", seconds=seconds))

    def _take(self, kind: str, name: str) -> str:
        name = self._clean(name, kind)
        if (kind, name) in self._taken:
            raise ValueError(f"the job has two {kind}s named {name!r}")
        if not 1 <= len(name) <= MAX_NAME:
            raise ValueError(f"the name of a {kind} has between 1 and {MAX_NAME} characters")
        self._taken.add((kind, name))
        return name

    async def _find(self) -> FoundSteps:
        if self._found is None:
            self._found = await ask_on(self._queue.get_steps, self._job)
            if self._found.outcome == "stale":
                await self._let_go()
        return self._found

    async def save_unanswered(self) -> bool:
        """Whether all steps are saved of which there was no answer."""
        for name, (output, spent) in list(self._unanswered.items()):
            if not await self._save_step(name, output, spent):
                return False  # nor would the others be heard
        return True

    async def _save_step(self, name: str, output: JsonValue, spent: Usage | None) -> bool:
        """Whether there was an answer."""
        try:
            is_held = await self._queue.save_step(self._job, name, output, spent)
        except SupabaseUnavailableError as error:
            # The work is done, and will be handed in with the rest; only a crash would lose it. It
            # may be saved with what it cost, so another step must not tell of that as well.
            logger.warning("step_not_saved", step=name, reason=error.reason)
            self._unanswered[name] = output, spent
            return False
        self._unanswered.pop(name, None)
        if not is_held:
            await self._let_go()
        return True
