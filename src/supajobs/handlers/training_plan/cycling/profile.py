"""The cyclist: what the request says about them, and the snapshot that a plan carries."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from supajobs.handlers.training_plan.calendar import PlanModel, Weekday, WeekdayName
from supajobs.handlers.training_plan.cycling.weekdays import choose_weekdays
from supajobs.handlers.training_plan.fields import (
    Between,
    Profile,
    named,
    refusal,
    refuse_disagreement,
)

MOST_WATTS_PER_KG = 7.5
SHORTEST_AVERAGE_RIDE = 40  # minutes
LONGEST_AVERAGE_RIDE = 210  # minutes
# Hours a week that usually go with a number of rides, for whoever gives only one of the two.
USUAL_HOURS = {2: 3.5, 3: 5.0, 4: 7.0, 5: 8.5, 6: 10.0, 7: 11.5}
USUAL_DAYS = 5
# Load per hour and the share of their hours that athletes without a known CTL come from.
EASY_TSS_PER_HOUR = 50
ACCUSTOMED_SHARE = 0.7

Ftp = Annotated[
    int, Between(60, 600, "W", "FTP is the power you can hold for about an hour, in watts")
]


class CyclingGoal(StrEnum):
    """What a cyclist trains for; it decides the key sessions and the last day of the plan."""

    IMPROVE_FTP = "IMPROVE_FTP"
    GENERAL_FITNESS = "GENERAL_FITNESS"
    GRAN_FONDO = "GRAN_FONDO"
    ROAD_RACE = "ROAD_RACE"
    TIME_TRIAL = "TIME_TRIAL"


class AthleteProfile(Profile):
    """A cyclist as the request describes them; only the first three fields are required."""

    ftp: Ftp
    weight_kg: Annotated[float, Between(35, 180, "kg", "give the body weight in kilograms")]
    age: Annotated[
        int, Between(14, 90, "years", "younger athletes need a coach, not a generated plan")
    ]
    weekly_hours: (
        Annotated[
            float,
            Between(2, 25, "h", "give the hours you can train in a normal week"),
        ]
        | None
    ) = None
    training_days: (
        Annotated[int, Between(2, 7, "days a week", "two rides a week are the least that builds")]
        | None
    ) = None
    weekdays: Annotated[list[WeekdayName], Field(max_length=7, fail_fast=True)] | None = Field(
        default=None, description="The weekdays to train on; by default chosen for the athlete"
    )
    goal: Annotated[CyclingGoal, named(CyclingGoal)] = CyclingGoal.IMPROVE_FTP
    event_date: dt.date | None = None
    current_ctl: (
        Annotated[float, Between(0, 150, "TSS a day", "give today's CTL (fitness) value")] | None
    ) = None

    @model_validator(mode="after")
    def _plausible_power(self) -> Self:
        if self.ftp > MOST_WATTS_PER_KG * self.weight_kg:
            raise refusal(
                ("ftp",),
                f"{self.ftp} W at {self.weight_kg:g} kg is {self.ftp / self.weight_kg:.1f} W/kg; "
                f"the best in the world hold less than {MOST_WATTS_PER_KG} W/kg: "
                f"at most {int(MOST_WATTS_PER_KG * self.weight_kg)} W is accepted",
                self.ftp,
            )
        return self

    @model_validator(mode="after")
    def _weekdays_fit(self) -> Self:
        weekdays = self.weekdays
        if weekdays is None:
            return self
        if len(set(weekdays)) != len(weekdays):
            raise refusal(("weekdays",), "a weekday is given twice", weekdays)
        if len(weekdays) < min(USUAL_HOURS):
            raise refusal(("weekdays",), "give at least two weekdays", weekdays)
        refuse_disagreement(self.training_days, weekdays)
        return self

    @model_validator(mode="after")
    def _hours_fit_days(self) -> Self:
        hours, days = self.weekly_hours, self.number_of_days
        if hours is None:
            return self
        average = hours * 60 / days
        if average < SHORTEST_AVERAGE_RIDE:
            raise refusal(
                ("weekly_hours",),
                f"{hours:g} h a week on {days} days is {average:.0f} minutes a ride, too short to "
                f"train anything: have at least {days * SHORTEST_AVERAGE_RIDE / 60:.1f} h, or ride "
                f"on at most {int(hours * 60 // SHORTEST_AVERAGE_RIDE)} days",
                hours,
            )
        if average > LONGEST_AVERAGE_RIDE:
            raise refusal(
                ("weekly_hours",),
                f"{hours:g} h a week on {days} days is {average / 60:.1f} h a ride: give at most "
                f"{days * LONGEST_AVERAGE_RIDE / 60:g} h, or more training days",
                hours,
            )
        return self

    @property
    def number_of_days(self) -> int:
        """Training days a week: as given, or as usual for the hours."""
        if self.weekdays is not None:
            return len(self.weekdays)
        if self.training_days is not None:
            return self.training_days
        if self.weekly_hours is None:
            return USUAL_DAYS
        fitting = [d for d, usual in USUAL_HOURS.items() if usual <= self.weekly_hours]
        return max(fitting, default=min(USUAL_HOURS))


class Athlete(PlanModel):
    """The cyclist a plan was written for: the profile with every default filled in."""

    ftp_watts: int = Field(gt=0)
    weight_kg: float = Field(gt=0)
    age: int = Field(gt=0)
    weekly_hours: float = Field(gt=0)
    weekdays: list[Weekday] = Field(min_length=1)
    goal: CyclingGoal
    event_date: dt.date | None
    starting_ctl: float = Field(ge=0)

    @classmethod
    def from_profile(cls, profile: AthleteProfile) -> Self:
        """Fill in what the profile leaves open."""
        days = profile.number_of_days
        hours = profile.weekly_hours or USUAL_HOURS[days]
        accustomed = round(hours * ACCUSTOMED_SHARE * EASY_TSS_PER_HOUR / 7, 1)
        ctl = profile.current_ctl
        return cls(
            ftp_watts=profile.ftp,
            weight_kg=profile.weight_kg,
            age=profile.age,
            weekly_hours=hours,
            weekdays=sorted(profile.weekdays or choose_weekdays(days), key=lambda d: d.position),
            goal=profile.goal,
            event_date=profile.event_date,
            starting_ctl=accustomed if ctl is None else ctl,
        )

    @property
    def weekly_minutes(self) -> int:
        """The time the athlete has in a week, in whole minutes."""
        return int(self.weekly_hours * 60)
