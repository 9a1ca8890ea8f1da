"""When schedules are due, above all where clocks are changed."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest

from supajobs.errors import InvalidRequestError
from supajobs.schedules import (
    CatchUp,
    DueSchedule,
    Timetable,
    next_times,
    plan_run,
    read_first,
)

ZONES = ("Europe/Madrid", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca")
YEARS = (2026, 2029)  # from the first day of the one to that of the other
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)  # a Monday

# Of each expression, its minutes and hours, told once more.
DAILY: dict[str, tuple[Iterable[int], set[int]]] = {
    "30 2 * * *": ({30}, {2}),
    "15 1 * * *": ({15}, {1}),
    "0,10,40 1-3 * * *": ({0, 10, 40}, {1, 2, 3}),
    "*/15 2 * * *": ({0, 15, 30, 45}, {2}),
    "0 */2 * * *": ({0}, set(range(0, 24, 2))),
    "0 6 * * *": ({0}, {6}),
    "0 0 * * *": ({0}, {0}),
}
HOURLY: dict[str, set[int]] = {
    "0 * * * *": {0},
    "*/15 * * * *": {0, 15, 30, 45},
    "5-59/20 0-23 * * *": {5, 25, 45},
    "* */1 * * *": set(range(60)),
}


def find_changes(zone: ZoneInfo) -> list[datetime]:
    """The hours in which its clocks are changed."""
    first, last = (datetime(year, 1, 1, tzinfo=UTC) for year in YEARS)
    hours = [first + number * HOUR for number in range((last - first) // HOUR)]
    return [
        later
        for hour, later in pairwise(hours)
        if hour.astimezone(zone).utcoffset() != later.astimezone(zone).utcoffset()
    ]


class Clock:
    """What clocks show in each minute of some days: naive times, and the minutes that show them."""

    def __init__(self, zone: ZoneInfo, start: datetime, end: datetime) -> None:
        self.shown = defaultdict[datetime, list[datetime]](list)
        for number in range((end - start) // MINUTE):
            at = start + number * MINUTE
            self.shown[at.astimezone(zone).replace(tzinfo=None)].append(at)

    def first(self, local: datetime) -> datetime | None:
        """The first minute that shows this time, or else the next one that is shown."""
        if local in self.shown:
            return self.shown[local][0]
        later = [time for time in self.shown if time > local]
        return self.shown[min(later)][0] if later else None


def expect_daily(clock: Clock, minutes: Iterable[int], hours: set[int]) -> set[datetime]:
    days = sorted({local.replace(hour=0, minute=0) for local in clock.shown})
    found = {
        clock.first(day.replace(hour=hour, minute=minute))
        for day in days
        for hour in hours
        for minute in minutes
    }
    return {time for time in found if time}


def list_times(cron: str, zone: str, start: datetime, end: datetime) -> list[datetime]:
    """One after the other, as a schedule goes on from each to the next."""
    timetable, times = Timetable(cron=cron, time_zone=zone), [start]
    while times[-1] < end:
        times += next_times(timetable, times[-1], 1)
    return times[1:-1]


@pytest.mark.parametrize("zone", ZONES)
def test_all_is_due_when_clocks_say_so(zone: str) -> None:
    changes = find_changes(ZoneInfo(zone))
    assert len(changes) == 6
    for change in changes:
        start, end = change - 2 * DAY, change + 2 * DAY
        clock = Clock(ZoneInfo(zone), start - DAY, end + DAY)
        for cron, (minutes, hours) in DAILY.items():
            expected = expect_daily(clock, minutes, hours)
            due = sorted(time for time in expected if start < time < end)
            assert list_times(cron, zone, start, end) == due, (zone, change, cron)
            whole = next_times(Timetable(cron=cron, time_zone=zone), start, len(due))
            assert whole == due, (zone, change, cron)
        for cron, minutes in HOURLY.items():
            due = sorted(
                at
                for local, shown in clock.shown.items()
                for at in shown
                if start < at < end and local.minute in minutes
            )
            assert list_times(cron, zone, start, end) == due, (zone, change, cron)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        # 02:30 is 01:30 UTC in winter; on that day clocks go from 02:00 to 03:00.
        ("2026-03-29", ["2026-03-29T01:00", "2026-03-30T00:30"]),
        # Clocks go from 03:00 to 02:00, and show 02:30 twice.
        ("2026-10-25", ["2026-10-25T00:30", "2026-10-26T01:30"]),
    ],
)
def test_in_madrid(day: str, expected: list[str]) -> None:
    timetable = Timetable(cron="30 2 * * *", time_zone="Europe/Madrid")
    evening_before = datetime.fromisoformat(f"{day}T00:00Z") - 2 * HOUR
    assert [f"{time:%Y-%m-%dT%H:%M}" for time in next_times(timetable, evening_before, 2)] == (
        expected
    )


def test_nothing_is_due_twice_whenever_in_the_repeated_hour_one_asks() -> None:
    timetable = Timetable(cron="30 2 * * *", time_zone="Europe/Madrid")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    for minutes in range(120):
        [following] = next_times(timetable, first + minutes * MINUTE, 1)
        assert following == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("cron", "expected"),
    [
        ("0 6 * * MON", ["2026-12-07 05:00", "2026-12-14 05:00"]),
        ("0 6 * JAN-FEB mon", ["2027-01-04 05:00", "2027-01-11 05:00"]),
        ("*/20 9-10 1 * *", ["2026-12-01 08:00", "2026-12-01 08:20"]),
        ("0 0 29 2 *", ["2028-02-28 23:00", "2032-02-28 23:00"]),
        ("0 0 1,15 * *", ["2026-11-30 23:00", "2026-12-14 23:00"]),
    ],
)
def test_names_ranges_and_steps_are_understood(cron: str, expected: list[str]) -> None:
    times = next_times(Timetable(cron=cron, time_zone="Europe/Madrid"), NOW, 2)
    assert [f"{time:%Y-%m-%d %H:%M}" for time in times] == expected


def test_intervals_count_from_the_start() -> None:
    timetable = Timetable(interval_seconds=5400, starts_at=datetime(2026, 1, 1, tzinfo=UTC))
    assert next_times(timetable, NOW, 2) == [NOW + 1.5 * HOUR, NOW + 3 * HOUR]
    later = timetable.model_copy(update={"starts_at": NOW + DAY})
    assert next_times(later, NOW, 2) == [NOW + DAY, NOW + DAY + 1.5 * HOUR]


def test_nothing_is_due_before_the_start_or_after_the_end() -> None:
    timetable = Timetable(
        cron="0 * * * *", time_zone="UTC", starts_at=NOW + 2 * HOUR, ends_at=NOW + 3 * HOUR
    )
    assert next_times(timetable, NOW, 5) == [NOW + 2 * HOUR, NOW + 3 * HOUR]


@pytest.mark.parametrize(
    ("timetable", "field", "message"),
    [
        ({"cron": "0 6 * *", "time_zone": "UTC"}, "cron", "not five fields"),
        ({"cron": "0 0 6 * * MON", "time_zone": "UTC"}, "cron", "not five fields"),
        ({"cron": "@daily", "time_zone": "UTC"}, "cron", "not five fields"),
        ({"cron": "60 6 * * *", "time_zone": "UTC"}, "cron", "bad minute"),
        ({"cron": "0 6 * * LUN", "time_zone": "UTC"}, "cron", "bad day-of-week"),
        ({"cron": "0 6 30 2 *", "time_zone": "UTC"}, "cron", "bad day-of-month"),
        ({"cron": "0 6 * 2 MON#5,TUE#5", "time_zone": "Mars/Olympus"}, "time_zone", "Mars"),
        ({"cron": "0 6 * * *", "time_zone": "Europe"}, "time_zone", "unknown time zone 'Europe'"),
        ({"cron": "0 6 * * *", "time_zone": "localtime"}, "time_zone", "unknown time zone"),
        ({"cron": "0 6 * * *"}, "time_zone", "say whose time"),
        ({}, "cron", "give either"),
        ({"cron": "0 6 * * *", "interval_seconds": 60}, "cron", "give either"),
        ({"interval_seconds": 60, "time_zone": "UTC"}, "time_zone", "has none"),
        ({"interval_seconds": 59}, "interval_seconds", "from 60 to"),
        ({"interval_seconds": 60, "ends_at": NOW}, "ends_at", "is over"),
        ({"interval_seconds": 60, "starts_at": NOW + 367 * DAY}, "starts_at", "366 days"),
        (
            {"cron": "0 6 * * *", "time_zone": "UTC", "ends_at": NOW + HOUR},
            "ends_at",
            "the first time is 2026-12-01T06:00:00Z",
        ),
    ],
)
def test_what_is_wrong_is_named(timetable: dict[str, Any], field: str, message: str) -> None:
    with pytest.raises(InvalidRequestError) as refused:
        read_first(Timetable(**timetable), NOW)
    [error] = refused.value.errors
    assert error["field"] == field
    assert message in error["message"]


def test_the_period_is_that_between_the_next_two() -> None:
    weekly = Timetable(cron="0 6 * * MON", time_zone="UTC", ends_at=NOW + 10 * DAY)
    assert read_first(weekly, NOW) == (datetime(2026, 12, 7, 6, tzinfo=UTC), 7 * 86_400)


def make_due(catch_up: CatchUp, late: timedelta, **timetable: Any) -> DueSchedule:
    """An hourly schedule that is due since so long before NOW."""
    given = timetable or {"cron": "0 * * * *", "time_zone": "UTC"}
    return DueSchedule(
        id=uuid4(), catch_up=catch_up, next_run_at=NOW - late, period_seconds=3600, **given
    )


@pytest.mark.parametrize("catch_up", ["none", "one", "all"])
def test_what_is_punctual_runs_once(catch_up: CatchUp) -> None:
    due = make_due(catch_up, timedelta(0))
    run = plan_run(due, NOW + 5 * MINUTE)
    assert (run.schedule_id, run.expected_run_at) == (due.id, NOW)
    assert (run.occurrences, run.next_run_at, run.period_seconds) == ([NOW], NOW + HOUR, 3600)


@pytest.mark.parametrize(
    ("catch_up", "occurrences"),
    [("none", []), ("one", [NOW]), ("all", [NOW - 2 * HOUR, NOW - HOUR, NOW])],
)
def test_what_was_missed_is_caught_up_with(catch_up: CatchUp, occurrences: list[datetime]) -> None:
    run = plan_run(make_due(catch_up, 2 * HOUR), NOW + 11 * MINUTE)
    assert (run.occurrences, run.next_run_at) == (occurrences, NOW + HOUR)


def test_not_too_many_are_caught_up_with_at_a_time() -> None:
    run = plan_run(make_due("all", 30 * HOUR), NOW)
    assert run.occurrences == [NOW - (30 - number) * HOUR for number in range(24)]
    assert (run.next_run_at, run.period_seconds) == (NOW - 6 * HOUR, 3600)
    last = plan_run(make_due("all", 6 * HOUR), NOW)
    assert (last.occurrences[-1], len(last.occurrences)) == (NOW, 7)


@pytest.mark.parametrize(
    "timetable",
    [
        {"cron": "* * * * *", "time_zone": "UTC"},
        {"interval_seconds": 60, "starts_at": NOW - 4000 * DAY},
        {"cron": "0 12 30 11 *", "time_zone": "UTC"},
    ],
)
def test_the_latest_is_found_however_many_were_missed(timetable: dict[str, Any]) -> None:
    run = plan_run(make_due("one", 3653 * DAY, **timetable), NOW)
    assert run.occurrences == [NOW]


def test_a_schedule_that_was_edited_by_hand_is_run_when_it_says() -> None:
    run = plan_run(make_due("one", 17 * MINUTE, cron="0 0 1 1 *", time_zone="UTC"), NOW)
    assert run.occurrences == [NOW - 17 * MINUTE]
    assert run.next_run_at == datetime(2027, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("catch_up", ["none", "one", "all"])
def test_the_last_run_ends_it(catch_up: CatchUp) -> None:
    due = make_due(
        catch_up, timedelta(0), cron="0 * * * *", time_zone="UTC", ends_at=NOW + 30 * MINUTE
    )
    run = plan_run(due, NOW + MINUTE)
    assert (run.occurrences, run.next_run_at, run.period_seconds) == ([NOW], None, None)
