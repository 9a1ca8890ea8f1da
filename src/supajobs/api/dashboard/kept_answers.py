"""Answers that all share who ask: kept for a while, and asked for once at a time."""

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from dataclasses import dataclass
from time import monotonic
from typing import Any, TypeVar, cast

MAX_KEPT = 200  # answers, of some kB each

Answer = TypeVar("Answer")


@dataclass
class _Flight:
    """The way to an answer, and back with it."""

    task: asyncio.Task[Any]
    started_at: float
    asked_at: float
    """When somebody wanted the answer last."""
    is_outdated: bool = False

    def is_good(self, since: float) -> bool:
        """Whether what it brings may be told: also while it is under way, but never a failure."""
        if self.is_outdated:
            return False
        if not self.task.done():
            return True
        has_failed = self.task.cancelled() or self.task.exception() is not None
        return not has_failed and self.started_at > since


class KeptAnswers:
    """Those of one process. Who comes while an answer is on its way waits for that one."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._flights: dict[Hashable, _Flight] = {}
        self._under_way = set[asyncio.Task[Any]]()

    async def get(
        self,
        key: Hashable,
        max_age: float,
        ask: Callable[[], Coroutine[Any, Any, Answer]],
    ) -> Answer:
        """What `ask` answers, or has answered for this key at most `max_age` seconds ago.

        Raises:
            SupajobsError: what it raises, to all who wait for it. The next one asks anew.
        """
        now = self._clock()
        flight = self._flights.pop(key, None)
        if flight is None or not flight.is_good(now - max_age):
            flight = _Flight(asyncio.create_task(ask()), started_at=now, asked_at=now)
            self._under_way.add(flight.task)
            flight.task.add_done_callback(self._land)
        flight.asked_at = now
        # At the end, so that the first is the one not asked for longest.
        self._flights[key] = flight
        if len(self._flights) > MAX_KEPT:
            del self._flights[next(iter(self._flights))]
        # Who goes away does not take the answer from the others.
        return cast("Answer", await asyncio.shield(flight.task))

    def count_wanted(self, within: float) -> int:
        """How many different answers somebody has wanted in the last seconds."""
        since = self._clock() - within
        return sum(flight.asked_at > since for flight in self._flights.values())

    def forget(self, key: Hashable) -> None:
        """Asks anew from now on."""
        if key in self._flights:
            self._flights[key].is_outdated = True

    def forget_all(self) -> None:
        """The same of all: something was changed. They are wanted as before."""
        for flight in self._flights.values():
            flight.is_outdated = True

    def _land(self, task: asyncio.Task[Any]) -> None:
        self._under_way.discard(task)
        if not task.cancelled():
            task.exception()  # seen, also where nobody waits for it any more
