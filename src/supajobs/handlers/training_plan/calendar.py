"""Dates, weekdays and phases: what the plans of both disciplines share."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import groupby
from typing import Annotated, Protocol
from zoneinfo import ZoneInfo

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

DAYS_PER_WEEK = 7

# Where on Earth a day begins first, and where it ends last.
_FIRST = dt.timezone(dt.timedelta(hours=14))
_LAST = dt.timezone(dt.timedelta(hours=-12))


class Weekday(StrEnum):
    """A day of the week, Monday first."""

    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @property
    def position(self) -> int:
        """0 for Monday to 6 for Sunday."""
        return _POSITIONS[self]

    def days_until(self, other: "Weekday") -> int:
        """Days from this weekday to the next `other`: 0 to 6."""
        return (other.position - self.position) % DAYS_PER_WEEK


_POSITIONS = {weekday: position for position, weekday in enumerate(Weekday)}


def weekday_of(day: dt.date) -> Weekday:
    """The weekday of a date."""
    return list(Weekday)[day.weekday()]


def are_neighbours(one: Weekday, other: Weekday) -> bool:
    """Whether one follows the other; Sunday and Monday do, because the weeks repeat."""
    return one.days_until(other) in {1, DAYS_PER_WEEK - 1}


def monday_of(day: dt.date) -> dt.date:
    """The Monday of the week of `day`."""
    return day - dt.timedelta(days=day.weekday())


def next_monday(day: dt.date) -> dt.date:
    """The first Monday on or after `day`."""
    return monday_of(day + dt.timedelta(days=6))


def find_days(now: dt.datetime, time_zone: str | None) -> tuple[dt.date, dt.date]:
    """The first and the last day that it may be: of this time zone, or of all on Earth."""
    if time_zone is not None:
        today = now.astimezone(ZoneInfo(time_zone)).date()
        return today, today
    return now.astimezone(_LAST).date(), now.astimezone(_FIRST).date()


def _read_weekday(value: object) -> object:
    shortest = 3  # "Tue"; fewer letters do not tell Tuesday from Thursday
    if isinstance(value, str) and len(value) >= shortest:
        for weekday in Weekday:
            if weekday.startswith(value.casefold()):
                return weekday
    raise ValueError(f"not a weekday: {value!r}; write Mon or monday, Tue or tuesday, ...")


WeekdayName = Annotated[Weekday, BeforeValidator(_read_weekday)]


class PlanModel(BaseModel):
    """Base of everything a plan consists of: frozen, and nothing beyond the declared fields."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


def refuse(problems: Iterable[str]) -> None:
    """Refuse what has problems, naming all of them at once.

    Raises:
        ValueError: there is at least one.
    """
    if found := list(dict.fromkeys(problems)):
        raise ValueError("; ".join(found))


class WeekKind(StrEnum):
    """What a week is for."""

    LOAD = "load"
    RECOVERY = "recovery"
    TAPER = "taper"


def load_blocks(weeks: int, cycle: int) -> list[list[WeekKind]]:
    """Weeks in blocks of `cycle` that end with a recovery week.

    The last block may be shorter; if it is only one or two weeks long, nobody needs a rest yet.
    """
    tired_after = 2
    sizes = [cycle] * (weeks // cycle) + ([weeks % cycle] if weeks % cycle else [])
    return [
        [WeekKind.LOAD] * size
        if size <= tired_after
        else [*[WeekKind.LOAD] * (size - 1), WeekKind.RECOVERY]
        for size in sizes
    ]


class Phase(PlanModel):
    """A run of weeks with one aim; week numbers are inclusive and start at 1."""

    name: str
    focus: str
    first_week: int = Field(ge=1)
    last_week: int = Field(ge=1)
    starts_on: dt.date
    ends_on: dt.date


class PlanHead(PlanModel):
    """What every plan and every outline begins with."""

    title: str
    summary: str
    starts_on: dt.date
    ends_on: dt.date
    phases: list[Phase] = Field(min_length=1)


class PlanWeek(PlanModel):
    """What every week begins with, be it a target or written out."""

    number: int = Field(ge=1)
    phase: str
    kind: WeekKind
    focus: str
    starts_on: dt.date
    ends_on: dt.date


class _Session(Protocol):
    @property
    def date(self) -> dt.date: ...
    @property
    def weekday(self) -> Weekday: ...
    @property
    def title(self) -> str: ...
    @property
    def duration_minutes(self) -> int: ...


class _Week(Protocol):
    @property
    def number(self) -> int: ...
    @property
    def phase(self) -> str: ...
    @property
    def starts_on(self) -> dt.date: ...
    @property
    def ends_on(self) -> dt.date: ...
    @property
    def duration_minutes(self) -> int: ...
    @property
    def key_sessions(self) -> Sequence[str]: ...
    @property
    def sessions(self) -> Sequence[_Session]: ...


def check_sessions_of_week(week: _Week) -> None:
    """Refuse a week whose minutes or key sessions are not those of its sessions.

    Raises:
        ValueError: naming the week and what does not add up.
    """
    minutes = sum(session.duration_minutes for session in week.sessions)
    if minutes != week.duration_minutes:
        raise ValueError(
            f"week {week.number} says {week.duration_minutes} minutes, its sessions add up "
            f"to {minutes}"
        )
    missing = set(week.key_sessions) - {session.title for session in week.sessions}
    if missing:
        raise ValueError(f"week {week.number} has no session {missing.pop()!r}")


def check_dates_of_weeks(starts_on: dt.date, ends_on: dt.date, weeks: Sequence[_Week]) -> None:
    """Refuse weeks that leave a gap, overlap, or hold sessions of another week.

    Raises:
        ValueError: naming the week or session and the date expected.
    """
    for index, week in enumerate(weeks):
        first = starts_on + dt.timedelta(weeks=index)
        last = first + dt.timedelta(days=DAYS_PER_WEEK - 1)
        if week.number != index + 1:
            raise ValueError(f"week {week.number} stands where week {index + 1} belongs")
        if (week.starts_on, week.ends_on) != (first, last):
            raise ValueError(f"week {week.number} must run from {first} to {last}")
        _check_session_dates(week)
    if weeks[-1].ends_on != ends_on:
        raise ValueError(f"the plan ends on {ends_on}, but its last week on {weeks[-1].ends_on}")


def _check_session_dates(week: _Week) -> None:
    dates = [session.date for session in week.sessions]
    if dates != sorted(set(dates)):
        raise ValueError(f"week {week.number}: sessions must be in order, at most one a day")
    for session in week.sessions:
        if not week.starts_on <= session.date <= week.ends_on:
            raise ValueError(f"{session.title!r} on {session.date} is outside week {week.number}")
        if weekday_of(session.date) is not session.weekday:
            raise ValueError(f"{session.title!r}: {session.date} is not a {session.weekday}")


def check_phases(phases: Sequence[Phase], weeks: Sequence[_Week]) -> None:
    """Refuse phases that do not cover the weeks exactly, in order.

    Raises:
        ValueError: naming the phase or week that is wrong.
    """
    following = 1
    for phase in phases:
        if phase.first_week != following or not following <= phase.last_week <= len(weeks):
            raise ValueError(f"phase {phase.name} must start with week {following} and end in time")
        covered = weeks[phase.first_week - 1 : phase.last_week]
        if (phase.starts_on, phase.ends_on) != (covered[0].starts_on, covered[-1].ends_on):
            raise ValueError(f"phase {phase.name} has other dates than its weeks")
        for week in covered:
            if week.phase != phase.name:
                raise ValueError(f"week {week.number} says {week.phase}, but lies in {phase.name}")
        following = phase.last_week + 1
    if following != len(weeks) + 1:
        raise ValueError(f"no phase covers week {following}")


def outline_phases(weeks: Sequence[PlanWeek], focus: Mapping[str, str]) -> list[Phase]:
    """The phases that the weeks spell out, in order."""
    runs = [list(run) for _, run in groupby(weeks, key=lambda week: week.phase)]
    return [
        Phase(
            name=run[0].phase,
            focus=focus[run[0].phase],
            first_week=run[0].number,
            last_week=run[-1].number,
            starts_on=run[0].starts_on,
            ends_on=run[-1].ends_on,
        )
        for run in runs
    ]
