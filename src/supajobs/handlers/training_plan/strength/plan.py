"""The strength plan; whoever wrote it, this planner or a language model, these models check it."""

from typing import Literal, Self

from pydantic import Field, model_validator

from supajobs.handlers.training_plan.calendar import (
    PlanHead,
    check_dates_of_weeks,
    check_phases,
    refuse,
)
from supajobs.handlers.training_plan.strength.limits import check_sessions, check_weeks
from supajobs.handlers.training_plan.strength.profile import Trainee
from supajobs.handlers.training_plan.strength.week import StrengthWeek, StrengthWeekTarget


class StrengthOutline(PlanHead):
    """The plan before its sessions: phases, and a target for each week."""

    discipline: Literal["strength"] = "strength"
    trainee: Trainee
    weeks: list[StrengthWeekTarget] = Field(min_length=1)


class StrengthPlan(PlanHead):
    """A strength plan in mesocycles; the validators below are its invariants."""

    discipline: Literal["strength"] = "strength"
    trainee: Trainee
    weeks: list[StrengthWeek] = Field(min_length=1)

    @model_validator(mode="after")
    def _dates_are_continuous(self) -> Self:
        check_dates_of_weeks(self.starts_on, self.ends_on, self.weeks)
        check_phases(self.phases, self.weeks)
        return self

    @model_validator(mode="after")
    def _fits_the_trainee(self) -> Self:
        refuse((*check_sessions(self.trainee, self.weeks), *check_weeks(self.trainee, self.weeks)))
        return self
