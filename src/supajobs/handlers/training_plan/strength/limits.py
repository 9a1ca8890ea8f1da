"""The invariants of a strength plan, as checks that name what is wrong.

Every function yields a sentence for the person (or model) who wrote the plan, for each problem that
it finds. Each may also be asked about the first weeks of a plan to come.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

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


class Planned(Protocol):
    """A week, written out or not yet."""

    @property
    def number(self) -> int:
        """1 is the first."""
        ...

    @property
    def kind(self) -> WeekKind:
        """What it is for."""
        ...

    @property
    def sets(self) -> int:
        """All of them."""
        ...


def check_sessions(trainee: Trainee, weeks: Sequence[StrengthWeek]) -> Iterator[str]:
    """Every session fits the trainee's equipment, days, time and recovery."""
    sessions = [session for week in weeks for session in week.sessions]
    for session in sessions:
        if session.weekday not in trainee.weekdays:
            yield f"{session.title!r}: {session.weekday} is no training day"
        if session.duration_minutes > trainee.session_minutes:
            yield (
                f"{session.title!r} on {session.date} takes {session.duration_minutes} minutes, "
                f"there are {trainee.session_minutes}"
            )
        for item in session.exercises:
            yield from _check_exercise(trainee, item)
    for session, following in pairwise(sessions):
        if following.date - session.date == dt.timedelta(days=1):
            yield from _check_rest(session, following)


def _check_exercise(trainee: Trainee, item: Prescription) -> Iterator[str]:
    missing = item.known.equipment - set(trainee.equipment)
    if missing:
        yield f"{item.name} needs {', '.join(sorted(missing))}"
    if not is_ready(trainee.experience, item.known):
        yield f"{item.name} is not for a {trainee.experience.lower()}"
    if item.percent_1rm is None:
        return
    most = most_percent(item.reps_low or 1)
    if item.percent_1rm > most:
        yield (
            f"{item.name}: {item.reps_low} repetitions at {item.percent_1rm} % of the maximum "
            f"cannot be done; {most} % is the most"
        )


def _check_rest(session: StrengthSession, following: StrengthSession) -> Iterator[str]:
    """No two hard days in a row: what was trained directly yesterday rests today."""
    first, second = _direct_muscles(session), _direct_muscles(following)
    tired = sorted(first & second)
    if tired:
        yield (
            f"{session.date} and {following.date} are two hard days in a row for: "
            f"{', '.join(tired)}"
        )


def _direct_muscles(session: StrengthSession) -> set[Muscle]:
    return {m for item in session.exercises for m in item.known.primary} - DAILY_MUSCLES


def check_weeks(trainee: Trainee, weeks: Sequence[StrengthWeek]) -> Iterator[str]:
    """Weekly sets stay in their ranges, rise slowly, and rest in deload weeks."""
    for week in weeks:
        yield from _check_volume(trainee, week)
        yield from _check_balance(week)
    yield from check_progression(trainee.experience, weeks)


def _check_volume(trainee: Trainee, week: StrengthWeek) -> Iterator[str]:
    highest = most_sets(trainee.experience)
    lowest = fewest_sets(trainee)
    for muscle, sets in week.sets_per_muscle.items():
        if sets > highest:
            yield f"week {week.number}: {sets:g} sets for the {muscle}, over {highest}"
        if week.kind is WeekKind.LOAD and muscle in MAJOR_MUSCLES and sets < lowest:
            yield f"week {week.number}: {sets:g} sets for the {muscle}, under {lowest}"


def _check_balance(week: StrengthWeek) -> Iterator[str]:
    items = [item for session in week.sessions for item in session.exercises]
    push = sum(item.sets for item in items if item.known.pattern in PUSHES)
    pull = sum(item.sets for item in items if item.known.pattern in PULLS)
    if week.kind is WeekKind.LOAD and not is_balanced(push, pull):
        yield f"week {week.number} is out of balance: {push} sets push, {pull} pull"


def check_progression(experience: Experience, weeks: Sequence[Planned]) -> Iterator[str]:
    """The sets rise slowly, and fall in deload weeks, of which there are enough."""
    most = weeks[0].sets
    for week in weeks[1:]:
        if week.sets > LARGEST_SETS_STEP * most:
            yield (
                f"week {week.number} has {week.sets} sets, more than {LARGEST_SETS_STEP - 1:.0%} "
                f"above the most so far ({most})"
            )
        most = max(most, week.sets)
    yield from _check_deloads(experience, weeks)


def _check_deloads(experience: Experience, weeks: Sequence[Planned]) -> Iterator[str]:
    most = CYCLE_WEEKS[experience] - 1
    loaded = latest = 0
    for week in weeks:
        if week.kind is WeekKind.LOAD:
            loaded, latest = loaded + 1, week.sets
        else:
            loaded = 0
            if week.sets > LARGEST_DELOAD_SHARE * latest:
                yield (
                    f"deload week {week.number} has {week.sets} of {latest} sets, more than "
                    f"{LARGEST_DELOAD_SHARE:.0%}"
                )
        if loaded > most:
            yield f"week {week.number} is load week {loaded} in a row; {most} at most"
