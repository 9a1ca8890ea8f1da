"""What a model is asked for to write a cycling plan."""

from collections.abc import Sequence

from supajobs.handlers.training_plan.calendar import weekday_of
from supajobs.handlers.training_plan.cycling.assignment import (
    CyclingAssignment,
    allowed_minutes,
    most_tss,
)
from supajobs.handlers.training_plan.cycling.limits import (
    LARGEST_CTL_RAMP,
    LARGEST_LAST_WEEK_SHARE,
    LARGEST_RECOVERY_SHARE,
    LARGEST_TAPER_SHARE,
    LARGEST_VOLUME_STEP,
)
from supajobs.handlers.training_plan.cycling.periodisation import cycle_length
from supajobs.handlers.training_plan.cycling.plan import CyclingOutline
from supajobs.handlers.training_plan.cycling.ride import (
    HARD_SUPRATHRESHOLD_SECONDS,
    HARD_SWEET_SPOT_SECONDS,
    SUPRATHRESHOLD_PERCENT,
    SWEET_SPOT_PERCENT,
)
from supajobs.handlers.training_plan.cycling.week import CyclingWeek, CyclingWeekTarget


def instruct(assignment: CyclingAssignment) -> str:
    """Who the model is, whom it writes for, and the rules that it is held to."""
    athlete = assignment.athlete
    return f"""\
You are an experienced cycling coach. You write periodised training plans with power targets.

The athlete: {athlete.age} years, {athlete.weight_kg:g} kg, FTP {athlete.ftp_watts} W. \
Goal: {athlete.goal.replace("_", " ").lower()}. \
Time: at most {athlete.weekly_minutes} minutes a week, on {", ".join(athlete.weekdays)} only. \
Fitness (CTL) at the start: {athlete.starting_ctl:g} TSS a day.
The plan: {assignment.weeks} weeks of seven days that each begin on a \
{weekday_of(assignment.starts_on)}. It ends with {describe_goal(assignment)}. \
That is put in for you: write the preparation, and nothing on that day or after it.

Rules, which are checked by a program:
- Weeks are of the kind load, recovery or taper. After at most {cycle_length(athlete.age)} load \
weeks in a row comes a recovery week; the last week, and no other than the last two, is taper.
- No week has more than {LARGEST_VOLUME_STEP:.0%} of the minutes of the longest week before it.
- A recovery week has at most {LARGEST_RECOVERY_SHARE:.0%} of the minutes of the load week before.
- A taper week has at most {LARGEST_TAPER_SHARE:.0%} of the minutes of the longest week, the last \
one at most {LARGEST_LAST_WEEK_SHARE:.0%}.
- No week raises CTL by more than {LARGEST_CTL_RAMP:g} TSS a day.
- No two hard days in a row, not even across weeks. Hard is a ride with \
{HARD_SWEET_SPOT_SECONDS // 60} minutes or more at {SWEET_SPOT_PERCENT} % of FTP and above, or \
{HARD_SUPRATHRESHOLD_SECONDS // 60} minutes or more above {SUPRATHRESHOLD_PERCENT} %, and the goal.
- At most one ride a day.

Two hard rides a week are plenty; the rest is easy, with one long ride. Hard sessions progress \
from week to week. Write titles and descriptions in plain English, for the athlete to read."""


def ask_for_outline(assignment: CyclingAssignment) -> str:
    """Asks for the outline."""
    return f"""\
Write the outline of the plan: a title, a summary in two or three sentences, and phases (such as \
base, build, peak, taper) with their weeks, {assignment.weeks} weeks in all. Say for each week \
its kind, its focus (what the hard rides are about) and its minutes on the bike without the goal \
itself."""


def ask_for_block(
    assignment: CyclingAssignment,
    outline: CyclingOutline,
    written: Sequence[CyclingWeek],
    numbers: range,
) -> str:
    """Asks for the rides of the weeks with these numbers, which follow those written."""
    targets = outline.weeks[numbers.start - 1 : numbers.stop - 1]
    ctl = written[-1].ctl if written else assignment.athlete.starting_ctl
    weeks = "\n".join(_describe_target(week) for week in outline.weeks)
    tasks = "\n".join(_describe_task(assignment, week) for week in targets)
    return f"""\
The outline: {outline.title}. {outline.summary}
{weeks}

{_describe_past(written)}
CTL is {ctl:.0f}: keep each week below {most_tss(ctl):.0f} TSS. An hour at 65 % of FTP is 42 TSS, \
at 75 % it is 56, at 90 % 81, at 100 % 100.

Write all rides of weeks {numbers[0]} to {numbers[-1]}, from warm-up to cool-down, in seconds and \
percent of FTP:
{tasks}"""


def describe_goal(assignment: CyclingAssignment) -> str:
    """The goal in the plan's words."""
    goal = assignment.goal
    what = "the event" if assignment.athlete.event_date else "an FTP test"
    return (
        f"{what} on {goal.weekday} of week {assignment.weeks} "
        f"({goal.duration_minutes} minutes, {goal.tss} TSS)"
    )


def _describe_past(written: Sequence[CyclingWeek]) -> str:
    if not written:
        return "Nothing is written yet."
    longest = max(week.preparation_minutes for week in written)
    rides = "\n".join(
        f"{ride.weekday}: {ride.title}, {ride.duration_minutes} min, {ride.tss} TSS"
        f"{', hard' if ride.is_hard else ''}"
        for ride in written[-1].sessions
    )
    return (
        f"Weeks 1 to {len(written)} are written; the longest has {longest} minutes. The rides of "
        f"week {len(written)}:\n{rides}"
    )


def _describe_target(week: CyclingWeekTarget) -> str:
    return (
        f"Week {week.number}, {week.phase}, {week.kind}: {week.preparation_minutes} min. "
        f"{week.focus}"
    )


def _describe_task(assignment: CyclingAssignment, week: CyclingWeekTarget) -> str:
    low, high = allowed_minutes(week)
    return (
        f"Week {week.number}, {week.kind}: {low} to {min(high, assignment.most_minutes(week))} "
        f"minutes. {week.focus}"
    )
