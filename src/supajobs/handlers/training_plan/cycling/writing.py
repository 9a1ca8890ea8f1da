"""From the outline to its weeks, and from the weeks to the plan."""

from collections.abc import Sequence

from pydantic import BaseModel

from supajobs.handlers.training_plan.cycling.draft import draft_rides
from supajobs.handlers.training_plan.cycling.plan import CyclingOutline, CyclingPlan, zones_at
from supajobs.handlers.training_plan.cycling.ride import EASY_RIDES
from supajobs.handlers.training_plan.cycling.sketch import write_ride
from supajobs.handlers.training_plan.cycling.week import CyclingWeek


def write_cycling_week(outline: CyclingOutline, number: int) -> CyclingWeek:
    """The rides of one week of the outline; 1 is the first."""
    target = outline.weeks[number - 1]
    drafted = draft_rides(outline.athlete, target, outline.goal_date)
    ftp = outline.athlete.ftp_watts
    rides = [write_ride(sketch, date, ftp) for date, sketch in drafted.items()]
    return CyclingWeek(
        number=target.number,
        phase=target.phase,
        kind=target.kind,
        focus=target.focus,
        starts_on=target.starts_on,
        ends_on=target.ends_on,
        duration_minutes=target.duration_minutes,
        tss=target.tss,
        ctl=target.ctl,
        atl=target.atl,
        tsb=target.tsb,
        key_sessions=[ride.title for ride in rides if ride.kind not in EASY_RIDES],
        sessions=rides,
    )


def assemble_cycling(outline: CyclingOutline, weeks: Sequence[BaseModel]) -> CyclingPlan:
    """The whole plan, all invariants checked.

    Raises:
        pydantic.ValidationError: weeks are missing, of another outline, or break an invariant.
    """
    return CyclingPlan.model_validate(
        {
            "title": outline.title,
            "summary": outline.summary,
            "starts_on": outline.starts_on,
            "ends_on": outline.ends_on,
            "athlete": outline.athlete,
            "zones": zones_at(outline.athlete.ftp_watts),
            "phases": outline.phases,
            "weeks": list(weeks),
        }
    )
