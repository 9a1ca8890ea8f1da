"""Writes a plan in steps: the outline first, then week by week, then all of it checked."""

import datetime as dt
from collections.abc import Sequence

from supajobs.handlers.training_plan.cycling.outline import outline_cycling
from supajobs.handlers.training_plan.cycling.plan import CyclingOutline
from supajobs.handlers.training_plan.cycling.profile import Athlete
from supajobs.handlers.training_plan.cycling.writing import assemble_cycling, write_cycling_week
from supajobs.handlers.training_plan.plan import Outline, TrainingPlan, Week
from supajobs.handlers.training_plan.request import TrainingPlanRequest, resolve_dates
from supajobs.handlers.training_plan.strength.outline import outline_strength
from supajobs.handlers.training_plan.strength.profile import Trainee
from supajobs.handlers.training_plan.strength.writing import assemble_strength, write_strength_week


def outline(request: TrainingPlanRequest, *, today: dt.date) -> Outline:
    """The phases and weeks to come with their targets.

    The same request and `today` give the same outline. A job should pass the day it was asked
    for, so that a retry after midnight continues the same plan.
    """
    starts_on, weeks = resolve_dates(request, today=today)
    if request.athlete_profile is not None:
        return outline_cycling(Athlete.from_profile(request.athlete_profile), starts_on, weeks)
    if request.profile_snapshot is not None:
        return outline_strength(Trainee.from_profile(request.profile_snapshot), starts_on, weeks)
    raise AssertionError("a validated request has a profile")


def write_week(outline: Outline, number: int) -> Week:
    """The sessions of one week (1 is the first); weeks may be written in any order.

    Raises:
        IndexError: the outline has no such week.
    """
    if not 1 <= number <= len(outline.weeks):
        raise IndexError(f"the outline has weeks 1 to {len(outline.weeks)}, not {number}")
    if isinstance(outline, CyclingOutline):
        return write_cycling_week(outline, number)
    return write_strength_week(outline, number)


def assemble(outline: Outline, weeks: Sequence[Week]) -> TrainingPlan:
    """The whole plan, all invariants checked.

    Raises:
        pydantic.ValidationError: weeks are missing, of another outline, or break an invariant.
    """
    if isinstance(outline, CyclingOutline):
        return assemble_cycling(outline, weeks)
    return assemble_strength(outline, weeks)
