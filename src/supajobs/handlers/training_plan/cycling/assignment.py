"""The plan that is to be written, and what its numbers leave to who writes it."""

import datetime as dt
from dataclasses import dataclass
from functools import cached_property

from supajobs.handlers.training_plan.calendar import DAYS_PER_WEEK, WeekKind
from supajobs.handlers.training_plan.cycling.draft import sketch_goal
from supajobs.handlers.training_plan.cycling.fitness import CTL_DAYS
from supajobs.handlers.training_plan.cycling.limits import LARGEST_CTL_RAMP
from supajobs.handlers.training_plan.cycling.outline import find_goal_date
from supajobs.handlers.training_plan.cycling.profile import Athlete
from supajobs.handlers.training_plan.cycling.ride import Ride
from supajobs.handlers.training_plan.cycling.sketch import write_ride
from supajobs.handlers.training_plan.cycling.week import CyclingWeekTarget

# How far the written weeks may be from the minutes of the outline.
SMALLEST_SHARE, LARGEST_SHARE = 0.75, 1.1
# What CTL loses in a week of the difference to the load.
WEEKLY_DECAY = 1 - (1 - 1 / CTL_DAYS) ** DAYS_PER_WEEK


@dataclass(frozen=True)
class CyclingAssignment:
    """For whom, from when, and how many weeks."""

    athlete: Athlete
    starts_on: dt.date
    weeks: int

    @property
    def ends_on(self) -> dt.date:
        """The last day."""
        return self.starts_on + dt.timedelta(weeks=self.weeks, days=-1)

    @cached_property
    def goal(self) -> Ride:
        """The event or the test that the plan ends with. It is not for the model to write."""
        date = find_goal_date(self.athlete, self.ends_on)
        return write_ride(sketch_goal(self.athlete), date, self.athlete.ftp_watts)

    def has_goal(self, week: CyclingWeekTarget) -> bool:
        """Whether the goal is in this week."""
        return week.starts_on <= self.goal.date <= week.ends_on

    def most_minutes(self, week: CyclingWeekTarget) -> int:
        """The athlete's time, less what the goal takes of it."""
        return self.athlete.weekly_minutes - self.goal.duration_minutes * self.has_goal(week)


def allowed_minutes(target: CyclingWeekTarget) -> tuple[int, int]:
    """From the fewest to the most; a taper may be as short as the days before the goal make it."""
    low = 0 if target.kind is WeekKind.TAPER else SMALLEST_SHARE
    minutes = target.preparation_minutes
    return round(minutes * low), round(minutes * LARGEST_SHARE)


def most_tss(ctl: float) -> float:
    """The load of a week, evenly spread, that raises this CTL as fast as is allowed."""
    return (ctl + LARGEST_CTL_RAMP / WEEKLY_DECAY) * DAYS_PER_WEEK
