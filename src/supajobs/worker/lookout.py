"""When a processor looks for work that nobody has told it of."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Generator

from supajobs.queue.answers import Noted
from supajobs.worker import presence
from supajobs.worker.heartbeat import FOREVER
from supajobs.worker.schedules import Scheduler


class Lookout:
    """The pauses between two looks: twice as long each time, while nothing comes.

    Unless it is looking, there is no end to them but that of the scheduler's: the processor of an
    API is told of its jobs.
    """

    def __init__(
        self,
        presence: presence.Presence,
        scheduler: Scheduler,
        wake: Callable[[], None],
        tell: Callable[[], None],
    ) -> None:
        """`wake`: says that there is something to claim; `tell`: that messages are to be sent."""
        self._presence = presence
        self._scheduler = scheduler
        self._wake = wake
        self._tell = tell
        self._first = self._longest = self._seconds = FOREVER
        self._due: asyncio.TimerHandle | None = None

    @contextlib.contextmanager
    def looking(self, first: float | None, longest: float | None) -> Generator[None]:
        """Looks, `first` seconds after there were jobs, in the end every `longest` (None: not).

        It looks by the notes of the presence, whose answers tell what there is to do.
        """
        if first is not None:
            self._first = self._seconds = first
            self._longest = max(first, longest or 0.0)
            self._presence.on_answer = self._hear
        try:
            yield
        finally:
            self._put_off()

    def note(self, *, found: bool) -> None:
        """Says whether a look has found jobs."""
        self._seconds = self._first if found else min(2 * self._seconds, self._longest)

    def draw_pause(self) -> float:
        """The seconds until the next look, if nothing happens."""
        return min(spread(self._seconds), self._scheduler.seconds_left)

    def look(self) -> bool:
        """Asks what there is to do, or answers True: jobs are to be claimed, or schedules taken."""
        if self._first == FOREVER or not self._scheduler.seconds_left:
            return True
        self._presence.ask()
        return False

    def _hear(self, noted: Noted | None) -> None:
        """Takes in what a note was answered. None: nobody knows, so jobs are to be asked for."""
        if noted is None or _is_now(noted.messages_due_in):
            self._tell()
        if noted is None:
            self._wake()
            return
        self._scheduler.expect(noted.schedules_due_in)
        if _is_now(noted.jobs_due_in) or not self._scheduler.seconds_left:
            self._wake()
            return
        self.note(found=False)
        self._put_off()
        due_in = (noted.jobs_due_in, noted.schedules_due_in, noted.messages_due_in)
        later = [each for each in due_in if each and each > 0]
        if later and min(later) < presence.NOTE_SECONDS:  # else the next answer tells again
            ask = self._presence.ask
            self._due = asyncio.get_running_loop().call_later(min(later), ask)

    def _put_off(self) -> None:
        if self._due:
            self._due.cancel()
            self._due = None


def spread(seconds: float) -> float:
    """A little less, so that processors that started together drift apart."""
    return seconds * random.uniform(0.75, 1.0)  # noqa: S311 - no secret


def _is_now(due_in: float | None) -> bool:
    return due_in is not None and due_in <= 0
