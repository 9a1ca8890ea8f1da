"""The cycling plan: what holds for every athlete, and what the plan model refuses."""

import datetime as dt
import json
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError
from tests.handlers.training_plan.plans import (
    CYCLING,
    STRENGTH,
    TODAY,
    Json,
    bounded,
    change,
    cycling_bodies,
    later,
    settle_rides,
    swap_dates,
    write_cycling_plan,
    write_strength_plan,
)

from supajobs.handlers.training_plan import (
    OUTLINE_ADAPTER,
    PLAN_ADAPTER,
    TrainingPlanRequest,
    assemble,
    outline,
    write_week,
)
from supajobs.handlers.training_plan.calendar import Weekday, WeekKind
from supajobs.handlers.training_plan.cycling.plan import CyclingPlan, zones_at
from supajobs.handlers.training_plan.cycling.ride import Ride
from supajobs.handlers.training_plan.cycling.weekdays import Role, assign_roles, choose_weekdays
from supajobs.handlers.training_plan.cycling.workouts import FAMILIES, minutes_of, pick_workout

PLAN = write_cycling_plan(CYCLING)
RACE: Json = {
    "athlete_profile": {**CYCLING["athlete_profile"], "event_date": "2026-08-30"},
    "weeks": 12,
}
WITH_RACE = write_cycling_plan(RACE)


def sampled_np(ride: Ride) -> float:
    """NP the usual way: a 30 s rolling mean over one sample a second."""
    watts = [
        (step.watts_low + step.watts_high) / 2
        for block in ride.blocks
        for _ in range(block.repeats)
        for step in block.steps
        for _ in range(step.duration_seconds)
    ]
    padded = [watts[0]] * 29 + watts
    window = sum(padded[:30])
    total = (window / 30) ** 4
    for second in range(30, len(padded)):
        window += padded[second] - padded[second - 30]
        total += (window / 30) ** 4
    return (total / len(watts)) ** 0.25


@bounded
@given(cycling_bodies())
def test_hours_and_weekdays_are_the_athletes(body: Json) -> None:
    plan = write_cycling_plan(body)
    for week in plan.weeks:
        minutes = sum(ride.duration_minutes for ride in week.sessions)
        assert minutes == week.duration_minutes
        assert minutes <= plan.athlete.weekly_hours * 60
        for ride in week.sessions:
            assert ride.kind == "event" or ride.weekday in plan.athlete.weekdays


@bounded
@given(cycling_bodies())
def test_dates_are_continuous(body: Json) -> None:
    plan = write_cycling_plan(body)
    days = [plan.starts_on + dt.timedelta(days=n) for n in range(7 * len(plan.weeks))]
    assert plan.ends_on == days[-1]
    assert plan.phases[0].starts_on == plan.starts_on
    assert plan.phases[-1].last_week == len(plan.weeks)
    rides = [ride for week in plan.weeks for ride in week.sessions]
    assert all(one.date < other.date for one, other in pairwise(rides))
    for index, week in enumerate(plan.weeks):
        assert {ride.date for ride in week.sessions} <= set(days[7 * index : 7 * index + 7])
        assert all(list(Weekday)[ride.date.weekday()] == ride.weekday for ride in week.sessions)


@bounded
@given(cycling_bodies())
def test_no_two_hard_days_in_a_row(body: Json) -> None:
    plan = write_cycling_plan(body)
    hard: set[dt.date] = set()
    for ride in (ride for week in plan.weeks for ride in week.sessions):
        seconds = sum(
            block.repeats * step.duration_seconds
            for block in ride.blocks
            for step in block.steps
            if step.percent_ftp_low + step.percent_ftp_high >= 176
        )
        if seconds >= 480 or ride.kind in {"event", "ftp_test"}:
            hard.add(ride.date)
            assert ride.is_hard
    assert not any(day + dt.timedelta(days=1) in hard for day in hard)


@bounded
@given(cycling_bodies())
def test_load_rises_slowly_and_falls_in_time(body: Json) -> None:
    plan = write_cycling_plan(body)
    ctl = plan.athlete.starting_ctl
    for week in plan.weeks:
        by_day = {ride.date: ride.tss for ride in week.sessions}
        before = ctl
        for n in range(7):
            ctl += (by_day.get(week.starts_on + dt.timedelta(days=n), 0) - ctl) / 42
        assert week.ctl == pytest.approx(ctl, abs=0.06)
        assert ctl - before <= 7
    longest = max(week.preparation_minutes for week in plan.weeks)
    assert plan.weeks[-1].preparation_minutes <= 0.6 * longest
    kinds = "".join(week.kind[0] for week in plan.weeks)
    assert "lllll" not in kinds
    assert plan.athlete.age < 45 or "llll" not in kinds


@bounded
@given(cycling_bodies())
def test_power_and_stress_follow_from_the_steps(body: Json) -> None:
    plan = write_cycling_plan(body)
    ftp = plan.athlete.ftp_watts
    for ride in plan.weeks[len(plan.weeks) // 2].sessions:
        watts = sampled_np(ride)
        assert ride.normalized_power_watts == pytest.approx(watts, abs=1)
        expected = ride.duration_minutes * 60 * watts**2 / (ftp**2 * 3600) * 100
        assert ride.tss == pytest.approx(expected, abs=1.5)
        for step in (step for block in ride.blocks for step in block.steps):
            assert step.watts_low == pytest.approx(ftp * step.percent_ftp_low / 100, abs=0.5)
            assert step.watts_high == pytest.approx(ftp * step.percent_ftp_high / 100, abs=0.5)


@bounded
@given(cycling_bodies())
def test_plans_are_deterministic_and_survive_json(body: Json) -> None:
    plan = write_cycling_plan(body)
    assert write_cycling_plan(body) == plan
    assert PLAN_ADAPTER.validate_json(plan.model_dump_json()) == plan


@bounded
@given(cycling_bodies())
def test_an_outline_survives_json_and_says_what_its_weeks_hold(body: Json) -> None:
    sketch = outline(TrainingPlanRequest.model_validate(body), today=TODAY)
    stored = OUTLINE_ADAPTER.validate_python(json.loads(json.dumps(sketch.model_dump(mode="json"))))
    assert stored == sketch
    weeks = [write_week(stored, week.number) for week in reversed(stored.weeks)]
    assert [(w.number, w.duration_minutes) for w in reversed(weeks)] == [
        (w.number, w.duration_minutes) for w in sketch.weeks
    ]


def test_the_example_is_a_plan_a_coach_would_sign() -> None:
    assert [phase.name for phase in PLAN.phases] == ["base", "build", "peak", "taper"]
    assert [week.number for week in PLAN.weeks if week.kind is WeekKind.RECOVERY] == [4, 8]
    loads = [week for week in PLAN.weeks if week.kind is WeekKind.LOAD]
    assert all(300 <= week.tss <= 600 for week in loads)
    assert all(7 <= week.duration_minutes / 60 <= 8.5 for week in loads)
    assert all(week.sessions[-1].kind == "long_ride" for week in loads)
    assert len({title for week in loads for title in week.key_sessions}) >= 20
    assert PLAN.weeks[-1].sessions[-1].kind == "ftp_test"
    assert PLAN.weeks[-1].tsb > 0


def test_masters_recover_more_often() -> None:
    older = {"athlete_profile": {**CYCLING["athlete_profile"], "age": 52}, "weeks": 12}
    kinds = [week.kind for week in write_cycling_plan(older).weeks]
    assert kinds.count(WeekKind.RECOVERY) == 3


def test_a_low_ctl_shortens_the_first_weeks() -> None:
    profile = {**CYCLING["athlete_profile"], "weekly_hours": 14, "current_ctl": 10}
    plan = write_cycling_plan({"athlete_profile": profile})
    hours = [week.duration_minutes / 60 for week in plan.weeks]
    assert hours[0] < 8
    assert max(hours) > 1.3 * hours[0]


def test_the_days_before_the_race_are_easy() -> None:
    rides = WITH_RACE.weeks[-1].sessions
    assert [ride.kind for ride in rides[-2:]] == ["openers", "event"]
    assert rides[-1].date == dt.date(2026, 8, 30)
    last_hard = [ride.date for ride in rides if ride.is_hard][-2]
    assert (rides[-1].date - last_hard).days >= 3


def test_a_race_early_in_its_week_still_gets_a_taper() -> None:
    profile = {**CYCLING["athlete_profile"], "event_date": "2026-08-25"}
    plan = write_cycling_plan({"athlete_profile": profile, "weeks": 8})
    assert [week.kind for week in plan.weeks[-2:]] == [WeekKind.TAPER, WeekKind.TAPER]


@pytest.mark.parametrize("name", FAMILIES)
def test_ladders_rise_and_start_where_a_short_session_has_room(name: str) -> None:
    minutes = [minutes_of(workout.parts) for workout in FAMILIES[name].ladder]
    assert minutes[0] <= 30
    picked = [pick_workout(FAMILIES[name], uses, 90).title for uses in range(len(minutes))]
    assert len(set(picked)) == len(minutes)


def test_after_the_last_rung_the_two_hardest_take_turns() -> None:
    ladder = [workout.title for workout in FAMILIES["vo2max"].ladder]
    picked = [pick_workout(FAMILIES["vo2max"], uses, 120).title for uses in range(5, 9)]
    assert picked == [ladder[-2], ladder[-1], ladder[-2], ladder[-1]]


@pytest.mark.parametrize("days", range(2, 8))
def test_usual_weeks_have_the_long_ride_on_the_weekend(days: int) -> None:
    roles = assign_roles(tuple(choose_weekdays(days)))
    [long] = [day for day, role in roles.items() if role is Role.LONG]
    assert long in {Weekday.SATURDAY, Weekday.SUNDAY}
    following = list(Weekday)[(long.position + 1) % 7]
    assert roles.get(following, Role.RECOVERY) is Role.RECOVERY


def test_weekend_riders_keep_one_hard_and_one_long_ride() -> None:
    roles = assign_roles((Weekday.SATURDAY, Weekday.SUNDAY))
    assert sorted(roles.values()) == [Role.HARD, Role.LONG]


def ride(raw: Json, week: int = 5, number: int = 0) -> Json:
    return raw["weeks"][week - 1]["sessions"][number]


def put(target: Callable[[Json], Json], **values: Any) -> Callable[[Json], None]:
    def edit(raw: Json) -> None:
        target(raw).update(values)

    return edit


def athlete(raw: Json) -> Json:
    return raw["athlete"]


def week(number: int) -> Callable[[Json], Json]:
    return lambda raw: raw["weeks"][number - 1]


def raise_stress(raw: Json) -> None:
    ride(raw)["tss"] += 20
    settle_rides(raw)


def claim_other_ftp(raw: Json) -> None:
    raw["athlete"]["ftp_watts"] = 290
    raw["zones"] = [zone.model_dump() for zone in zones_at(290)]


def put_hard_days_together(raw: Json) -> None:
    swap_dates(raw["weeks"][4], 0, 1)
    settle_rides(raw)


def ride_twice_a_day(raw: Json) -> None:
    ride(raw, 1, 1)["date"] = ride(raw, 1, 0)["date"]


def leave_the_week(raw: Json) -> None:
    ride(raw, 3, 4)["date"] = "2026-07-05"


def start_from_nothing(raw: Json) -> None:
    raw["athlete"]["starting_ctl"] = 0
    settle_rides(raw)


def jump_in_volume(raw: Json) -> None:
    del raw["weeks"][0]["sessions"][3:]
    settle_rides(raw)


def repeat(source: int, target: int) -> Callable[[Json], None]:
    def edit(raw: Json) -> None:
        sessions = raw["weeks"][source - 1]["sessions"]
        raw["weeks"][target - 1]["sessions"] = later(sessions, 7 * (target - source))
        settle_rides(raw)

    return edit


def age_without_rest(raw: Json) -> None:
    raw["athlete"]["age"] = 50
    raw["weeks"][7]["kind"] = "load"


def only_easy_taper(raw: Json) -> None:
    for tapering in raw["weeks"][-2:]:
        tapering["sessions"] = [r for r in tapering["sessions"] if not r["is_hard"]]
    settle_rides(raw)


BROKEN: list[tuple[CyclingPlan, Callable[[Json], None], str]] = [
    (PLAN, put(ride, duration_minutes=90), "its blocks add up to"),
    (PLAN, put(ride, normalized_power_watts=250), "says 250 W normalized power"),
    (PLAN, put(ride, is_hard=False), "is a hard ride"),
    (PLAN, put(ride, intensity_factor=0.9), "IF is"),
    (PLAN, raise_stress, "TSS is"),
    (PLAN, put(athlete, ftp_watts=280), "the zones are not those of 280 W FTP"),
    (PLAN, claim_other_ftp, "% of 290 W"),
    (PLAN, put(lambda raw: ride(raw)["blocks"][0]["steps"][0], zone="Z9"), "% is Z"),
    (PLAN, put(lambda raw: ride(raw)["blocks"][0]["steps"][0], watts_low=900), "above its high"),
    (PLAN, put(athlete, weekdays=["tuesday", "thursday", "sunday"]), "is no training day"),
    (PLAN, put_hard_days_together, "two hard days in a row"),
    (PLAN, put(athlete, weekly_hours=6), "the athlete has 6 h"),
    (PLAN, put(week(2), duration_minutes=999), "week 2 says 999 minutes"),
    (PLAN, put(week(2), tss=999), "week 2 says 999 TSS"),
    (PLAN, put(week(2), key_sessions=["Nap"]), "week 2 has no session 'Nap'"),
    (PLAN, put(week(3), ctl=70), "week 3 ends with CTL"),
    (PLAN, start_from_nothing, "raises CTL by"),
    (PLAN, jump_in_volume, "above the longest week before"),
    (PLAN, repeat(3, 4), "recovery week 4 is not shorter"),
    (PLAN, put(week(4), kind="load"), "load week 5 in a row; at 35 years at most 4"),
    (PLAN, age_without_rest, "load week 4 in a row; at 50 years at most 3"),
    (PLAN, repeat(10, 11), "taper week 11"),
    (PLAN, put(week(12), kind="load"), "the last week must be a taper week"),
    (PLAN, only_easy_taper, "drops the intensity"),
    (PLAN, put(week(2), number=3), "week 3 stands where week 2 belongs"),
    (PLAN, put(week(2), starts_on="2026-06-16"), "week 2 must run from 2026-06-15"),
    (PLAN, put(lambda raw: raw, ends_on="2026-09-01"), "the plan ends on 2026-09-01"),
    (PLAN, leave_the_week, "is outside week 3"),
    (PLAN, put(ride, weekday="friday"), "is not a friday"),
    (PLAN, ride_twice_a_day, "at most one a day"),
    (PLAN, put(week(2), phase="build"), "week 2 says build"),
    (PLAN, put(lambda raw: raw["phases"][1], first_week=6), "must start with week 5"),
    (PLAN, put(lambda raw: raw["phases"][1], ends_on="2026-07-30"), "other dates than its weeks"),
    (PLAN, lambda raw: raw["phases"].pop(), "no phase covers week 11"),
    (WITH_RACE, put(athlete, event_date="2026-08-29"), "the event is on 2026-08-29"),
    (WITH_RACE, put(athlete, event_date=None), "the event is on None"),
]


@pytest.mark.parametrize(("plan", "edit", "reason"), BROKEN)
def test_a_broken_plan_is_refused(
    plan: CyclingPlan, edit: Callable[[Json], None], reason: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        change(plan, edit)
    assert reason in str(caught.value)


def test_an_untouched_plan_is_accepted() -> None:
    assert change(PLAN) == PLAN
    change(PLAN, settle_rides)


def test_weeks_of_another_outline_or_too_few_are_refused() -> None:
    sketch = outline(TrainingPlanRequest.model_validate(CYCLING), today=TODAY)
    with pytest.raises(ValidationError):
        assemble(sketch, write_strength_plan(STRENGTH).weeks)
    with pytest.raises(ValidationError, match="the plan ends on"):
        assemble(sketch, PLAN.weeks[:-1])
    with pytest.raises(IndexError, match="weeks 1 to 12, not 13"):
        write_week(sketch, 13)
