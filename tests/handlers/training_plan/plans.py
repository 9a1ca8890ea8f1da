"""Requests and plans for the tests: the two bodies of the README, random ones, broken ones."""

import copy
import datetime as dt
from collections.abc import Callable
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from supajobs.handlers.training_plan import (
    PLAN_ADAPTER,
    TrainingPlan,
    TrainingPlanRequest,
    assemble,
    outline,
    write_week,
)
from supajobs.handlers.training_plan.calendar import Weekday
from supajobs.handlers.training_plan.cycling.fitness import Fitness, after_week
from supajobs.handlers.training_plan.cycling.plan import CyclingPlan
from supajobs.handlers.training_plan.cycling.profile import CyclingGoal
from supajobs.handlers.training_plan.strength.plan import StrengthPlan
from supajobs.handlers.training_plan.strength.profile import Experience, StrengthGoal
from supajobs.handlers.training_plan.strength.week import Prescription, count_sets

Json = dict[str, Any]

TODAY = dt.date(2026, 6, 4)  # a Thursday
NOON = dt.time(12, tzinfo=dt.UTC)  # when it is the same day nearly everywhere
CYCLING: Json = {"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35}, "weeks": 12}
STRENGTH: Json = {
    "profile_snapshot": {
        "goal": "MUSCLE_GAIN",
        "training_days": 4,
        "equipment": ["Dumbbells", "Gym"],
    }
}
EQUIPMENT = [
    "Dumbbells", "Barbell", "Kettlebell", "Bands", "Pull-up bar", "Bench", "Squat rack",
    "Suspension trainer", "Cables", "Machines", "Bodyweight", "Gym",
]  # fmt: skip

bounded = settings(derandomize=True, max_examples=25, deadline=None, database=None)


def write_plan(body: Json, today: dt.date = TODAY) -> TrainingPlan:
    sketch = outline(TrainingPlanRequest.model_validate(body), today=today)
    weeks = [write_week(sketch, week.number) for week in sketch.weeks]
    return assemble(sketch, weeks)


def write_cycling_plan(body: Json, today: dt.date = TODAY) -> CyclingPlan:
    plan = write_plan(body, today)
    assert isinstance(plan, CyclingPlan)
    return plan


def write_strength_plan(body: Json, today: dt.date = TODAY) -> StrengthPlan:
    plan = write_plan(body, today)
    assert isinstance(plan, StrengthPlan)
    return plan


weekdays = st.lists(st.sampled_from(list(Weekday)), min_size=2, max_size=7, unique=True)


@st.composite
def cycling_bodies(draw: st.DrawFn) -> Json:
    days = draw(weekdays)
    hours = st.floats(max(2, len(days) * 0.67), min(25, len(days) * 3.5))
    profile: Json = {
        "ftp": draw(st.integers(80, 400)),
        "weight_kg": draw(st.integers(55, 120)),
        "age": draw(st.integers(14, 90)),
        "weekly_hours": draw(st.none() | hours.map(lambda value: round(value, 2))),
        "weekdays": draw(st.none() | st.just([str(day) for day in days])),
        "goal": draw(st.sampled_from([str(goal) for goal in CyclingGoal])),
        "current_ctl": draw(st.none() | st.integers(0, 150)),
    }
    if profile["weekdays"] is None:
        profile["training_days"] = len(days)
    body: Json = {"athlete_profile": profile}
    if draw(st.booleans()):
        days_left = st.integers(32, 330).map(dt.timedelta)
        profile["event_date"] = str(TODAY + draw(days_left))
    else:
        body["weeks"] = draw(st.none() | st.integers(4, 24))
        starts = st.integers(0, 60).map(lambda later: str(TODAY + dt.timedelta(days=later)))
        body["starts_on"] = draw(st.none() | starts)
    return body


@st.composite
def strength_bodies(draw: st.DrawFn) -> Json:
    profile: Json = {
        "goal": draw(st.sampled_from([str(goal) for goal in StrengthGoal])),
        "equipment": draw(st.lists(st.sampled_from(EQUIPMENT), max_size=4)),
        "experience": draw(st.sampled_from([str(level) for level in Experience])),
        "session_minutes": draw(st.integers(25, 120)),
    }
    days = draw(st.integers(1, 7))
    if draw(st.booleans()):
        chosen = st.lists(st.sampled_from(list(Weekday)), min_size=days, max_size=days, unique=True)
        profile["weekdays"] = [str(day) for day in draw(chosen)]
    else:
        profile["training_days"] = days
    profile["session_minutes"] = max(profile["session_minutes"], 60 // days)
    return {"profile_snapshot": profile, "weeks": draw(st.none() | st.integers(4, 24))}


def change(plan: TrainingPlan, *edits: Callable[[Json], None]) -> TrainingPlan:
    """The plan with edits, validated like one that was read back or that a model wrote."""
    raw = copy.deepcopy(plan.model_dump(mode="json"))
    for edit in edits:
        edit(raw)
    return PLAN_ADAPTER.validate_python(raw)


def settle_rides(raw: Json) -> None:
    """Make the sums and the fitness of an edited cycling plan right again."""
    start = raw["athlete"]["starting_ctl"]
    fitness = Fitness(start, start)
    for week in raw["weeks"]:
        rides = week["sessions"]
        week["duration_minutes"] = sum(ride["duration_minutes"] for ride in rides)
        week["tss"] = sum(ride["tss"] for ride in rides)
        week["key_sessions"] = []
        tss = {dt.date.fromisoformat(ride["date"]): ride["tss"] for ride in rides}
        fitness = after_week(fitness, dt.date.fromisoformat(week["starts_on"]), tss)
        week |= {"ctl": fitness.ctl, "atl": fitness.atl, "tsb": fitness.tsb}


def settle_sets(raw: Json) -> None:
    """Make the sums of an edited strength plan right again."""
    for week in raw["weeks"]:
        week["key_sessions"] = []
        items: list[Prescription] = []
        for session in week["sessions"]:
            own = [Prescription.model_validate(item) for item in session["exercises"]]
            seconds = sum(item.seconds for item in own)
            session["sets"] = sum(item.sets for item in own)
            session["duration_minutes"] = session["warm_up_minutes"] + -(-seconds // 60)
            items += own
        week["sets"] = sum(session["sets"] for session in week["sessions"])
        week["duration_minutes"] = sum(s["duration_minutes"] for s in week["sessions"])
        week["sets_per_muscle"] = {str(m): sets for m, sets in count_sets(items).items()}


def later(sessions: list[Json], days: int) -> list[Json]:
    """The same sessions some days later."""
    moved = copy.deepcopy(sessions)
    for session in moved:
        date = dt.date.fromisoformat(session["date"]) + dt.timedelta(days=days)
        session |= {"date": str(date), "weekday": list(Weekday)[date.weekday()]}
    return moved


def swap_dates(week: Json, one: int, other: int) -> None:
    """Let two sessions of a week change places."""
    first, second = week["sessions"][one], week["sessions"][other]
    for key in ("date", "weekday"):
        first[key], second[key] = second[key], first[key]
    week["sessions"] = sorted(week["sessions"], key=_date_of)


def _date_of(session: Json) -> str:
    return session["date"]
