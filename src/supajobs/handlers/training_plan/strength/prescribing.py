"""What to write behind an exercise: repetitions, rest, effort, load and a word of advice."""

from typing import NamedTuple

from supajobs.handlers.training_plan.strength.catalogue import Exercise, Pattern
from supajobs.handlers.training_plan.strength.equipment import Equipment
from supajobs.handlers.training_plan.strength.profile import Experience, Trainee
from supajobs.handlers.training_plan.strength.progression import REST_SECONDS, percent_1rm
from supajobs.handlers.training_plan.strength.week import (
    SECONDS_PER_REP,
    Prescription,
    StrengthWeekTarget,
    seconds_per_set,
)

SHORT_SESSION = 40  # minutes below which rests are cut
SHORT_REST_SHARE = 0.75
HOLD_SECONDS = 40
# What joints thank for: no fewer repetitions than these, and no more of a deadlift.
ISOLATION_REPS = (8, 12)
FREE_COMPOUND_REPS = (5, 8)
HEAVY_REPS = (6, 8)
BODYWEIGHT_REPS = (8, 15)
BODYWEIGHT_REST_SECONDS = 90  # without a load there is less to recover from


class Dose(NamedTuple):
    """One set of an exercise in a given week."""

    reps: tuple[int, int] | None  # None for what is held
    rest_seconds: int
    seconds: int


def dose(exercise: Exercise, trainee: Trainee, target: StrengthWeekTarget) -> Dose:
    """Repetitions and rest of one set, and the time both take."""
    rest = REST_SECONDS[trainee.goal][0 if exercise.is_compound else 1]
    if exercise.is_bodyweight:
        rest = min(rest, BODYWEIGHT_REST_SECONDS)
    if trainee.session_minutes < SHORT_SESSION:
        rest = int(rest * SHORT_REST_SHARE / 5) * 5
    reps = None if exercise.is_held else _reps(exercise, target)
    work = reps[1] * SECONDS_PER_REP if reps else HOLD_SECONDS
    return Dose(reps, rest, seconds_per_set(exercise, work, rest))


def _reps(exercise: Exercise, target: StrengthWeekTarget) -> tuple[int, int]:
    low, high = target.reps_low, target.reps_high
    if exercise.is_bodyweight:
        return max(low, BODYWEIGHT_REPS[0]), max(high, BODYWEIGHT_REPS[1])
    if exercise.stays_heavy:
        return min(low, HEAVY_REPS[0]), min(high, HEAVY_REPS[1])
    if exercise.loads_by_percent:
        return low, high
    least = FREE_COMPOUND_REPS if exercise.is_compound else ISOLATION_REPS
    return max(low, least[0]), max(high, least[1])


def prescribe(
    exercise: Exercise, sets: int, trainee: Trainee, target: StrengthWeekTarget
) -> Prescription:
    """The exercise as it stands in the plan."""
    one = dose(exercise, trainee, target)
    return Prescription(
        exercise=exercise.slug,
        name=exercise.name,
        sets=sets,
        reps_low=one.reps[0] if one.reps else None,
        reps_high=one.reps[1] if one.reps else None,
        hold_seconds=None if one.reps else HOLD_SECONDS,
        rest_seconds=one.rest_seconds,
        reps_in_reserve=target.reps_in_reserve,
        percent_1rm=percent_to_lift(
            exercise, trainee, one.reps[1] if one.reps else None, target.reps_in_reserve
        ),
        note=_note(exercise),
    )


def percent_to_lift(
    exercise: Exercise, trainee: Trainee, reps_high: int | None, in_reserve: int
) -> int | None:
    """The load in percent of the maximum; it helps only those who know their maximum."""
    knows_maximum = exercise.loads_by_percent and trainee.experience is not Experience.BEGINNER
    return percent_1rm(reps_high, in_reserve) if knows_maximum and reps_high else None


def _note(exercise: Exercise) -> str:
    side = "Each side. " if exercise.each_side else ""
    if exercise.pattern is Pattern.VERTICAL_PULL and Equipment.PULL_UP_BAR in exercise.equipment:
        return side + "Add weight, or the help of a band, to stay in the range."
    if exercise.is_bodyweight and exercise.is_compound:
        return side + "Three seconds down. Too easy? Pause for two at the bottom."
    if exercise.is_compound:
        return side + "All sets at the top of the range? Add the smallest weight next time."
    return side.strip()
