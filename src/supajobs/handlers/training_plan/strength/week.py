"""A week of strength training and the target it was written for."""

import datetime as dt
from collections.abc import Iterable
from enum import StrEnum
from math import ceil
from typing import Self

from pydantic import Field, model_validator

from supajobs.handlers.training_plan.calendar import (
    PlanModel,
    PlanWeek,
    Weekday,
    check_sessions_of_week,
)
from supajobs.handlers.training_plan.strength.catalogue import CATALOGUE, Exercise, Muscle

SECONDS_PER_REP = 4
SECONDS_PER_MINUTE = 60


class SessionKind(StrEnum):
    """What a session is for."""

    STRENGTH = "strength"
    ACTIVE_RECOVERY = "active_recovery"


class Prescription(PlanModel):
    """What to do of one exercise; either a range of repetitions or a time to hold."""

    exercise: str
    name: str
    sets: int = Field(ge=1, le=8)
    reps_low: int | None = Field(default=None, ge=1)
    reps_high: int | None = Field(default=None, le=40)
    hold_seconds: int | None = Field(default=None, ge=5, le=180)
    rest_seconds: int = Field(ge=20, le=360)
    reps_in_reserve: int = Field(ge=0, le=5, description="Repetitions left when the set ends")
    percent_1rm: int | None = Field(default=None, ge=30, le=100)
    note: str = ""

    @model_validator(mode="after")
    def _is_known_and_measured(self) -> Self:
        if self.exercise not in CATALOGUE:
            raise ValueError(f"unknown exercise {self.exercise!r}")
        if self.name != self.known.name:
            raise ValueError(f"{self.exercise} is called {self.known.name!r}, not {self.name!r}")
        is_held = self.hold_seconds is not None
        if is_held != self.known.is_held or is_held != (self.reps_low is None):
            raise ValueError(f"{self.name}: give repetitions, or seconds for what is held")
        if (self.reps_low is None) != (self.reps_high is None):
            raise ValueError(f"{self.name}: give both ends of the repetition range")
        if (self.reps_low or 0) > (self.reps_high or 0):
            raise ValueError(f"{self.name}: {self.reps_low} to {self.reps_high} repetitions")
        return self

    @property
    def known(self) -> Exercise:
        """The exercise in the catalogue."""
        return CATALOGUE[self.exercise]

    @property
    def seconds(self) -> int:
        """Time for all sets with their rests."""
        return self.sets * seconds_per_set(
            self.known,
            self.hold_seconds or (self.reps_high or 0) * SECONDS_PER_REP,
            self.rest_seconds,
        )


def seconds_per_set(exercise: Exercise, work_seconds: int, rest_seconds: int) -> int:
    """Time of one set with the rest after it; one-sided exercises take the work twice."""
    return work_seconds * (2 if exercise.each_side else 1) + rest_seconds


class Finisher(PlanModel):
    """Conditioning at the end of a session, or the whole of an easy day."""

    title: str
    description: str
    duration_minutes: int = Field(gt=0)


class StrengthSession(PlanModel):
    """One session; its duration is an estimate from sets, repetitions and rests."""

    date: dt.date
    weekday: Weekday
    kind: SessionKind
    title: str
    focus: str
    duration_minutes: int = Field(gt=0)
    sets: int = Field(ge=0)
    warm_up: list[str]
    warm_up_minutes: int = Field(ge=0)
    exercises: list[Prescription]
    finisher: Finisher | None = None

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.sets != sum(item.sets for item in self.exercises):
            raise ValueError(f"{self.title!r} says {self.sets} sets, its exercises say otherwise")
        minutes = session_minutes(self.warm_up_minutes, self.exercises, self.finisher)
        if abs(minutes - self.duration_minutes) > 1:
            raise ValueError(
                f"{self.title!r} says {self.duration_minutes} minutes; its sets and rests take "
                f"{minutes}"
            )
        slugs = [item.exercise for item in self.exercises]
        if len(set(slugs)) != len(slugs):
            raise ValueError(f"{self.title!r} has the same exercise twice")
        return self


def session_minutes(
    warm_up_minutes: int, exercises: Iterable[Prescription], finisher: Finisher | None
) -> int:
    """Estimated duration of a session in whole minutes, rounded up."""
    sets = ceil(sum(item.seconds for item in exercises) / SECONDS_PER_MINUTE)
    return warm_up_minutes + sets + (finisher.duration_minutes if finisher else 0)


def count_sets(exercises: Iterable[Prescription]) -> dict[Muscle, float]:
    """Sets per muscle group: direct ones count 1, indirect ones a half."""
    counted = dict.fromkeys(Muscle, 0.0)
    for item in exercises:
        for muscle, share in item.known.muscles.items():
            counted[muscle] += share * item.sets
    return counted


class StrengthWeek(PlanWeek):
    """Seven days; sets and minutes are sums over the sessions."""

    duration_minutes: int = Field(ge=0)
    sets: int = Field(ge=0)
    sets_per_muscle: dict[Muscle, float]
    key_sessions: list[str]
    sessions: list[StrengthSession]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        check_sessions_of_week(self)
        sets = sum(session.sets for session in self.sessions)
        if sets != self.sets:
            raise ValueError(f"week {self.number} says {self.sets} sets, its sessions have {sets}")
        counted = count_sets(item for session in self.sessions for item in session.exercises)
        for muscle, number in counted.items():
            if number != self.sets_per_muscle.get(muscle, 0):
                raise ValueError(f"week {self.number} has {number:g} sets for the {muscle}")
        return self


class StrengthWeekTarget(PlanWeek):
    """What a week will hold; `sets` and `duration_minutes` are those of the sessions to come."""

    block: int = Field(ge=0, description="Which mesocycle, from 0; exercises change with it")
    reps_low: int
    reps_high: int
    reps_in_reserve: int
    volume_share: float = Field(gt=0, le=1, description="Of the weekly sets aimed at")
    most_sets: int | None = Field(default=None, description="Bound by the weeks before")
    duration_minutes: int = 0
    sets: int = 0
