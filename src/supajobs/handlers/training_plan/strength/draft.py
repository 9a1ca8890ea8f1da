"""The sessions of one week, from its target alone."""

import datetime as dt
from collections import Counter
from math import ceil

from supajobs.handlers.training_plan.calendar import DAYS_PER_WEEK, WeekKind, weekday_of
from supajobs.handlers.training_plan.strength.allocation import Bounds, Slot, share_sets
from supajobs.handlers.training_plan.strength.catalogue import (
    Exercise,
    Pattern,
    possible_exercises,
)
from supajobs.handlers.training_plan.strength.prescribing import dose, prescribe
from supajobs.handlers.training_plan.strength.profile import StrengthGoal, Trainee
from supajobs.handlers.training_plan.strength.progression import DELOAD_SHARE
from supajobs.handlers.training_plan.strength.split import Day, assign_days
from supajobs.handlers.training_plan.strength.volume import aims, fewest_sets, most_sets
from supajobs.handlers.training_plan.strength.week import (
    SECONDS_PER_MINUTE,
    Finisher,
    SessionKind,
    StrengthSession,
    StrengthWeekTarget,
    session_minutes,
)

LEADING_LIFTS = 2  # what a session is named after
CHOICES = 3  # exercises of a pattern that take turns, the best ones available
FINISHER_MINUTES, ROOM_FOR_FINISHER = 8, 45
EASY_DAY_MINUTES = 30
# Minutes of warm-up in sessions of at least so many minutes.
_WARM_UPS = {60: 10, 40: 8, 0: 5}
_FINISHERS = (
    ("Twenty-forty", "8 rounds: 20 s fast (rope, stairs, bike), 40 s easy walking."),
    ("Ladder", "Squat, push-up, mountain climber: 5 of each, then 6, 7 ... until time is up."),
    ("Steady finish", "8 minutes brisk and even; you can speak, but would rather not."),
)


def draft_sessions(trainee: Trainee, target: StrengthWeekTarget) -> list[StrengthSession]:
    """The sessions of a week, in order; the same target always gives the same sessions."""
    days = _days(trainee, target.starts_on)
    chosen = _choose_exercises(list(days.values()), trainee, target)
    slots = [
        Slot(session, exercise, dose(exercise, trainee, target).seconds, place < LEADING_LIFTS)
        for session, exercises in enumerate(chosen)
        for place, exercise in enumerate(exercises)
    ]
    shared = share_sets(
        slots,
        aims(trainee, target.volume_share),
        Bounds(
            session_seconds=_seconds_for_sets(trainee),
            fewest_sets=fewest_sets(trainee),
            most_sets=most_sets(trainee.experience),
            sets=target.most_sets,
        ),
    )
    if target.kind is WeekKind.RECOVERY:
        shared = [ceil(sets * DELOAD_SHARE) for sets in shared]
    return [
        _write_session(
            date,
            day,
            [
                (s.exercise, n)
                for s, n in zip(slots, shared, strict=True)
                if n and s.session == index
            ],
            trainee,
            target,
        )
        for index, (date, day) in enumerate(days.items())
    ]


def _days(trainee: Trainee, starts_on: dt.date) -> dict[dt.date, Day]:
    kinds = assign_days(trainee.weekdays)
    dates = (starts_on + dt.timedelta(days=day) for day in range(DAYS_PER_WEEK))
    return {date: kinds[weekday_of(date)] for date in dates if weekday_of(date) in kinds}


def _choose_exercises(
    days: list[Day], trainee: Trainee, target: StrengthWeekTarget
) -> list[list[Exercise]]:
    """The exercises of each day: another one each time a pattern returns, and in each block.

    Who trains for strength keeps the compound lifts from block to block, because strength is
    specific to the lift.
    """
    equipment = frozenset(trainee.equipment)
    seen: Counter[Pattern] = Counter()
    chosen: list[list[Exercise]] = []
    for day in days:
        exercises: list[Exercise] = []
        for pattern in day.patterns:
            choices = possible_exercises(pattern, equipment, trainee.experience)[:CHOICES]
            keeps = trainee.goal is StrengthGoal.STRENGTH and choices[0].is_compound
            turn = seen[pattern] + (0 if keeps else target.block)
            exercises.append(choices[turn % len(choices)])
            seen[pattern] += 1
        chosen.append(exercises)
    return chosen


def warm_up_minutes(trainee: Trainee) -> int:
    """How long the warm-up of a session is."""
    return next(minutes for room, minutes in _WARM_UPS.items() if trainee.session_minutes >= room)


def _has_finisher(trainee: Trainee) -> bool:
    conditioned = {StrengthGoal.FAT_LOSS, StrengthGoal.GENERAL_FITNESS}
    return trainee.goal in conditioned and trainee.session_minutes >= ROOM_FOR_FINISHER


def _seconds_for_sets(trainee: Trainee) -> int:
    finisher = FINISHER_MINUTES if _has_finisher(trainee) else 0
    minutes = trainee.session_minutes - warm_up_minutes(trainee) - finisher
    return minutes * SECONDS_PER_MINUTE


def _write_session(
    date: dt.date,
    day: Day,
    sets: list[tuple[Exercise, int]],
    trainee: Trainee,
    target: StrengthWeekTarget,
) -> StrengthSession:
    if not day.patterns:
        return _easy_day(date, trainee)
    items = [prescribe(exercise, number, trainee, target) for exercise, number in sets]
    finisher = _finisher(target.number + date.weekday()) if _has_finisher(trainee) else None
    minutes = warm_up_minutes(trainee)
    return StrengthSession(
        date=date,
        weekday=weekday_of(date),
        kind=SessionKind.STRENGTH,
        title=f"{day.name}: {', '.join(item.name for item in items[:2])}",
        focus=target.focus,
        duration_minutes=session_minutes(minutes, items, finisher),
        sets=sum(item.sets for item in items),
        warm_up=warm_up(minutes, items[0].name),
        warm_up_minutes=minutes,
        exercises=items,
        finisher=finisher,
    )


def warm_up(minutes: int, first_exercise: str) -> list[str]:
    """What to do in the minutes before a session's first exercise."""
    return [
        f"{minutes - 3} min easy movement, until slightly warm",
        "Hips, shoulders, ankles: ten slow circles each",
        f"{first_exercise}: two lighter sets before the first that counts",
    ]


def _finisher(turn: int) -> Finisher:
    title, description = _FINISHERS[turn % len(_FINISHERS)]
    return Finisher(title=title, description=description, duration_minutes=FINISHER_MINUTES)


def _easy_day(date: dt.date, trainee: Trainee) -> StrengthSession:
    minutes = min(EASY_DAY_MINUTES, trainee.session_minutes)
    walk = Finisher(
        title="Walk and mobility",
        description="Brisk walk, then five minutes of stretching what feels tight.",
        duration_minutes=minutes,
    )
    return StrengthSession(
        date=date,
        weekday=weekday_of(date),
        kind=SessionKind.ACTIVE_RECOVERY,
        title="Easy day: walk and mobility",
        focus="recovery: muscles grow between the sessions",
        duration_minutes=minutes,
        sets=0,
        warm_up=[],
        warm_up_minutes=0,
        exercises=[],
        finisher=walk,
    )
