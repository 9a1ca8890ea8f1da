"""What a model is asked for to write a strength plan."""

import datetime as dt
from collections.abc import Sequence
from math import ceil

from supajobs.handlers.training_plan.calendar import WeekKind, weekday_of
from supajobs.handlers.training_plan.strength.allocation import (
    FIRST_SETS_LEADING,
    LARGEST_PUSH_PULL_RATIO,
)
from supajobs.handlers.training_plan.strength.catalogue import (
    CATALOGUE,
    Exercise,
    Pattern,
    is_ready,
)
from supajobs.handlers.training_plan.strength.draft import warm_up_minutes
from supajobs.handlers.training_plan.strength.limits import DAILY_MUSCLES, LARGEST_DELOAD_SHARE
from supajobs.handlers.training_plan.strength.plan import StrengthOutline
from supajobs.handlers.training_plan.strength.profile import Trainee
from supajobs.handlers.training_plan.strength.progression import CYCLE_WEEKS
from supajobs.handlers.training_plan.strength.volume import (
    LARGEST_SETS_STEP,
    MAJOR_MUSCLES,
    fewest_sets,
    most_sets,
)
from supajobs.handlers.training_plan.strength.week import (
    SECONDS_PER_REP,
    StrengthWeek,
    StrengthWeekTarget,
)

# How far the written weeks may be from the sets of the outline.
SMALLEST_SHARE, LARGEST_SHARE = 0.75, 1.15


def instruct(trainee: Trainee, starts_on: dt.date, weeks: int) -> str:
    """Who the model is, whom it writes for, and the rules that it is held to."""
    warm_up = warm_up_minutes(trainee)
    return f"""\
You are an experienced strength coach. You write training plans in mesocycles.

The trainee: {trainee.experience.lower()}. Goal: {trainee.goal.replace("_", " ").lower()}. \
Sessions on {", ".join(trainee.weekdays)} only, one each day, of at most {trainee.session_minutes} \
minutes. {warm_up} of them are for the warm-up, which is put in for you.
The plan: {weeks} weeks of seven days that each begin on a {weekday_of(starts_on)}.

Rules, which are checked by a program:
- Weeks are of the kind load or recovery. After at most {CYCLE_WEEKS[trainee.experience] - 1} load \
weeks in a row comes a recovery week, with at most {LARGEST_DELOAD_SHARE:.0%} of the sets of the \
load week before.
- No week has more than {LARGEST_SETS_STEP:.0%} of the most sets of a week so far.
- A set counts 1 for the muscles that its exercise trains directly, and a half for those that \
help. In a load week each of {", ".join(MAJOR_MUSCLES)} gets {fewest_sets(trainee)} sets or more; \
in any week no muscle gets more than {most_sets(trainee.experience)}.
- In a load week neither pushes nor pulls have more than {LARGEST_PUSH_PULL_RATIO:g} times the \
sets of the other, plus {FIRST_SETS_LEADING}.
- What a session trains directly rests the day after, except {" and ".join(sorted(DAILY_MUSCLES))}.
- A session takes the warm-up, its sets and rests, and its finisher: a set takes \
{SECONDS_PER_REP} seconds for each repetition of reps_high, or hold_seconds, twice that for an \
exercise of one side at a time, and then rest_seconds.
- No exercise twice in a session. Give repetitions, or hold_seconds for what is held.

The exercises, each with the muscles that it trains directly, and in brackets those that help:
{_describe_exercises(trainee)}

Big lifts first. Keep an exercise for the weeks of a phase, so that its progress shows. Write \
titles, focus and notes in plain English, for the trainee to read."""


def ask_for_outline(weeks: int) -> str:
    """Asks for the outline."""
    return f"""\
Write the outline of the plan: a title, a summary in two or three sentences, and phases \
(mesocycles) with their weeks, {weeks} weeks in all. Say for each phase its focus and the \
repetitions of its big lifts, for each week its kind, its focus, its sets in all sessions \
together, and how many repetitions are left in reserve when a set ends."""


def ask_for_block(outline: StrengthOutline, written: Sequence[StrengthWeek], numbers: range) -> str:
    """Asks for the sessions of the weeks with these numbers, which follow those written."""
    targets = outline.weeks[numbers.start - 1 : numbers.stop - 1]
    weeks = "\n".join(_describe_target(week) for week in outline.weeks)
    tasks = "\n".join(_describe_task(week) for week in targets)
    return f"""\
The outline: {outline.title}. {outline.summary}
{weeks}

{_describe_past(written)}

Write all sessions of weeks {numbers[0]} to {numbers[-1]}:
{tasks}"""


def allowed_sets(target: StrengthWeekTarget) -> tuple[int, int]:
    """From the fewest to the most; an easy week may have fewer."""
    low = SMALLEST_SHARE if target.kind is WeekKind.LOAD else 0
    return ceil(target.sets * low), ceil(target.sets * LARGEST_SHARE)


def _describe_exercises(trainee: Trainee) -> str:
    possible = [
        exercise
        for exercise in CATALOGUE.values()
        if exercise.equipment <= set(trainee.equipment) and is_ready(trainee.experience, exercise)
    ]
    lines = (
        (pattern, "; ".join(_describe(e) for e in possible if e.pattern is pattern))
        for pattern in Pattern
    )
    return "\n".join(f"{pattern}: {exercises}" for pattern, exercises in lines if exercises)


def _describe(exercise: Exercise) -> str:
    helping = f" ({', '.join(exercise.secondary)})" if exercise.secondary else ""
    marks = ", held" * exercise.is_held + ", one side at a time" * exercise.each_side
    return f"{exercise.slug}: {', '.join(exercise.primary)}{helping}{marks}"


def _describe_target(week: StrengthWeekTarget) -> str:
    return (
        f"Week {week.number}, {week.phase}, {week.kind}: {week.sets} sets, big lifts of "
        f"{week.reps_low} to {week.reps_high} repetitions, {week.reps_in_reserve} in reserve. "
        f"{week.focus}"
    )


def _describe_task(week: StrengthWeekTarget) -> str:
    low, high = allowed_sets(week)
    return f"Week {week.number}, {week.kind}: {low} to {high} sets. {week.focus}"


def _describe_past(written: Sequence[StrengthWeek]) -> str:
    if not written:
        return "Nothing is written yet."
    last = written[-1]
    sessions = "\n".join(
        f"{session.weekday}: {session.title}; "
        + ", ".join(
            f"{item.exercise} {item.sets}x{item.hold_seconds or item.reps_high}"
            for item in session.exercises
        )
        for session in last.sessions
    )
    most = max(week.sets for week in written)
    return (
        f"Weeks 1 to {len(written)} are written, with {most} sets at most. The sessions of week "
        f"{last.number}, with {last.sets} sets:\n{sessions}"
    )
