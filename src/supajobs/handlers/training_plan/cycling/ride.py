"""A ride as the plan stores it: blocks of steps, and the numbers that follow from them."""

import datetime as dt
from collections.abc import Sequence
from enum import StrEnum
from typing import Self

from pydantic import Field, model_validator

from supajobs.handlers.training_plan.calendar import PlanModel, Weekday
from supajobs.handlers.training_plan.cycling.power import normalized_power

SECONDS_PER_MINUTE = 60
# What makes a day hard: this long at sweet spot and up, or this long above threshold.
SWEET_SPOT_PERCENT, HARD_SWEET_SPOT_SECONDS = 88, 8 * SECONDS_PER_MINUTE
SUPRATHRESHOLD_PERCENT, HARD_SUPRATHRESHOLD_SECONDS = 105, 4 * SECONDS_PER_MINUTE


class StepKind(StrEnum):
    """What a step of a ride is for."""

    WARM_UP = "warm_up"
    WORK = "work"
    RECOVERY = "recovery"
    STEADY = "steady"
    COOL_DOWN = "cool_down"


class Step(PlanModel):
    """A stretch at one intensity, as percent of FTP and in watts; the middle is the target."""

    kind: StepKind
    duration_seconds: int = Field(gt=0)
    percent_ftp_low: int = Field(ge=0)
    percent_ftp_high: int = Field(le=250)
    watts_low: int = Field(ge=0)
    watts_high: int
    zone: str

    @model_validator(mode="after")
    def _low_is_below_high(self) -> Self:
        if self.percent_ftp_low > self.percent_ftp_high or self.watts_low > self.watts_high:
            raise ValueError("the low end of an intensity range is above its high end")
        return self

    @property
    def percent_ftp(self) -> float:
        """Target intensity: the middle of the range."""
        return (self.percent_ftp_low + self.percent_ftp_high) / 2

    @property
    def watts(self) -> float:
        """Target power: the middle of the range."""
        return (self.watts_low + self.watts_high) / 2


class Block(PlanModel):
    """Steps ridden in order, `repeats` times."""

    repeats: int = Field(ge=1, le=60)
    steps: list[Step] = Field(min_length=1)


class RideKind(StrEnum):
    """The families of rides."""

    RECOVERY = "recovery"
    ENDURANCE = "endurance"
    LONG_RIDE = "long_ride"
    TEMPO = "tempo"
    SWEET_SPOT = "sweet_spot"
    THRESHOLD = "threshold"
    VO2MAX = "vo2max"
    ANAEROBIC = "anaerobic"
    OPENERS = "openers"
    FTP_TEST = "ftp_test"
    EVENT = "event"


EASY_RIDES = frozenset({RideKind.RECOVERY, RideKind.ENDURANCE, RideKind.OPENERS})
GOAL_RIDES = frozenset({RideKind.FTP_TEST, RideKind.EVENT})


class Ride(PlanModel):
    """One session on the bike; duration, NP, IF and TSS follow from its blocks."""

    date: dt.date
    weekday: Weekday
    kind: RideKind
    title: str
    description: str
    is_hard: bool
    duration_minutes: int = Field(gt=0)
    normalized_power_watts: int = Field(gt=0)
    intensity_factor: float = Field(gt=0)
    tss: int = Field(ge=0)
    blocks: list[Block] = Field(min_length=1)

    @model_validator(mode="after")
    def _agrees_with_its_blocks(self) -> Self:
        steps = written_out(self.blocks)
        seconds = sum(step.duration_seconds for step in steps)
        if abs(seconds - self.duration_minutes * SECONDS_PER_MINUTE) > SECONDS_PER_MINUTE / 2:
            raise ValueError(
                f"{self.title!r} says {self.duration_minutes} minutes, its blocks add up to "
                f"{seconds / SECONDS_PER_MINUTE:g}"
            )
        watts = normalized_power([(step.duration_seconds, step.watts) for step in steps])
        if abs(watts - self.normalized_power_watts) > 1:
            raise ValueError(
                f"{self.title!r} says {self.normalized_power_watts} W normalized power, its "
                f"blocks give {watts:.0f} W"
            )
        if self.is_hard is not is_hard(self.kind, steps):
            raise ValueError(f"{self.title!r} is {'' if not self.is_hard else 'not '}a hard ride")
        return self


def written_out(blocks: Sequence[Block]) -> list[Step]:
    """All steps in riding order, repeats written out."""
    return [step for block in blocks for _ in range(block.repeats) for step in block.steps]


def is_hard(kind: RideKind, steps: Sequence[Step]) -> bool:
    """Whether a ride needs an easy day after it: by its intensity, or because it is the goal."""

    def seconds_from(percent: float) -> int:
        return sum(s.duration_seconds for s in steps if s.percent_ftp >= percent)

    return (
        kind in GOAL_RIDES
        or seconds_from(SWEET_SPOT_PERCENT) >= HARD_SWEET_SPOT_SECONDS
        or seconds_from(SUPRATHRESHOLD_PERCENT) >= HARD_SUPRATHRESHOLD_SECONDS
    )
