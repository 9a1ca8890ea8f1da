"""What a training plan may be asked for: the validated params of a `training_plan` job."""

import datetime as dt
from collections.abc import Mapping
from typing import Annotated, Any, Self, cast

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_snake

from supajobs.handlers.training_plan.calendar import (
    DAYS_PER_WEEK,
    find_days,
    monday_of,
    next_monday,
)
from supajobs.handlers.training_plan.cycling.profile import AthleteProfile
from supajobs.handlers.training_plan.fields import Between, refusal, refuse_unknown, snake_keys
from supajobs.handlers.training_plan.strength.profile import ProfileSnapshot
from supajobs.time_zones import TimeZone

FEWEST_WEEKS = 4
MOST_WEEKS = 24
USUAL_CYCLING_WEEKS = 12
USUAL_STRENGTH_WEEKS = 8
FURTHEST_DAYS = 366

_PROFILES: dict[str, type[BaseModel]] = {
    "athlete_profile": AthleteProfile,
    "profile_snapshot": ProfileSnapshot,
}
_BESIDE_PROFILE = ("weeks", "starts_on", "time_zone", "scheduled_for")


class TrainingPlanRequest(BaseModel):
    """Exactly one profile, and optionally how long the plan runs and from when.

    Field names are read in snake_case and camelCase. A profile field may also stand beside the
    profile, and `weeks`, `starts_on` and `time_zone` may stand inside it; what stands in both
    places must agree.
    """

    # Validation needs no clock, so stored params validate the same on every day; `check_dates`
    # holds the rules that need to know today's date.

    model_config = ConfigDict(extra="forbid", frozen=True)

    athlete_profile: AthleteProfile | None = None
    profile_snapshot: ProfileSnapshot | None = None
    weeks: (
        Annotated[
            int,
            Between(
                FEWEST_WEEKS,
                MOST_WEEKS,
                "weeks",
                "less leaves no time to adapt, and beyond half a year a plan is guesswork",
            ),
        ]
        | None
    ) = None
    starts_on: dt.date | None = Field(
        default=None, description="First day of the plan; by default the coming Monday"
    )
    time_zone: TimeZone | None = Field(
        default=None,
        description="Where the athlete is, which decides what day it is: America/New_York. Without "
        "it, today is what it is anywhere on Earth, and the coming Monday is that of UTC.",
    )
    scheduled_for: AwareDatetime | None = Field(
        default=None,
        description="Filled in by a schedule: when the plan was due, which decides what Monday is "
        "the coming one",
    )

    @model_validator(mode="before")
    @classmethod
    def _gather(cls, data: Any) -> Any:
        """Bring every field to its place and refuse what has none."""
        if not isinstance(data, Mapping):
            return data
        fields = snake_keys(cast("Mapping[str, Any]", data))
        given = [name for name in _PROFILES if fields.get(name) is not None]
        if len(given) != 1:
            raise ValueError(
                "give exactly one of athlete_profile (cycling) and profile_snapshot (strength)"
                + (", not both" if given else "")
            )
        name = given[0]
        inside = _PROFILES[name].model_fields
        refuse_unknown(fields, [*_PROFILES, *_BESIDE_PROFILE, *inside])
        if not isinstance(fields[name], Mapping):
            return fields
        profile = dict(cast("Mapping[str, Any]", fields[name]))
        for field in _BESIDE_PROFILE:
            _move(field, profile, fields)
        for field in [key for key in fields if key in inside]:
            _move(field, fields, profile)
        return {**fields, name: profile}

    @model_validator(mode="after")
    def _weeks_end_with_event(self) -> Self:
        """With a given start, the event's date alone says how many weeks there are."""
        if self.event_date is None or self.starts_on is None:
            return self
        if self.event_date < self.starts_on:
            raise refusal(
                ("athlete_profile", "event_date"),
                f"the event on {self.event_date} is before the plan starts on {self.starts_on}",
                self.event_date,
            )
        number = weeks_between(self.starts_on, self.event_date)
        if self.weeks is not None and self.weeks != number:
            raise refusal(
                ("weeks",),
                f"the event on {self.event_date} falls into week {number} of a plan that starts "
                f"on {self.starts_on}, so {self.weeks} weeks do not end with it: ask for {number} "
                f"weeks, or leave weeks or starts_on out",
                self.weeks,
            )
        if not FEWEST_WEEKS <= number <= MOST_WEEKS:
            raise refusal(
                ("starts_on",),
                f"from {self.starts_on} to the event on {self.event_date} there are {number} "
                f"weeks; a plan has {FEWEST_WEEKS} to {MOST_WEEKS}",
                self.starts_on,
            )
        return self

    @property
    def event_date(self) -> dt.date | None:
        """The day the cyclist prepares for, if there is one."""
        return self.athlete_profile.event_date if self.athlete_profile else None

    def get_today(self, now: dt.datetime) -> dt.date:
        """The day that it is then where the athlete is; without a time zone, in UTC.

        Of a plan that recurs, the day when it was due.
        """
        return find_days(self.scheduled_for or now, self.time_zone or "UTC")[0]


def _move(field: str, source: dict[str, Any], target: dict[str, Any]) -> None:
    """Move a field, in whichever spelling, unless its place holds something else."""
    spelled = next((key for key in source if to_snake(key) == field), None)
    if spelled is None:
        return
    value = source.pop(spelled)
    if value is None:
        return
    present = next((key for key in target if to_snake(key) == field), field)
    if target.get(present) not in (None, value):
        raise refusal((field,), f"{field} is given twice, with different values", value)
    target[present] = value


def weeks_between(starts_on: dt.date, day: dt.date) -> int:
    """The number of the plan week, counted from 1, that holds `day`."""
    return (day - starts_on).days // DAYS_PER_WEEK + 1


def resolve_dates(request: TrainingPlanRequest, *, today: dt.date) -> tuple[dt.date, int]:
    """First day and number of weeks of the plan.

    Without an event, plans start on `starts_on` or the coming Monday. With one, the last week is
    the event's, and weeks are counted back from it if no start was given. Never refuses: a job
    that ran late is still written, `check_dates` has spoken when it was asked for.
    """
    event = request.event_date
    usual = USUAL_CYCLING_WEEKS if request.athlete_profile else USUAL_STRENGTH_WEEKS
    if event is None:
        return request.starts_on or next_monday(today), request.weeks or usual
    if request.starts_on is not None:
        return request.starts_on, weeks_between(request.starts_on, event)
    left = weeks_between(next_monday(today), event)
    weeks = request.weeks or min(max(left, FEWEST_WEEKS), MOST_WEEKS)
    return monday_of(event) - dt.timedelta(weeks=weeks - 1), weeks


def check_dates(request: TrainingPlanRequest, now: dt.datetime) -> None:
    """Refuse dates that are impossible at the moment a request comes in.

    Without a time zone, a date is right if it is right anywhere on Earth.

    A worker that runs the job later must not call it again: a plan asked for on Sunday may be
    written on Monday.

    Raises:
        pydantic.ValidationError: located at the field, like the errors of the model itself.
    """
    if request.scheduled_for is not None:
        raise refusal(
            ("scheduled_for",), "a schedule fills it in: leave it out", request.scheduled_for
        )
    event, loc = request.event_date, ("athlete_profile", "event_date")
    starts_on = request.starts_on
    today, last_today = find_days(now, request.time_zone)
    latest = last_today + dt.timedelta(days=FURTHEST_DAYS)
    if starts_on is not None and not today <= starts_on <= latest:
        raise refusal(
            ("starts_on",),
            f"{starts_on} is not between today ({today}) and a year from now ({latest})",
            starts_on,
        )
    if event is None or starts_on is not None:
        return
    if event < today:
        raise refusal(loc, f"the event on {event} is in the past (today is {today})", event)
    if event > latest:
        raise refusal(loc, f"the event on {event} is more than a year away", event)
    first = next_monday(today)
    left = weeks_between(first, event)
    if left < FEWEST_WEEKS:
        earliest = first + dt.timedelta(weeks=FEWEST_WEEKS - 1)
        raise refusal(
            loc,
            f"the event on {event} is too close: a plan that starts on {first} needs at least "
            f"{FEWEST_WEEKS} weeks, so the earliest event date is {earliest}",
            event,
        )
    if request.weeks is not None and request.weeks > left:
        raise refusal(
            ("weeks",),
            f"only {left} weeks are left from {first} to the event on {event}, not "
            f"{request.weeks}: ask for at most {left}, or leave weeks out",
            request.weeks,
        )
