"""A week on the bike and the target it was written for."""

from typing import Self

from pydantic import Field, model_validator

from supajobs.handlers.training_plan.calendar import PlanModel, PlanWeek, check_sessions_of_week
from supajobs.handlers.training_plan.cycling.ride import GOAL_RIDES, Ride


class CyclingWeek(PlanWeek):
    """Seven days; `tss` and `duration_minutes` are sums, CTL, ATL and TSB stand at its end."""

    duration_minutes: int = Field(ge=0)
    tss: int = Field(ge=0)
    ctl: float
    atl: float
    tsb: float
    key_sessions: list[str]
    sessions: list[Ride]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        check_sessions_of_week(self)
        tss = sum(ride.tss for ride in self.sessions)
        if tss != self.tss:
            raise ValueError(f"week {self.number} says {self.tss} TSS, its sessions have {tss}")
        return self

    @property
    def preparation_minutes(self) -> int:
        """Time on the bike without the event or the test."""
        return sum(r.duration_minutes for r in self.sessions if r.kind not in GOAL_RIDES)


class KeyWorkout(PlanModel):
    """A place on a ladder of workouts: the family, and how often the plan used it before."""

    family: str
    earlier_uses: int = Field(ge=0)


class CyclingWeekTarget(PlanWeek):
    """What a week will hold; `tss` and the fitness values are those of the rides to come."""

    preparation_minutes: int = Field(ge=0, description="Time to share out, without the goal itself")
    turn: int = Field(ge=0, description="Load weeks of the same phase before this one")
    key_workouts: list[KeyWorkout]
    duration_minutes: int = Field(default=0, ge=0)
    tss: int = Field(default=0, ge=0)
    ctl: float = 0
    atl: float = 0
    tsb: float = 0
