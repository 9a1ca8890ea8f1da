"""The invariants of a strength plan, as checks that name what is wrong.

Every function raises ValueError with a sentence for the person (or model) who wrote the plan.
"""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

from supajobs.handlers.training_plan.calendar import WeekKind
from supajobs.handlers.training_plan.strength.allocation import is_balanced
from supajobs.handlers.training_plan.strength.catalogue import PULLS, PUSHES, Muscle, is_ready
from supajobs.handlers.training_plan.strength.profile import Experience, Trainee
from supajobs.handlers.training_plan.strength.progression import CYCLE_WEEKS, most_percent
from supajobs.handlers.training_plan.strength.volume import (
    LARGEST_SETS_STEP,
    MAJOR_MUSCLES,
    fewest_sets,
    most_sets,
)
from supajobs.handlers.training_plan.strength.week import (
    Prescription,
    StrengthSession,
    StrengthWeek,
)

LARGEST_DELOAD_SHARE = 0.75  # of the sets of the load week before
# Small or postural muscles that recover overnight.
DAILY_MUSCLES = frozenset({Muscle.CORE, Muscle.CALVES})


def check_sessions(trainee: Trainee, weeks: Sequence[StrengthWeek]) -> None:
    """Every session fits the trainee's equipment, days, time and recovery."""
    sessions = [session for week in weeks for session in week.sessions]
    for session in sessions:
        if session.weekday not in trainee.weekdays:
            raise ValueError(f"{session.title!r}: {session.weekday} is no training day")
        if session.duration_minutes > trainee.session_minutes:
            raise ValueError(
                f"{session.title!r} on {session.date} takes {session.duration_minutes} minutes, "
                f"there are {trainee.session_minutes}"
            )
        for item in session.exercises:
            _check_exercise(trainee, item)
    for session, following in pairwise(sessions):
        if following.date - session.date == dt.timedelta(days=1):
            _check_rest(session, following)


def _check_exercise(trainee: Trainee, item: Prescription) -> None:
    missing = item.known.equipment - set(trainee.equipment)
    if missing:
        raise ValueError(f"{item.name} needs {', '.join(sorted(missing))}")
    if not is_ready(trainee.experience, item.known):
        raise ValueError(f"{item.name} is not for a {trainee.experience.lower()}")
    if item.percent_1rm is None:
        return
    most = most_percent(item.reps_low or 1)
    if item.percent_1rm > most:
        raise ValueError(
            f"{item.name}: {item.reps_low} repetitions at {item.percent_1rm} % of the maximum "
            f"cannot be done; {most} % is the most"
        )


def _check_rest(session: StrengthSession, following: StrengthSession) -> None:
    """No two hard days in a row: what was trained directly yesterday rests today."""
    first, second = _direct_muscles(session), _direct_muscles(following)
    tired = sorted(first & second)
    if tired:
        raise ValueError(
            f"{session.date} and {following.date} are two hard days in a row for: "
            f"{', '.join(tired)}"
        )


def _direct_muscles(session: StrengthSession) -> set[Muscle]:
    return {m for item in session.exercises for m in item.known.primary} - DAILY_MUSCLES


def check_weeks(trainee: Trainee, weeks: Sequence[StrengthWeek]) -> None:
    """Weekly sets stay in their ranges, rise slowly, and rest in deload weeks."""
    for week in weeks:
        _check_volume(trainee, week)
        _check_balance(week)
    _check_growth(weeks)
    _check_deloads(trainee.experience, weeks)


def _check_volume(trainee: Trainee, week: StrengthWeek) -> None:
    highest = most_sets(trainee.experience)
    lowest = fewest_sets(trainee)
    for muscle, sets in week.sets_per_muscle.items():
        if sets > highest:
            raise ValueError(f"week {week.number}: {sets:g} sets for the {muscle}, over {highest}")
        if week.kind is WeekKind.LOAD and muscle in MAJOR_MUSCLES and sets < lowest:
            raise ValueError(f"week {week.number}: {sets:g} sets for the {muscle}, under {lowest}")


def _check_balance(week: StrengthWeek) -> None:
    items = [item for session in week.sessions for item in session.exercises]
    push = sum(item.sets for item in items if item.known.pattern in PUSHES)
    pull = sum(item.sets for item in items if item.known.pattern in PULLS)
    if week.kind is WeekKind.LOAD and not is_balanced(push, pull):
        raise ValueError(f"week {week.number} is out of balance: {push} sets push, {pull} pull")


def _check_growth(weeks: Sequence[StrengthWeek]) -> None:
    most = weeks[0].sets
    for week in weeks[1:]:
        if week.sets > LARGEST_SETS_STEP * most:
            raise ValueError(
                f"week {week.number} has {week.sets} sets, more than {LARGEST_SETS_STEP - 1:.0%} "
                f"above the most so far ({most})"
            )
        most = max(most, week.sets)


def _check_deloads(experience: Experience, weeks: Sequence[StrengthWeek]) -> None:
    most = CYCLE_WEEKS[experience] - 1
    loaded = latest = 0
    for week in weeks:
        if week.kind is WeekKind.LOAD:
            loaded, latest = loaded + 1, week.sets
        else:
            loaded = 0
            if week.sets > LARGEST_DELOAD_SHARE * latest:
                raise ValueError(f"deload week {week.number} has {week.sets} of {latest} sets")
        if loaded > most:
            raise ValueError(f"week {week.number} is load week {loaded} in a row; {most} at most")
