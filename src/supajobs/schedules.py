"""Recurring jobs: what a schedule says, and when it is due.

A cron expression is read in the local time of its zone. A local time that does not exist, because
clocks go forward, is due at the next one that does; one that comes twice is due once, at the first.
What runs in every hour of the day goes by real time instead: every 15 minutes is every 15 minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from typing import Annotated, Literal, TypedDict
from uuid import UUID
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from supajobs.errors import InvalidRequestError
from supajobs.job_options import Level, Ttl
from supajobs.outcomes import JsonObject
from supajobs.time_zones import TimeZone

HOW_TO_WRITE = "write minute, hour, day, month and weekday, as 0 6 * * MON"
HOURS_OF_A_DAY = 24
FIELDS = 5
MIN_INTERVAL = 60
MAX_INTERVAL = 366 * 86_400
MAX_DELAY = timedelta(days=366)  # from now to starts_at
MAX_CATCH_UP = 24  # missed occurrences that are enqueued at a time
PUNCTUAL = timedelta(minutes=10)  # what is late by more, was missed

Overlap = Literal["skip", "queue"]
CatchUp = Literal["none", "one", "all"]

_time_zone = TypeAdapter[str](TimeZone)


class Timetable(BaseModel):
    """When something recurs: by `cron` in a `time_zone`, or every `interval_seconds`.

    Intervals count from `starts_at`. Nothing is due before that, or after `ends_at`.
    """

    model_config = ConfigDict(frozen=True)

    cron: str | None = None
    time_zone: str | None = None
    interval_seconds: int | None = None
    starts_at: AwareDatetime | None = None
    ends_at: AwareDatetime | None = None


class ScheduleOptions(TypedDict, total=False):
    """When a job is to recur, and what else a schedule may say. See the handbook, Schedules."""

    cron: str | None
    time_zone: str | None
    interval_seconds: int | None
    starts_at: datetime | None
    ends_at: datetime | None
    priority: Level
    project_id: UUID | None
    ttl_hours: Ttl | None
    overlap: Overlap
    catch_up: CatchUp


class OfEachJob(TypedDict):
    """What a schedule says of its jobs, as a request for one has it."""

    priority: int
    project_id: UUID | None
    ttl_hours: int | None


class Schedule(Timetable):
    """A recurring job, as its owner sees it.

    Who asks for one has it in the answer::

        weekly = await jobs.schedule(
            story, StoryRequest(hero="Fox"), user_id=user_id, name="weekly", cron="0 6 * * MON",
            time_zone="Europe/Madrid",
        )
        print(weekly.id, weekly.next_run_at)
    """

    id: UUID
    user_id: Annotated[UUID | None, Field(description="Null: of the system, which no user sees.")]
    job_type: str
    name: str
    params: JsonObject
    priority: int
    project_id: UUID | None
    ttl_hours: int | None
    paused_at: AwareDatetime | None
    overlap: Overlap
    catch_up: CatchUp
    next_run_at: Annotated[AwareDatetime | None, Field(description="Null: it has ended.")]
    last_job_id: UUID | None
    last_run_at: AwareDatetime | None
    last_outcome: Annotated[
        str | None,
        Field(
            description="Of the last occurrence: created, existing, skipped, missed, or the code "
            "of what refused the job."
        ),
    ]
    created_at: AwareDatetime
    updated_at: AwareDatetime

    @property
    def params_for_now(self) -> JsonObject:
        """Those of a job besides its plan: of no occurrence, and with the zone filled in."""
        is_open = self.params.get("time_zone", "") is None
        return {**self.params, "time_zone": self.time_zone} if is_open else self.params

    @property
    def options(self) -> OfEachJob:
        """Of each of its jobs."""
        return OfEachJob(
            priority=self.priority, project_id=self.project_id, ttl_hours=self.ttl_hours
        )


class DueSchedule(Timetable):
    """What it takes to say what becomes of a schedule that is due."""

    id: UUID
    catch_up: CatchUp
    next_run_at: AwareDatetime
    period_seconds: int


@dataclass(frozen=True)
class ScheduleRun:
    """The occurrences of a schedule that are to be enqueued, and when it is due next.

    It holds for a schedule that is still due at `expected_run_at`.
    """

    schedule_id: UUID
    expected_run_at: datetime
    occurrences: list[datetime]
    next_run_at: datetime | None
    period_seconds: int | None


def next_times(timetable: Timetable, after: datetime, count: int) -> list[datetime]:
    """The next times after this one, in UTC; fewer than `count` where it ends.

    Raises:
        InvalidRequestError: there is no such time zone, or the expression cannot be read.
    """
    return list(islice(_iterate(timetable, after), count))


def read_first(timetable: Timetable, now: datetime) -> tuple[datetime, int]:
    """When a new schedule is due first, and the seconds from then to the next time.

    Raises:
        InvalidRequestError: it says nothing of when, or that is never.
    """
    _check(timetable)
    if timetable.starts_at and timetable.starts_at > now + MAX_DELAY:
        raise _refuse("starts_at", f"at most {MAX_DELAY.days} days from now")
    if timetable.ends_at and timetable.ends_at <= now:
        raise _refuse("ends_at", "it is over")
    # What comes after the end tells the period all the same.
    times = next_times(timetable.model_copy(update={"ends_at": None}), now, 2)
    if not times:
        raise _refuse("cron", f"there is never such a day; {HOW_TO_WRITE}")
    if timetable.ends_at and times[0] > timetable.ends_at:
        raise _refuse("ends_at", f"it would not run once: the first time is {times[0]:%FT%TZ}")
    return times[0], _read_period(times) or 1


def plan_run(due: DueSchedule, now: datetime) -> ScheduleRun:
    """What is to become of a schedule that is due; `now` is the database's.

    Raises:
        InvalidRequestError: see next_times.
    """
    first = due.next_run_at
    if due.catch_up == "all":
        times = [first, *next_times(due, first, MAX_CATCH_UP + 1)]
        occurrences = [time for time in times[:MAX_CATCH_UP] if time <= now]
        following = times[len(occurrences) :][:2]
    else:
        following = next_times(due, now, 2)
        latest = _find_latest(due, now)
        is_missed = due.catch_up == "none" and now - latest > PUNCTUAL
        occurrences = [] if is_missed else [latest]
    return ScheduleRun(
        schedule_id=due.id,
        expected_run_at=first,
        occurrences=occurrences,
        next_run_at=following[0] if following else None,
        period_seconds=_read_period(following),
    )


def _find_latest(due: DueSchedule, now: datetime) -> datetime:
    """The last time that is not later than now: searched for from there, for many may be missed."""
    back = timedelta(seconds=due.period_seconds)
    while (since := now - back) > due.next_run_at:
        if times := list(takewhile(lambda time: time <= now, _iterate(due, since))):
            return times[-1]
        back *= 2
    times = takewhile(lambda time: time <= now, _iterate(due, due.next_run_at))
    return max(times, default=due.next_run_at)


def _read_period(times: list[datetime]) -> int | None:
    return int((times[1] - times[0]).total_seconds()) if len(times) > 1 else None


def _iterate(timetable: Timetable, after: datetime) -> Iterator[datetime]:
    """All times after this one."""
    start, end = timetable.starts_at, timetable.ends_at
    if start and start > after:
        after = start - timedelta(microseconds=1)
    if timetable.interval_seconds is not None:
        times = _iterate_intervals(timetable.interval_seconds, start or after, after)
    else:
        times = _iterate_cron(timetable.cron or "", _find_zone(timetable.time_zone), after)
    return takewhile(lambda time: end is None or time <= end, times)


def _iterate_intervals(seconds: int, start: datetime, after: datetime) -> Iterator[datetime]:
    interval = timedelta(seconds=seconds)
    passed = (after - start) // interval
    while True:
        passed += 1
        yield (start + passed * interval).astimezone(UTC)


def _iterate_cron(cron: str, zone: ZoneInfo, after: datetime) -> Iterator[datetime]:
    local = after.astimezone(zone)
    simulated = _read_cron(cron, local)
    if len(simulated.hours) < HOURS_OF_A_DAY:
        simulated = (
            _find_existing(time, zone) for time in _read_cron(cron, local.replace(tzinfo=None))
        )
    for time in simulated:
        at = time.astimezone(UTC)
        if at > after:
            yield (after := at)


def _read_cron(cron: str, start: datetime) -> CronSim:
    """The simulation of it: of instants from an aware start on, of what clocks show from another.

    With a field for the seconds, CronSim has no rules of its own for clocks that are changed.
    """
    if len(cron.split()) != FIELDS:
        raise _refuse("cron", f"not five fields; {HOW_TO_WRITE}")
    try:
        return CronSim(f"0 {cron}", start)
    except CronSimError as error:
        raise _refuse("cron", f"{str(error).lower()}; {HOW_TO_WRITE}") from error


def _find_existing(local: datetime, zone: ZoneInfo) -> datetime:
    """The first time on or after this one that clocks show."""
    while (time := local.replace(tzinfo=zone)) != time.astimezone(UTC).astimezone(zone):
        local += timedelta(minutes=1)
    return time


def _find_zone(name: str | None) -> ZoneInfo:
    try:
        return ZoneInfo(_time_zone.validate_python(name))
    except ValidationError as error:
        raise InvalidRequestError.of(error, within="time_zone") from error


def _check(timetable: Timetable) -> None:
    """Refuses what is neither a cron expression with a zone nor an interval."""
    interval = timetable.interval_seconds
    if (timetable.cron is None) == (interval is None):
        raise _refuse("cron", "give either cron, with time_zone, or interval_seconds")
    if timetable.cron is None and timetable.time_zone is not None:
        raise _refuse("time_zone", "an interval has none: leave it out")
    if timetable.cron is not None and timetable.time_zone is None:
        raise _refuse("time_zone", "say whose time it is: Europe/Madrid, or UTC")
    if interval is not None and not MIN_INTERVAL <= interval <= MAX_INTERVAL:
        raise _refuse("interval_seconds", f"from {MIN_INTERVAL} to {MAX_INTERVAL}")


def _refuse(field: str, message: str) -> InvalidRequestError:
    return InvalidRequestError([{"loc": (field,), "msg": message}])
