"""Which movements are trained on which day.

A muscle group that was trained directly rests the day after, so the split depends on which of
the weekdays touch.
"""

from collections.abc import Sequence
from itertools import permutations
from typing import NamedTuple

from supajobs.handlers.training_plan.calendar import Weekday, are_neighbours
from supajobs.handlers.training_plan.strength.catalogue import Pattern


class Day(NamedTuple):
    """A kind of training day: its patterns, most important first, and what they tire."""

    name: str
    tires: frozenset[str]
    patterns: tuple[Pattern, ...]


def _day(name: str, tires: frozenset[str], patterns: str) -> Day:
    return Day(name, tires, tuple(Pattern(pattern) for pattern in patterns.split()))


_PUSH, _PULL, _LEGS = frozenset({"push"}), frozenset({"pull"}), frozenset({"legs"})
_UPPER = _PUSH | _PULL
_ALL = _UPPER | _LEGS

FULL_A = _day(
    "Full body A",
    _ALL,
    "squat horizontal_push horizontal_pull hinge vertical_push vertical_pull core calf_raise",
)
FULL_B = _day(
    "Full body B",
    _ALL,
    "hinge vertical_pull vertical_push lunge horizontal_push horizontal_pull core "
    "elbow_extension curl",
)
FULL_C = _day(
    "Full body C",
    _ALL,
    "squat horizontal_push horizontal_pull leg_curl vertical_pull lateral_raise core calf_raise",
)
UPPER_A = _day(
    "Upper body A",
    _UPPER,
    "horizontal_push horizontal_pull vertical_push vertical_pull chest_fly curl elbow_extension",
)
UPPER_B = _day(
    "Upper body B",
    _UPPER,
    "vertical_pull vertical_push horizontal_pull horizontal_push rear_fly lateral_raise "
    "elbow_extension curl",
)
LOWER_A = _day(
    "Lower body A",
    _LEGS,
    "squat hinge lunge leg_curl calf_raise core",
)
LOWER_B = _day(
    "Lower body B",
    _LEGS,
    "hinge squat hip_extension leg_curl core calf_raise",
)
PUSH_A = _day(
    "Push A",
    _PUSH,
    "horizontal_push vertical_push chest_fly lateral_raise elbow_extension",
)
PUSH_B = _day(
    "Push B",
    _PUSH,
    "vertical_push horizontal_push lateral_raise elbow_extension chest_fly",
)
PULL_A = _day(
    "Pull A",
    _PULL,
    "horizontal_pull vertical_pull rear_fly curl core",
)
PULL_B = _day(
    "Pull B",
    _PULL,
    "vertical_pull horizontal_pull curl rear_fly core",
)
EASY = Day("Easy day", frozenset(), ())

# Splits for each number of days, the better ones first; the last always fits.
_SPLITS: dict[int, tuple[tuple[Day, ...], ...]] = {
    1: ((FULL_A,),),
    2: ((FULL_A, FULL_B), (UPPER_A, LOWER_A)),
    3: ((FULL_A, FULL_B, FULL_C), (UPPER_A, LOWER_A, FULL_B), (PUSH_A, PULL_A, LOWER_A)),
    4: ((UPPER_A, LOWER_A, UPPER_B, LOWER_B),),
    5: ((UPPER_A, LOWER_A, PUSH_B, PULL_B, LOWER_B),),
    6: ((PUSH_A, PULL_A, LOWER_A, PUSH_B, PULL_B, LOWER_B),),
    7: ((PUSH_A, PULL_A, LOWER_A, PUSH_B, PULL_B, LOWER_B, EASY),),
}


def assign_days(weekdays: Sequence[Weekday]) -> dict[Weekday, Day]:
    """The best split in which no two neighbouring days tire the same muscles."""
    for split in _SPLITS[len(weekdays)]:
        for order in permutations(split) if len(split) <= 3 else (split,):  # noqa: PLR2004 - longer splits fit as they are
            days = dict(zip(weekdays, order, strict=True))
            if not _overlaps(days):
                return days
    raise AssertionError("the last split fits any weekdays")


def _overlaps(days: dict[Weekday, Day]) -> bool:
    return any(
        are_neighbours(one, other) and days[one].tires & days[other].tires
        for one in days
        for other in days
    )
