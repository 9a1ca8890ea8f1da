"""The strength plan: what holds for everybody, and what the plan model refuses."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from pydantic import ValidationError
from tests.handlers.training_plan.plans import (
    STRENGTH,
    TODAY,
    Json,
    bounded,
    change,
    later,
    settle_sets,
    strength_bodies,
    swap_dates,
    write_strength_plan,
)

from supajobs.handlers.training_plan import PLAN_ADAPTER, TrainingPlanRequest, outline, write_week
from supajobs.handlers.training_plan.calendar import Weekday, WeekKind
from supajobs.handlers.training_plan.strength.catalogue import (
    CATALOGUE,
    Muscle,
    Pattern,
    possible_exercises,
)
from supajobs.handlers.training_plan.strength.equipment import Equipment, available
from supajobs.handlers.training_plan.strength.plan import StrengthPlan
from supajobs.handlers.training_plan.strength.profile import Experience
from supajobs.handlers.training_plan.strength.progression import most_percent, percent_1rm
from supajobs.handlers.training_plan.strength.split import assign_days

PLAN = write_strength_plan(STRENGTH)
PUSH = {"horizontal_push", "vertical_push"}
PULL = {"horizontal_pull", "vertical_pull"}
SETS = {"BEGINNER": 16, "INTERMEDIATE": 20, "ADVANCED": 22}


@bounded
@given(strength_bodies())
def test_every_exercise_can_be_done_in_the_time_there_is(body: Json) -> None:
    plan = write_strength_plan(body)
    profile = body["profile_snapshot"]
    equipment = available(profile["equipment"])
    for session in (session for week in plan.weeks for session in week.sessions):
        seconds = 0
        for item in session.exercises:
            assert CATALOGUE[item.exercise].equipment <= equipment
            work = item.hold_seconds or (item.reps_high or 0) * 4
            sides = 2 if CATALOGUE[item.exercise].each_side else 1
            seconds += item.sets * (work * sides + item.rest_seconds)
        assert session.warm_up_minutes * 60 + seconds <= profile["session_minutes"] * 60
        assert session.duration_minutes <= profile["session_minutes"]


@bounded
@given(strength_bodies())
def test_muscles_get_enough_sets_and_a_day_of_rest(body: Json) -> None:
    plan = write_strength_plan(body)
    trained: dict[dt.date, set[str]] = {}
    for week in plan.weeks:
        sets: Counter[str] = Counter()
        halves: Counter[str] = Counter()
        for session in week.sessions:
            for item in session.exercises:
                exercise = CATALOGUE[item.exercise]
                sets.update(dict.fromkeys(map(str, exercise.primary), item.sets))
                halves.update(dict.fromkeys(map(str, exercise.secondary), item.sets))
                direct = {str(muscle) for muscle in exercise.primary} - {"core", "calves"}
                trained.setdefault(session.date, set()).update(direct)
        total = {muscle: sets[muscle] + halves[muscle] / 2 for muscle in week.sets_per_muscle}
        assert total == week.sets_per_muscle
        assert max(total.values()) <= SETS[plan.trainee.experience]
        weekly = plan.trainee.session_minutes * len(plan.trainee.weekdays)
        if week.kind is WeekKind.LOAD:
            major = {"chest", "back", "shoulders", "quads", "hamstrings", "glutes"}
            assert min(total[m] for m in total if m in major) >= (4 if weekly >= 150 else 2)
    for day, muscles in trained.items():
        assert not muscles & trained.get(day + dt.timedelta(days=1), set())


@bounded
@given(strength_bodies())
def test_volume_is_balanced_and_moves_slowly(body: Json) -> None:
    plan = write_strength_plan(body)
    most = plan.weeks[0].sets
    for before, week in pairwise(plan.weeks):
        assert week.sets <= 1.2 * most
        most = max(most, week.sets)
        items = [item for session in week.sessions for item in session.exercises]
        push = sum(i.sets for i in items if CATALOGUE[i.exercise].pattern in PUSH)
        pull = sum(i.sets for i in items if CATALOGUE[i.exercise].pattern in PULL)
        if week.kind is WeekKind.RECOVERY:
            assert week.sets <= 0.75 * before.sets
        else:
            assert max(push, pull) <= 1.5 * min(push, pull) + 3


@bounded
@given(strength_bodies())
def test_dates_are_continuous(body: Json) -> None:
    plan = write_strength_plan(body)
    sessions = [session for week in plan.weeks for session in week.sessions]
    assert all(one.date < other.date for one, other in pairwise(sessions))
    assert plan.ends_on == plan.starts_on + dt.timedelta(weeks=len(plan.weeks), days=-1)
    for index, week in enumerate(plan.weeks):
        assert week.starts_on == plan.starts_on + dt.timedelta(weeks=index)
        assert [s.weekday for s in week.sessions] == plan.trainee.weekdays
        for session in week.sessions:
            assert 0 <= (session.date - week.starts_on).days < 7
            assert list(Weekday)[session.date.weekday()] == session.weekday


@bounded
@given(strength_bodies())
def test_plans_are_deterministic_and_survive_json(body: Json) -> None:
    plan = write_strength_plan(body)
    assert write_strength_plan(body) == plan
    assert PLAN_ADAPTER.validate_json(plan.model_dump_json()) == plan


def test_the_example_is_a_plan_a_coach_would_sign() -> None:
    first, second, third, deload = PLAN.weeks[:4]
    assert first.sets < second.sets < third.sets
    assert deload.kind is WeekKind.RECOVERY
    efforts = [week.sessions[0].exercises[0].reps_in_reserve for week in PLAN.weeks[:4]]
    assert efforts == [3, 2, 1, 4]
    assert [session.title.split(":")[0] for session in first.sessions] == [
        "Upper body A",
        "Lower body A",
        "Upper body B",
        "Lower body B",
    ]
    assert 8 <= third.sets_per_muscle[Muscle.CHEST] <= 16
    assert PLAN.weeks[0].sessions[0].title != PLAN.weeks[4].sessions[0].title


@pytest.mark.parametrize("pattern", Pattern)
def test_bodyweight_is_enough_for_every_pattern(pattern: Pattern) -> None:
    bodyweight = frozenset({Equipment.BODYWEIGHT})
    assert possible_exercises(pattern, bodyweight, Experience.BEGINNER)


def test_the_catalogue_is_large_and_names_are_unique() -> None:
    assert len(CATALOGUE) >= 90
    assert len({exercise.name for exercise in CATALOGUE.values()}) == len(CATALOGUE)
    assert all(exercise.primary for exercise in CATALOGUE.values())


def test_epley_by_hand() -> None:
    # Ten repetitions with none left: 1 / (1 + 10/30) = 75 %; eight with two left is the same.
    assert percent_1rm(10, 0) == percent_1rm(8, 2) == 75
    assert most_percent(1) == 100


@pytest.mark.parametrize(
    ("days", "names"),
    [
        ("monday tuesday", ["Upper body A", "Lower body A"]),
        ("monday thursday", ["Full body A", "Full body B"]),
        ("monday wednesday friday", ["Full body A", "Full body B", "Full body C"]),
        ("monday tuesday wednesday", ["Push A", "Pull A", "Lower body A"]),
        ("sunday monday wednesday", ["Full body B", "Upper body A", "Lower body A"]),
    ],
)
def test_the_split_depends_on_which_days_touch(days: str, names: list[str]) -> None:
    assigned = assign_days([Weekday(day) for day in days.split()])
    assert sorted(day.name for day in assigned.values()) == sorted(names)


def test_strength_keeps_its_lifts_and_muscle_gain_changes_them() -> None:
    def lifts(goal: str) -> list[str]:
        body = {"profile_snapshot": {**STRENGTH["profile_snapshot"], "goal": goal}, "weeks": 8}
        weeks = write_strength_plan(body).weeks
        return [week.sessions[0].exercises[0].exercise for week in (weeks[0], weeks[4])]

    assert lifts("STRENGTH") == ["bench-press", "bench-press"]
    assert lifts("MUSCLE_GAIN") == ["bench-press", "dumbbell-bench-press"]


def test_the_seventh_day_is_easy() -> None:
    body = {"profile_snapshot": {"goal": "FAT_LOSS", "training_days": 7}}
    kinds = [session.kind for session in write_strength_plan(body).weeks[0].sessions]
    assert kinds == ["strength"] * 6 + ["active_recovery"]


def put(target: Callable[[Json], Json], **values: Any) -> Callable[[Json], None]:
    def edit(raw: Json) -> None:
        target(raw).update(values)

    return edit


def trainee(raw: Json) -> Json:
    return raw["trainee"]


def week(number: int) -> Callable[[Json], Json]:
    return lambda raw: raw["weeks"][number - 1]


def session(raw: Json) -> Json:
    return raw["weeks"][0]["sessions"][0]


def bench(raw: Json) -> Json:
    return session(raw)["exercises"][0]


def without(week_number: int, patterns: set[str]) -> Callable[[Json], None]:
    def edit(raw: Json) -> None:
        for edited in raw["weeks"][week_number - 1]["sessions"]:
            edited["exercises"] = [
                item
                for item in edited["exercises"]
                if CATALOGUE[item["exercise"]].pattern not in patterns
            ]
        settle_sets(raw)

    return edit


def too_much(raw: Json) -> None:
    raw["trainee"]["session_minutes"] = 300
    for edited in raw["weeks"][0]["sessions"]:
        for item in edited["exercises"]:
            item["sets"] = 7
    settle_sets(raw)


def no_deload(raw: Json) -> None:
    raw["weeks"][3]["sessions"] = later(raw["weeks"][2]["sessions"], 7)
    settle_sets(raw)


def same_muscles_twice(raw: Json) -> None:
    swap_dates(raw["weeks"][0], 1, 2)


def double_an_exercise(raw: Json) -> None:
    session(raw)["exercises"].append(bench(raw))
    settle_sets(raw)


BROKEN: list[tuple[Callable[[Json], None], str]] = [
    (put(trainee, equipment=["BODYWEIGHT", "DUMBBELLS"]), "Bench press needs BARBELL"),
    (put(trainee, experience="BEGINNER"), "is not for a beginner"),
    (put(trainee, weekdays=["monday", "tuesday", "thursday"]), "friday is no training day"),
    (put(trainee, session_minutes=45), "there are 45"),
    (put(bench, exercise="moon-walk"), "unknown exercise 'moon-walk'"),
    (put(bench, name="Bench"), "is called 'Bench press', not 'Bench'"),
    (put(bench, reps_low=None, reps_high=None), "give repetitions"),
    (put(bench, reps_low=None, reps_high=None, hold_seconds=30), "give repetitions"),
    (put(bench, reps_high=None), "both ends"),
    (put(bench, reps_low=20), "20 to"),
    (put(bench, percent_1rm=95), "cannot be done"),
    (put(bench, sets=20), "less than or equal to 8"),
    (put(session, sets=99), "says 99 sets"),
    (put(session, duration_minutes=30), "its sets and rests take"),
    (double_an_exercise, "the same exercise twice"),
    (put(week(1), sets=99), "week 1 says 99 sets"),
    (put(week(1), duration_minutes=99), "week 1 says 99 minutes"),
    (put(week(1), key_sessions=["Nap"]), "week 1 has no session 'Nap'"),
    (put(lambda raw: raw["weeks"][0]["sets_per_muscle"], chest=30), "sets for the chest"),
    (same_muscles_twice, "two hard days in a row for"),
    (too_much, "over 20"),
    (without(3, {"horizontal_push", "chest_fly"}), "sets for the chest, under 4"),
    (without(3, {"horizontal_pull"}), "out of balance"),
    (without(1, {"lunge", "core", "calf_raise", "curl", "elbow_extension"}), "above the most so"),
    (no_deload, "deload week 4"),
    (put(week(4), kind="load"), "load week 4 in a row; 3 at most"),
    (put(week(2), number=7), "week 7 stands where week 2 belongs"),
    (put(week(2), phase="growth"), "week 2 says growth"),
]


@pytest.mark.parametrize(("edit", "reason"), BROKEN)
def test_a_broken_plan_is_refused(edit: Callable[[Json], None], reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        change(PLAN, edit)
    assert reason in str(caught.value)


def test_an_untouched_plan_is_accepted() -> None:
    again = change(PLAN, settle_sets)
    assert isinstance(again, StrengthPlan)
    assert [week.sets for week in again.weeks] == [week.sets for week in PLAN.weeks]


def test_a_week_that_is_not_in_the_outline() -> None:
    sketch = outline(TrainingPlanRequest.model_validate(STRENGTH), today=TODAY)
    with pytest.raises(IndexError, match="weeks 1 to 8, not 0"):
        write_week(sketch, 0)
