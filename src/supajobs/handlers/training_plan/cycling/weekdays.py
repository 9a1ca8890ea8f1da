"""Which weekday gets which kind of ride."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from functools import cache
from itertools import combinations
from types import MappingProxyType

from supajobs.handlers.training_plan.calendar import Weekday, are_neighbours

_USUAL_WEEKDAYS = {
    2: "wednesday saturday",
    3: "tuesday thursday saturday",
    4: "tuesday thursday saturday sunday",
    5: "tuesday wednesday thursday saturday sunday",
    6: "tuesday wednesday thursday friday saturday sunday",
    7: "monday tuesday wednesday thursday friday saturday sunday",
}
_MANY_DAYS = 6  # from here on some rides are there to recover
_WEEKEND = {Weekday.SATURDAY, Weekday.SUNDAY}


class Role(StrEnum):
    """The part a day plays in a normal week."""

    HARD = "hard"
    LONG = "long"
    EASY = "easy"
    RECOVERY = "recovery"


def choose_weekdays(days: int) -> list[Weekday]:
    """The weekdays most people train on, for 2 to 7 days a week."""
    return [Weekday(name) for name in _USUAL_WEEKDAYS[days].split()]


@cache
def assign_roles(weekdays: tuple[Weekday, ...]) -> Mapping[Weekday, Role]:
    """Give every training day its role: one long ride, one or two hard days, the rest easy.

    Two hard days a week are plenty, and the rest is easy: Stephen Seiler, "What is best practice
    for training intensity and duration distribution in endurance athletes?", International
    Journal of Sports Physiology and Performance, 2010. Hard days never touch, not even across
    the border of two weeks; among what remains the best arrangement wins: long ride on the
    weekend with a day off after it, hard days away from it and from each other.
    """
    wanted = 1 if len(weekdays) <= 2 else 2  # noqa: PLR2004 - two rides: one long, one hard
    arrangements = [
        (long, hard)
        for long in weekdays
        for count in range(wanted + 1)
        for hard in combinations([day for day in weekdays if day is not long], count)
        if not any(are_neighbours(one, other) for one, other in combinations(hard, 2))
    ]
    long, hard = max(arrangements, key=lambda chosen: _merit(*chosen, weekdays))
    roles = dict.fromkeys(weekdays, Role.EASY)
    roles[long] = Role.LONG
    roles.update(dict.fromkeys(hard, Role.HARD))
    if len(weekdays) >= _MANY_DAYS:
        roles.update(dict.fromkeys(_days_to_recover(roles), Role.RECOVERY))
    return MappingProxyType(roles)


def _merit(
    long: Weekday, hard: tuple[Weekday, ...], weekdays: Sequence[Weekday]
) -> tuple[int, int, int, int, int]:
    """What makes an arrangement good, most important first."""
    long_touches_hard = sum(are_neighbours(long, day) for day in hard)
    rest_after_long = not any(long.days_until(day) == 1 for day in weekdays)
    hard_days_after_rest = sum(not any(d.days_until(h) == 1 for d in weekdays) for h in hard)
    apart = min(
        (min(a.days_until(b), b.days_until(a)) for a, b in combinations(hard, 2)), default=0
    )
    return (
        len(hard),
        -long_touches_hard,
        2 * (long in _WEEKEND) + rest_after_long,
        -abs(apart - 2),
        hard_days_after_rest,
    )


def _days_to_recover(roles: dict[Weekday, Role]) -> list[Weekday]:
    """Easy days right after the long ride, and after the hard day that comes last before it."""
    long = next(day for day, role in roles.items() if role is Role.LONG)
    hard = [day for day, role in roles.items() if role is Role.HARD]
    last_hard = min(hard, key=lambda day: day.days_until(long), default=long)
    return [
        day
        for day, role in roles.items()
        if role is Role.EASY and 1 in {long.days_until(day), last_hard.days_until(day)}
    ]
