"""How repetitions, effort and load move from week to week and from block to block.

Sources: American College of Sports Medicine, "Progression models in resistance training for
healthy adults" (position stand), Medicine & Science in Sports & Exercise, 2009 (repetitions and
rest for each goal); Eric R. Helms and others, "Application of the repetitions in reserve-based
rating of perceived exertion scale for resistance training", Strength and Conditioning Journal,
2016 (RIR).
"""

from typing import NamedTuple

from supajobs.handlers.training_plan.strength.profile import Experience, StrengthGoal

# Weeks from one deload to the next; whoever lifts more, tires more.
CYCLE_WEEKS = {Experience.BEGINNER: 6, Experience.INTERMEDIATE: 4, Experience.ADVANCED: 4}
FIRST_RIR, LOWEST_RIR, DELOAD_RIR = 3, {Experience.BEGINNER: 2}, 4
FIRST_VOLUME_SHARES = (0.85, 0.95)  # of the weekly sets aimed at; then all of them
DELOAD_SHARE = 0.5
BEGINNER_FEWEST_REPS = 5


class Scheme(NamedTuple):
    """What a mesocycle is about, in repetitions of the compound lifts and rest between sets."""

    name: str
    focus: str
    reps_low: int
    reps_high: int


SCHEMES: dict[StrengthGoal, tuple[Scheme, ...]] = {
    StrengthGoal.MUSCLE_GAIN: (
        Scheme("foundation", "clean technique and the first volume", 10, 12),
        Scheme("growth", "more load at the same effort", 8, 10),
        Scheme("heavy", "mechanical tension: heavier, fewer repetitions", 6, 8),
        Scheme("volume", "lighter loads, longer sets, joints get a break", 12, 15),
    ),
    StrengthGoal.STRENGTH: (
        Scheme("volume", "practise the lifts with moderate loads", 6, 8),
        Scheme("strength", "heavier sets, longer rest", 4, 6),
        Scheme("intensity", "heavy and crisp: two to four repetitions, nothing ground out", 2, 4),
    ),
    StrengthGoal.FAT_LOSS: (
        Scheme("foundation", "technique, and a steady rhythm of work and rest", 10, 12),
        Scheme("retention", "heavier, to tell the body that muscle is needed", 8, 10),
        Scheme("density", "the same work in less time", 12, 15),
    ),
    StrengthGoal.GENERAL_FITNESS: (
        Scheme("foundation", "learn and groove the movements", 10, 12),
        Scheme("strength", "a little heavier, a little slower", 8, 10),
        Scheme("capacity", "longer sets, shorter rest", 12, 15),
    ),
}
# Rest after a set of a compound lift and of anything else.
REST_SECONDS = {
    StrengthGoal.MUSCLE_GAIN: (120, 75),
    StrengthGoal.STRENGTH: (180, 90),
    StrengthGoal.FAT_LOSS: (75, 45),
    StrengthGoal.GENERAL_FITNESS: (90, 60),
}
EPLEY = 30


def reps_in_reserve(experience: Experience, load_week: int) -> int:
    """Effort in the nth load week of a block (from 0): one repetition closer to failure a week."""
    return max(FIRST_RIR - load_week, LOWEST_RIR.get(experience, 1))


def volume_share(load_week: int) -> float:
    """Share of the weekly sets in the nth load week of a block, counted from 0."""
    return FIRST_VOLUME_SHARES[load_week] if load_week < len(FIRST_VOLUME_SHARES) else 1


def percent_1rm(reps: int, in_reserve: int) -> int:
    """Load for some repetitions with some in reserve, in percent of the maximum.

    Boyd Epley's formula of 1985: maximum = load * (1 + repetitions / 30).
    """
    return int(100 / (1 + (reps + in_reserve) / EPLEY))


def most_percent(reps: int) -> int:
    """The highest load with which so many repetitions are possible at all, in percent."""
    return min(round(100 / (1 + (reps - 1) / EPLEY)), 100)
