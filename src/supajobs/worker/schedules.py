"""Taking the schedules that are due: any processor does, and each occurrence is one job."""

import math
import random
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from supajobs.errors import InvalidRequestError, SupajobsError
from supajobs.loggers import get_logger
from supajobs.queue.schedule_book import DueSchedules, ScheduleBook
from supajobs.schedules import DueSchedule, ScheduleRun, plan_run

if TYPE_CHECKING:
    from uuid import UUID

logger = get_logger(__name__)

LOOK_SECONDS = 60.0  # s; others may have made schedules since
LOOK_AGAIN_SECONDS = 2.0  # after a look that came to nothing: somebody else may be at it
LOOK_AFTER_FAILURE_SECONDS = 10.0
SPREAD = 1.0  # s; so that not all processors look at the moment that something is due


class Scheduler:
    """Looks for schedules that are due, now and then. Jobs never fail with it."""

    def __init__(self, book: ScheduleBook, wake: Callable[[], None]) -> None:
        """`wake`: says that there is something to claim, or more to take."""
        self._book = book
        self._wake = wake
        self._look_at: float | None = None
        self._looked_at = -math.inf
        self._is_failing = False
        self._aside: dict[UUID, float] = {}  # and until when

    @property
    def seconds_left(self) -> float:
        """Until the next look; for ever, where there was none yet: a drain begins with one."""
        return math.inf if self._look_at is None else max(0.0, self._look_at - time.monotonic())

    def expect(self, due_in: float | None) -> None:
        """Says in how many seconds something is due (0 or less: it is; None: nothing is known of).

        As long as somebody says so, there is no need to look before it is due. What was due at the
        last look already could not be taken then: that is looked at no sooner for it.
        """
        now = time.monotonic()
        if due_in is None or due_in > 0:
            self._look_at = now + LOOK_SECONDS
        elif self._looked_at < now + due_in:
            self._look_at = now

    async def look(self) -> None:
        """Takes what is due, if it is time to look: some of it, if it is much."""
        if self._look_at is not None and self.seconds_left:
            return
        self._looked_at = time.monotonic()
        try:
            pause = await self._take()
        except Exception as error:
            # Whatever it is, the next look may succeed, and no job is to wait for it.
            pause = LOOK_AFTER_FAILURE_SECONDS
            if not self._is_failing:
                expected = isinstance(error, SupajobsError)
                reason = error.reason if isinstance(error, SupajobsError) else repr(error)
                logger.warning("schedules_untaken", reason=reason, exc_info=not expected)
            self._is_failing = True
        else:
            self._is_failing = False
        self._look_at = time.monotonic() + pause

    async def _take(self) -> float:
        """Takes schedules that are due; the seconds until it should look again."""
        now = time.monotonic()
        self._aside = {key: until for key, until in self._aside.items() if until > now}
        due = await self._book.get_due(without=self._aside)
        runs = [run for each in due.schedules if (run := _plan(each, due))]
        taken = await self._book.run(runs) if runs else []
        for each in taken:
            logger.info("schedule_taken", schedule_id=str(each.schedule_id), outcome=each.outcome)
        if due.has_more:  # those that cannot be taken are not to be all that is looked at
            left = {each.id for each in due.schedules} - {
                each.schedule_id for each in taken if each.outcome != "busy"
            }
            self._aside |= dict.fromkeys(left, now + LOOK_AFTER_FAILURE_SECONDS)
        if any(each.outcome not in {"stale", "busy"} for each in taken):
            self._wake()
            return 0.0  # for there may be more
        if runs or due.has_more:
            return LOOK_AGAIN_SECONDS
        if due.next_due_at is None:
            return LOOK_SECONDS
        left = (due.next_due_at - due.now).total_seconds()  # by one clock
        return min(left + random.uniform(0, SPREAD), LOOK_SECONDS)  # noqa: S311 - no secret


def _plan(schedule: DueSchedule, due: DueSchedules) -> ScheduleRun | None:
    try:
        return plan_run(schedule, due.now)
    except InvalidRequestError as error:  # it was edited by hand; `check_plan_queue` names it
        logger.warning("schedule_unreadable", schedule_id=str(schedule.id), reason=error.errors)
        return None
