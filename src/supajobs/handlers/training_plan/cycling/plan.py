"""The cycling plan; whoever wrote it, this planner or a language model, these models check it."""

import datetime as dt
from typing import Literal, Self

from pydantic import Field, model_validator

from supajobs.handlers.training_plan.calendar import (
    PlanHead,
    PlanModel,
    check_dates_of_weeks,
    check_phases,
    refuse,
)
from supajobs.handlers.training_plan.cycling.limits import (
    check_ending,
    check_rides,
    check_weeks,
)
from supajobs.handlers.training_plan.cycling.power import ZONES, watts_at
from supajobs.handlers.training_plan.cycling.profile import Athlete
from supajobs.handlers.training_plan.cycling.week import CyclingWeek, CyclingWeekTarget


class PowerZone(PlanModel):
    """One of Coggan's zones in this athlete's watts; the last one has no upper end."""

    name: str
    watts_low: int
    watts_high: int | None


def zones_at(ftp: int) -> list[PowerZone]:
    """All zones of an athlete with this FTP in watts."""
    zones: list[PowerZone] = []
    low = 0
    for name, percent in ZONES.items():
        high = None if percent == float("inf") else watts_at(ftp, percent)
        zones.append(PowerZone(name=name, watts_low=low, watts_high=high))
        low = (high or 0) + 1
    return zones


class CyclingOutline(PlanHead):
    """The plan before its sessions: phases, and a target for each week."""

    discipline: Literal["cycling"] = "cycling"
    athlete: Athlete
    goal_date: dt.date = Field(description="The event, or the FTP test that stands for one")
    weeks: list[CyclingWeekTarget] = Field(min_length=1)


class CyclingPlan(PlanHead):
    """A periodised cycling plan; the validators below are its invariants."""

    discipline: Literal["cycling"] = "cycling"
    athlete: Athlete
    zones: list[PowerZone]
    weeks: list[CyclingWeek] = Field(min_length=1)

    @model_validator(mode="after")
    def _dates_are_continuous(self) -> Self:
        check_dates_of_weeks(self.starts_on, self.ends_on, self.weeks)
        check_phases(self.phases, self.weeks)
        return self

    @model_validator(mode="after")
    def _fits_the_athlete(self) -> Self:
        if self.zones != zones_at(self.athlete.ftp_watts):
            raise ValueError(f"the zones are not those of {self.athlete.ftp_watts} W FTP")
        refuse(
            (
                *check_rides(self.athlete, self.weeks),
                *check_weeks(self.athlete, self.weeks),
                *check_ending(self.athlete, self.weeks),
            )
        )
        return self
