"""What may be asked for, and what is refused with which words."""

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError
from tests.handlers.training_plan.plans import (
    CYCLING,
    NOON,
    STRENGTH,
    TODAY,
    Json,
    bounded,
    cycling_bodies,
    strength_bodies,
    write_plan,
)

from supajobs.handlers.training_plan import TrainingPlanRequest, check_dates
from supajobs.handlers.training_plan.request import resolve_dates
from supajobs.handlers.training_plan.strength.equipment import Equipment, available


def refused(body: Json, *, today: dt.date = TODAY) -> tuple[str, str]:
    """Where and why a body is refused."""
    with pytest.raises(ValidationError) as caught:
        check_dates(TrainingPlanRequest.model_validate(body), dt.datetime.combine(today, NOON))
    error = caught.value.errors()[0]
    return ".".join(map(str, error["loc"])), error["msg"]


def cyclist(**fields: Any) -> Json:
    return {"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35, **fields}}


def trainee(**fields: Any) -> Json:
    return {"profile_snapshot": {"goal": "STRENGTH", **fields}}


def test_the_two_examples_are_accepted_in_both_spellings() -> None:
    camel_cycling = {"athleteProfile": {"ftp": 265, "weightKg": 70, "age": 35}, "weeks": 12}
    camel_strength = {
        "profileSnapshot": {
            "goal": "muscleGain",
            "trainingDays": 4,
            "equipment": ["dumbbells", "GYM"],
        }
    }
    assert write_plan(camel_cycling) == write_plan(CYCLING)
    assert write_plan(camel_strength) == write_plan(STRENGTH)


def test_profile_fields_may_stand_beside_the_profile_and_the_other_way_round() -> None:
    beside = {**cyclist(), "weeklyHours": 9, "eventDate": "2026-10-04"}
    inside = cyclist(weekly_hours=9, event_date="2026-10-04")
    assert TrainingPlanRequest.model_validate(beside) == TrainingPlanRequest.model_validate(inside)
    assert TrainingPlanRequest.model_validate(cyclist(weeks=8)).weeks == 8


def test_the_example_file_is_accepted() -> None:
    example = Path(__file__).parents[3] / "examples" / "athlete.json"
    request = TrainingPlanRequest.model_validate_json(example.read_text())
    assert request.athlete_profile is not None


@bounded
@given(cycling_bodies() | strength_bodies())
def test_stored_params_are_the_same_request(body: Json) -> None:
    request = TrainingPlanRequest.model_validate(body)
    stored = json.loads(json.dumps(request.model_dump(mode="json")))
    assert TrainingPlanRequest.model_validate(stored) == request


def test_gym_means_everything_and_bodyweight_is_always_there() -> None:
    assert available(["gym"]) == set(Equipment)
    assert available([]) == {Equipment.BODYWEIGHT}
    assert available(["pullup bar", "TRX"]) == {
        Equipment.BODYWEIGHT,
        Equipment.PULL_UP_BAR,
        Equipment.SUSPENSION_TRAINER,
    }


IMPOSSIBLE: list[tuple[Json, str, str]] = [
    ({}, "", "give exactly one of athlete_profile"),
    ({**CYCLING, **STRENGTH}, "", "not both"),
    ({**CYCLING, "wekks": 9}, "wekks", "unknown field wekks: did you mean weeks?"),
    ({"athlete_profile": {"fpt": 265, "weight_kg": 70, "age": 35}}, "athlete_profile.fpt",
     "did you mean ftp?"),
    (trainee(squat_max=120), "profile_snapshot.squat_max", "unknown field squat_max"),
    (cyclist(ftp=0), "athlete_profile.ftp", "0 W is outside 60 to 600 W"),
    (cyclist(ftp=590), "athlete_profile.ftp", "at most 525 W is accepted"),
    (cyclist(weight_kg=5), "athlete_profile.weight_kg", "outside 35 to 180 kg"),
    (cyclist(age=9), "athlete_profile.age", "outside 14 to 90 years"),
    (cyclist(weekly_hours=2, training_days=7), "athlete_profile.weekly_hours",
     "17 minutes a ride, too short to train anything: have at least 4.7 h, or ride on at most 3"),
    (cyclist(weekly_hours=20, training_days=2), "athlete_profile.weekly_hours",
     "10.0 h a ride: give at most 7 h, or more training days"),
    (cyclist(training_days=0), "athlete_profile.training_days", "outside 2 to 7 days a week"),
    (cyclist(training_days=3, weekdays=["Mon", "Tue"]), "athlete_profile.training_days",
     "3 training days, but 2 weekdays"),
    (cyclist(weekdays=["Mon", "monday"]), "athlete_profile.weekdays", "given twice"),
    (cyclist(weekdays=["Mon"]), "athlete_profile.weekdays", "at least two"),
    (cyclist(weekdays=["Mo", "Tue"]), "athlete_profile.weekdays.0", "not a weekday: 'Mo'"),
    (cyclist(goal="win"), "athlete_profile.goal", "known are IMPROVE_FTP, GENERAL_FITNESS"),
    (cyclist(current_ctl=float("nan")), "athlete_profile.current_ctl", "finite number"),
    ({**cyclist(), "weeks": 30}, "weeks", "30 weeks is outside 4 to 24 weeks"),
    ({**cyclist(weeks=8), "weeks": 9}, "weeks", "given twice, with different values"),
    ({**cyclist(weeklyHours=8), "weekly_hours": 9}, "weekly_hours", "given twice"),
    (cyclist(weightKg=71), "athlete_profile.weightKg", "given twice"),
    ({**cyclist(event_date="2026-09-06"), "starts_on": "2026-06-08", "weeks": 12}, "weeks",
     "falls into week 13 of a plan that starts on 2026-06-08"),
    ({**cyclist(event_date="2026-06-20"), "starts_on": "2026-06-08"}, "starts_on",
     "there are 2 weeks; a plan has 4 to 24"),
    ({**cyclist(event_date="2026-06-07"), "starts_on": "2026-06-08"},
     "athlete_profile.event_date", "is before the plan starts"),
    (cyclist(event_date="2026-06-05"), "athlete_profile.event_date",
     "needs at least 4 weeks, so the earliest event date is 2026-06-29"),
    (cyclist(event_date="2026-06-01"), "athlete_profile.event_date", "in the past"),
    (cyclist(event_date="2028-06-01"), "athlete_profile.event_date", "more than a year"),
    ({**cyclist(event_date="2026-08-02"), "weeks": 12}, "weeks",
     "only 8 weeks are left from 2026-06-08 to the event on 2026-08-02, not 12"),
    ({**cyclist(), "starts_on": "2026-06-03"}, "starts_on", "is not between today"),
    ({"profile_snapshot": {"goal": "ABS"}}, "profile_snapshot.goal", "known are MUSCLE_GAIN"),
    (trainee(training_days=0), "profile_snapshot.training_days", "outside 1 to 7 days a week"),
    (trainee(weekdays=[]), "profile_snapshot.weekdays", "at least one weekday"),
    (trainee(training_days=2, weekdays=["Mon"]), "profile_snapshot.training_days", "1 weekdays"),
    (trainee(equipment=["Gym", "Sofa"]), "profile_snapshot.equipment.1",
     "unknown equipment 'Sofa'; known are Gym, Bodyweight, Dumbbells"),
    (trainee(session_minutes=10), "profile_snapshot.session_minutes", "outside 25 to 120 min"),
    (trainee(training_days=1, session_minutes=30), "profile_snapshot.session_minutes",
     "60 minutes a week are the least"),
]  # fmt: skip


@pytest.mark.parametrize(("body", "loc", "reason"), IMPOSSIBLE)
def test_impossible_requests_are_refused_where_and_why(body: Json, loc: str, reason: str) -> None:
    where, why = refused(body)
    assert where == loc
    assert reason in why


def test_a_default_start_is_the_coming_monday() -> None:
    assert write_plan(CYCLING).starts_on == dt.date(2026, 6, 8)
    assert write_plan(CYCLING, today=dt.date(2026, 6, 8)).starts_on == dt.date(2026, 6, 8)


def test_the_event_decides_the_weeks() -> None:
    plan = write_plan(cyclist(event_date="2026-09-06"))
    assert (len(plan.weeks), plan.ends_on) == (13, dt.date(2026, 9, 6))


def test_fewer_weeks_than_are_left_are_counted_back_from_the_event() -> None:
    plan = write_plan({**cyclist(event_date="2026-09-06"), "weeks": 8})
    assert (plan.starts_on, plan.ends_on) == (dt.date(2026, 7, 13), dt.date(2026, 9, 6))


def test_a_job_that_runs_late_is_still_written() -> None:
    body = cyclist(event_date="2026-07-05")
    check_dates(TrainingPlanRequest.model_validate(body), dt.datetime.combine(TODAY, NOON))
    assert len(write_plan(body, today=TODAY + dt.timedelta(days=7)).weeks) == 4


SUNDAY_EVENING = dt.datetime(2026, 11, 30, 1, 30, tzinfo=dt.UTC)  # of 2026-11-29, in New York
MONDAY_EVENING = SUNDAY_EVENING + dt.timedelta(days=1)


def is_right(body: Json, now: dt.datetime) -> bool:
    try:
        check_dates(TrainingPlanRequest.model_validate(body), now)
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    ("time_zone", "days"),
    [
        ("America/New_York", {"2026-11-28": False, "2026-11-29": True, "2027-12-01": False}),
        ("Europe/Berlin", {"2026-11-29": False, "2026-11-30": True, "2027-12-01": True}),
        (None, {"2026-11-28": False, "2026-11-29": True, "2027-12-01": True, "2027-12-02": False}),
    ],
)
def test_today_is_where_the_athlete_is_and_else_anywhere_on_earth(
    time_zone: str | None, days: dict[str, bool]
) -> None:
    for day, right in days.items():
        body = {**CYCLING, "starts_on": day, "time_zone": time_zone}
        assert is_right(body, SUNDAY_EVENING) == right, day


def test_an_event_counts_from_the_monday_of_where_the_athlete_is() -> None:
    body = cyclist(event_date="2026-12-27")  # four weeks after Monday, 2026-11-30
    assert is_right({**body, "time_zone": "America/New_York"}, MONDAY_EVENING)
    assert not is_right({**body, "timeZone": "Europe/Berlin"}, MONDAY_EVENING)
    assert is_right(body, MONDAY_EVENING)


@pytest.mark.parametrize(
    ("time_zone", "monday"),
    [("America/New_York", 30), ("Europe/Berlin", 37), (None, 37)],
)
def test_the_coming_monday_is_where_the_athlete_is(time_zone: str | None, monday: int) -> None:
    request = TrainingPlanRequest.model_validate({**STRENGTH, "time_zone": time_zone})
    starts_on, _ = resolve_dates(request, today=request.get_today(MONDAY_EVENING))
    assert starts_on == dt.date(2026, 11, 1) + dt.timedelta(days=monday - 1)


@pytest.mark.parametrize("name", ["Mars/Base", "../etc/passwd", "", "new york", "A" * 9000, "\0"])
def test_a_time_zone_that_nobody_knows_is_refused(name: str) -> None:
    where, why = refused({**CYCLING, "time_zone": name})
    assert where == "time_zone"
    assert "unknown time zone" in why
    assert len(why) < 200


def test_the_coming_monday_of_a_plan_that_recurs_counts_from_when_it_was_due() -> None:
    tuesday = dt.datetime(2026, 12, 1, 6, tzinfo=dt.UTC)  # Monday evening in Honolulu
    body = {**STRENGTH, "time_zone": "Pacific/Honolulu", "scheduled_for": tuesday.isoformat()}
    request = TrainingPlanRequest.model_validate(body)
    today = request.get_today(tuesday + dt.timedelta(days=3))
    assert resolve_dates(request, today=today)[0] == dt.date(2026, 11, 30)


def test_nobody_but_a_schedule_says_when_a_plan_was_due() -> None:
    where, why = refused({**STRENGTH, "scheduled_for": "2026-12-01T06:00:00Z"})
    assert (where, why) == ("scheduled_for", "a schedule fills it in: leave it out")
