"""Fitness, fatigue and form from daily training stress.

Sources: Eric W. Banister, Thomas W. Calvert, "A systems model of training for athletic
performance", Australian Journal of Sports Medicine, 1975 (the impulse-response model); Allen,
Coggan, McGregor, "Training and Racing with a Power Meter", 2019 (its performance manager chart).
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from supajobs.handlers.training_plan.calendar import DAYS_PER_WEEK

CTL_DAYS = 42
ATL_DAYS = 7


class Fitness(NamedTuple):
    """The state at the end of a day, in TSS per day."""

    ctl: float  # chronic training load: fitness
    atl: float  # acute training load: fatigue

    @property
    def tsb(self) -> float:
        """Training stress balance: the form with which the athlete starts the next day."""
        return self.ctl - self.atl


def after_days(start: Fitness, daily_tss: Iterable[float]) -> Fitness:
    """Fitness after some days: each day moves CTL by 1/42 and ATL by 1/7 of the difference."""
    ctl, atl = start
    for tss in daily_tss:
        ctl += (tss - ctl) / CTL_DAYS
        atl += (tss - atl) / ATL_DAYS
    return Fitness(ctl, atl)


def after_week(start: Fitness, first_day: dt.date, tss: Mapping[dt.date, float]) -> Fitness:
    """Fitness after the seven days from `first_day`; days without an entry are days off."""
    days = (first_day + dt.timedelta(days=day) for day in range(DAYS_PER_WEEK))
    return after_days(start, (tss.get(day, 0) for day in days))
