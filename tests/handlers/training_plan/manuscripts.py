"""Plans of the built-in planner in the form in which a model hands its own in."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any

from supajobs.handlers.training_plan.cycling.ride import GOAL_RIDES, Ride
from supajobs.handlers.training_plan.cycling.week import CyclingWeek
from supajobs.handlers.training_plan.plan import TrainingPlan, Week
from supajobs.handlers.training_plan.strength.plan import StrengthOutline
from supajobs.handlers.training_plan.strength.week import StrengthSession, StrengthWeek

Json = dict[str, Any]


def outline_of(plan: TrainingPlan, targets: StrengthOutline | None = None) -> Json:
    """Repetitions stand in the outline alone, so that of a strength plan is needed too."""
    phases = {phase.name: phase.focus for phase in plan.phases}
    weeks = [_outline_week(week, targets) for week in plan.weeks]
    runs = groupby(zip(plan.weeks, weeks, strict=True), key=lambda pair: pair[0].phase)
    return {
        "title": plan.title,
        "summary": plan.summary,
        "phases": [
            {"name": name, "focus": phases[name], **_outline_phase(list(pairs), targets)}
            for name, pairs in runs
        ],
    }


def _outline_phase(pairs: Sequence[tuple[Week, Json]], targets: StrengthOutline | None) -> Json:
    phase: Json = {"weeks": [written for _, written in pairs]}
    if targets:
        target = targets.weeks[pairs[0][0].number - 1]
        phase |= {"reps_low": target.reps_low, "reps_high": target.reps_high}
    return phase


def _outline_week(week: Week, targets: StrengthOutline | None) -> Json:
    told = {"kind": week.kind.value, "focus": week.focus}
    if isinstance(week, CyclingWeek):
        return {**told, "minutes": week.preparation_minutes}
    assert targets
    target = targets.weeks[week.number - 1]
    return {**told, "sets": week.sets, "reps_in_reserve": target.reps_in_reserve}


def block_of(weeks: Iterable[Week]) -> Json:
    return {"weeks": [_block_week(week) for week in weeks]}


def _block_week(week: Week) -> Json:
    if isinstance(week, CyclingWeek):
        rides = [_ride(ride) for ride in week.sessions if ride.kind not in GOAL_RIDES]
        return {"number": week.number, "rides": rides}
    assert isinstance(week, StrengthWeek)
    return {"number": week.number, "sessions": [_session(each) for each in week.sessions]}


def _ride(ride: Ride) -> Json:
    told = ride.model_dump(mode="json", include={"weekday", "kind", "title", "description"})
    steps = {"kind", "duration_seconds", "percent_ftp_low", "percent_ftp_high"}
    return {
        **told,
        "parts": [
            {
                "repeats": block.repeats,
                "steps": [
                    {"seconds": step.pop("duration_seconds"), **step}
                    for step in (s.model_dump(mode="json", include=steps) for s in block.steps)
                ],
            }
            for block in ride.blocks
        ],
    }


def _session(session: StrengthSession) -> Json:
    told = session.model_dump(mode="json", include={"weekday", "title", "focus", "finisher"})
    fields = {
        "exercise", "sets", "reps_low", "reps_high", "hold_seconds", "rest_seconds", "note",
    }  # fmt: skip
    return {
        **told,
        "exercises": [item.model_dump(mode="json", include=fields) for item in session.exercises],
    }
