"""How the weeks of a plan are spread over base, build, peak and taper.

Sources: Tudor O. Bompa, G. Gregory Haff, "Periodization: Theory and Methodology of Training",
5th edition, 2009; Laurent Bosquet and others, "Effects of tapering on performance: a
meta-analysis", Medicine & Science in Sports & Exercise, 2007 (two weeks, volume down by 41-60 %,
intensity kept); Joe Friel, "The Cyclist's Training Bible", 5th edition, 2018 (recovery weeks,
and more of them for older athletes).
"""

from typing import NamedTuple

from supajobs.handlers.training_plan.calendar import WeekKind, load_blocks

MASTERS_AGE = 45
FOCUS = {
    "base": "aerobic endurance and muscular endurance below threshold",
    "build": "raising threshold power and maximal oxygen uptake",
    "peak": "goal-specific intensity on slightly less volume",
    "taper": "shedding fatigue: less volume, same intensity",
}
# Volume relative to the most the athlete has, or to the load week before.
FIRST_LOAD_SHARE = 0.9
PEAK_SHARE = 0.92
RECOVERY_SHARE = 0.6
TAPER_SHARES = (0.7, 0.45)
LARGEST_GROWTH = 1.10
# Plans of so many weeks have two for the taper.
SPARES_TWO, SPARES_TWO_EARLY = 10, 5


class WeekShape(NamedTuple):
    """What a week is before it has hours."""

    phase: str
    kind: WeekKind
    share: float  # of the athlete's hours in load weeks, of the latest load week otherwise


def cycle_length(age: int) -> int:
    """Weeks from one recovery week to the next: four, and three for masters athletes."""
    return 3 if age >= MASTERS_AGE else 4


def shape_weeks(weeks: int, age: int, *, early_goal: bool) -> list[WeekShape]:
    """The phases and recovery weeks of a plan of 4 to 24 weeks.

    Args:
        weeks: how many.
        age: of the athlete, in years.
        early_goal: whether the goal is so early in its week that the taper needs the week before.
    """
    cycle = cycle_length(age)
    taper = 2 if weeks >= (SPARES_TWO_EARLY if early_goal else SPARES_TWO) else 1
    peak = _peak_weeks(weeks, taper, cycle)
    blocks = load_blocks(weeks - taper - peak, cycle)
    base = _base_weeks(blocks)
    kinds = [kind for block in blocks for kind in block]
    loads = [kind for kind in kinds if kind is WeekKind.LOAD]
    shapes: list[WeekShape] = []
    done = 0
    for index, kind in enumerate(kinds):
        phase = "base" if index < base else "build"
        if kind is WeekKind.RECOVERY:
            shapes.append(WeekShape(phase, kind, RECOVERY_SHARE))
            continue
        progress = done / max(len(loads) - 1, 1)
        share = FIRST_LOAD_SHARE + (1 - FIRST_LOAD_SHARE) * progress
        shapes.append(WeekShape(phase, kind, share))
        done += 1
    shapes += [WeekShape("peak", WeekKind.LOAD, PEAK_SHARE)] * peak
    return shapes + [WeekShape("taper", WeekKind.TAPER, s) for s in TAPER_SHARES[-taper:]]


def _peak_weeks(weeks: int, taper: int, cycle: int) -> int:
    """As many as the plan's length suggests, or fewer so that base and build fill whole cycles."""
    usual = min(weeks // 6 or 1, cycle - 1, 3)
    whole = (peak for peak in range(usual, 0, -1) if (weeks - taper - peak) % cycle == 0)
    return next(whole, 1)


def _base_weeks(blocks: list[list[WeekKind]]) -> int:
    """Where base ends: at the block border nearest to 55 %, or halfway through a single block."""
    sizes = [len(block) for block in blocks]
    if len(sizes) == 1:
        return sizes[0] // 2
    borders = [sum(sizes[:count]) for count in range(1, len(sizes))]
    return min(borders, key=lambda border: abs(border - 0.55 * sum(sizes)))
