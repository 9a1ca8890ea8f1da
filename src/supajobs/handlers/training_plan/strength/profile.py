"""The strength trainee: what the request says about them, and the snapshot a plan carries."""

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from supajobs.handlers.training_plan.calendar import PlanModel, Weekday, WeekdayName
from supajobs.handlers.training_plan.fields import (
    Between,
    Profile,
    named,
    refusal,
    refusals,
    refuse_disagreement,
)
from supajobs.handlers.training_plan.strength.equipment import (
    KNOWN_NAMES,
    Equipment,
    available,
    is_known,
)

USUAL_DAYS = 3
USUAL_SESSION_MINUTES = 60
# Four hard sets for every muscle group do not fit into less.
FEWEST_WEEKLY_MINUTES = 60
_USUAL_WEEKDAYS = {
    1: "wednesday",
    2: "monday thursday",
    3: "monday wednesday friday",
    4: "monday tuesday thursday friday",
    5: "monday tuesday thursday friday saturday",
    6: "monday tuesday wednesday thursday friday saturday",
    7: "monday tuesday wednesday thursday friday saturday sunday",
}


Name = Annotated[str, Field(max_length=100)]


class StrengthGoal(StrEnum):
    """What the trainee wants; it decides repetitions, rest and conditioning."""

    MUSCLE_GAIN = "MUSCLE_GAIN"
    FAT_LOSS = "FAT_LOSS"
    STRENGTH = "STRENGTH"
    GENERAL_FITNESS = "GENERAL_FITNESS"


class Experience(StrEnum):
    """Years of regular training, roughly: less than one, up to three, more."""

    BEGINNER = "BEGINNER"
    INTERMEDIATE = "INTERMEDIATE"
    ADVANCED = "ADVANCED"


class ProfileSnapshot(Profile):
    """A strength trainee as the request describes them; only the goal is required."""

    goal: Annotated[StrengthGoal, named(StrengthGoal)]
    training_days: Annotated[int, Between(1, 7, "days a week", "a week has seven days")] | None = (
        None
    )
    weekdays: Annotated[list[WeekdayName], Field(max_length=7, fail_fast=True)] | None = Field(
        default=None, description="The weekdays to train on; by default chosen for the trainee"
    )
    equipment: list[Name] = Field(
        default_factory=list,
        max_length=50,
        fail_fast=True,
        description=f"Any of: {KNOWN_NAMES}; bodyweight is always there",
    )
    experience: Annotated[Experience, named(Experience)] = Experience.INTERMEDIATE
    session_minutes: Annotated[
        int, Between(25, 120, "min", "the time for one session, warm-up included")
    ] = USUAL_SESSION_MINUTES

    @model_validator(mode="after")
    def _known_equipment(self) -> Self:
        unknown = [(i, name) for i, name in enumerate(self.equipment) if not is_known(name)]
        if unknown:
            raise refusals(
                (("equipment", i), f"unknown equipment {name!r}; known are {KNOWN_NAMES}", name)
                for i, name in unknown
            )
        return self

    @model_validator(mode="after")
    def _weekdays_fit(self) -> Self:
        weekdays = self.weekdays
        if weekdays is None:
            return self
        if not weekdays or len(set(weekdays)) != len(weekdays):
            raise refusal(("weekdays",), "give at least one weekday, and none twice", weekdays)
        refuse_disagreement(self.training_days, weekdays)
        return self

    @model_validator(mode="after")
    def _enough_time(self) -> Self:
        total = self.number_of_days * self.session_minutes
        if total < FEWEST_WEEKLY_MINUTES:
            raise refusal(
                ("session_minutes",),
                f"{self.number_of_days} x {self.session_minutes} minutes a week is too little to "
                f"train every muscle group: {FEWEST_WEEKLY_MINUTES} minutes a week are the least",
                self.session_minutes,
            )
        return self

    @property
    def number_of_days(self) -> int:
        """Training days a week."""
        return len(self.weekdays) if self.weekdays else self.training_days or USUAL_DAYS


class Trainee(PlanModel):
    """The person a plan was written for: the profile with every default filled in."""

    goal: StrengthGoal
    experience: Experience
    weekdays: list[Weekday] = Field(min_length=1)
    equipment: list[Equipment]
    session_minutes: int = Field(gt=0)

    @classmethod
    def from_profile(cls, profile: ProfileSnapshot) -> Self:
        """Fill in what the profile leaves open."""
        usual = [Weekday(name) for name in _USUAL_WEEKDAYS[profile.number_of_days].split()]
        return cls(
            goal=profile.goal,
            experience=profile.experience,
            weekdays=sorted(profile.weekdays or usual, key=lambda day: day.position),
            equipment=sorted(available(profile.equipment)),
            session_minutes=profile.session_minutes,
        )
