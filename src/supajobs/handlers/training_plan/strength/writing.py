"""From the outline to its weeks, and from the weeks to the plan."""

from collections.abc import Sequence

from pydantic import BaseModel

from supajobs.handlers.training_plan.strength.draft import draft_sessions
from supajobs.handlers.training_plan.strength.plan import StrengthOutline, StrengthPlan
from supajobs.handlers.training_plan.strength.week import SessionKind, StrengthWeek, count_sets


def write_strength_week(outline: StrengthOutline, number: int) -> StrengthWeek:
    """The sessions of one week of the outline; 1 is the first."""
    target = outline.weeks[number - 1]
    sessions = draft_sessions(outline.trainee, target)
    return StrengthWeek(
        number=target.number,
        phase=target.phase,
        kind=target.kind,
        focus=target.focus,
        starts_on=target.starts_on,
        ends_on=target.ends_on,
        duration_minutes=target.duration_minutes,
        sets=target.sets,
        sets_per_muscle=count_sets(item for session in sessions for item in session.exercises),
        key_sessions=[s.title for s in sessions if s.kind is SessionKind.STRENGTH],
        sessions=sessions,
    )


def assemble_strength(outline: StrengthOutline, weeks: Sequence[BaseModel]) -> StrengthPlan:
    """The whole plan, all invariants checked.

    Raises:
        pydantic.ValidationError: weeks are missing, of another outline, or break an invariant.
    """
    return StrengthPlan.model_validate(
        {
            "title": outline.title,
            "summary": outline.summary,
            "starts_on": outline.starts_on,
            "ends_on": outline.ends_on,
            "trainee": outline.trainee,
            "phases": outline.phases,
            "weeks": list(weeks),
        }
    )
