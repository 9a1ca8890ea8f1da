"""Spreading a week's sets over its sessions, inside the time each session has."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from supajobs.handlers.training_plan.strength.catalogue import PULLS, PUSHES, Exercise, Muscle
from supajobs.handlers.training_plan.strength.volume import MAJOR_MUSCLES

# What an exercise starts with, and the lifts that lead a session if there is room for it.
FIRST_SETS, FIRST_SETS_LEADING = 2, 3
ROOMY_SESSION_SECONDS = 40 * 60
LARGEST_PUSH_PULL_RATIO = 1.5
MOST_SETS_COMPOUND, MOST_SETS_ISOLATION = 4, 3


def is_balanced(pushes: int, pulls: int) -> bool:
    """Whether neither has much more sets than the other; a single exercise tips no balance."""
    return max(pushes, pulls) <= LARGEST_PUSH_PULL_RATIO * min(pushes, pulls) + FIRST_SETS_LEADING


class Slot(NamedTuple):
    """An exercise in a session, with the time one set takes."""

    session: int
    exercise: Exercise
    seconds_per_set: int
    leads: bool  # one of the lifts that the session is about


class Bounds(NamedTuple):
    """What a week's sets must reach for the major muscle groups, and may not exceed."""

    session_seconds: int
    fewest_sets: float
    most_sets: float
    sets: int | None


class Allocation:
    """The sets shared out so far, one number for each slot, and whether more are allowed."""

    def __init__(self, slots: Sequence[Slot], aims: Mapping[Muscle, float], bounds: Bounds) -> None:
        self.sets = [0] * len(slots)
        self._slots = slots
        self._aims = aims
        self._bounds = bounds
        self._total = 0
        self._pushes = self._pulls = 0
        self._seconds: Counter[int] = Counter()
        self._done = dict.fromkeys(Muscle, 0.0)

    def add(self, index: int) -> None:
        """Give a slot its first sets, or one more."""
        slot, more = self._slots[index], self._step(index)
        self.sets[index] += more
        self._total += more
        self._seconds[slot.session] += more * slot.seconds_per_set
        self._pushes += more * (slot.exercise.pattern in PUSHES)
        self._pulls += more * (slot.exercise.pattern in PULLS)
        for muscle, share in slot.exercise.muscles.items():
            self._done[muscle] += share * more

    def allows(self, index: int) -> bool:
        """Whether the next sets of a slot are within all bounds."""
        slot, more = self._slots[index], self._step(index)
        most = MOST_SETS_COMPOUND if slot.exercise.is_compound else MOST_SETS_ISOLATION
        seconds = self._seconds[slot.session] + more * slot.seconds_per_set
        return (
            self.sets[index] + more <= most
            and seconds <= self._bounds.session_seconds
            and (self._bounds.sets is None or self._total + more <= self._bounds.sets)
            and self._stays_balanced(slot, more)
            and all(
                self._done[muscle] + share * more <= self._bounds.most_sets
                for muscle, share in slot.exercise.muscles.items()
            )
        )

    def is_wanted(self, index: int) -> bool:
        """Whether a muscle that the exercise trains directly is short of its aim."""
        primary = self._slots[index].exercise.primary
        return any(self._aims[muscle] > self._done[muscle] for muscle in primary)

    def _stays_balanced(self, slot: Slot, more: int) -> bool:
        """Whether pushing and pulling stay in proportion; the lesser side may always catch up."""
        if slot.exercise.pattern in PUSHES:
            return self._pushes < self._pulls or is_balanced(self._pushes + more, self._pulls)
        if slot.exercise.pattern in PULLS:
            return self._pulls < self._pushes or is_balanced(self._pushes, self._pulls + more)
        return True

    def benefit(self, index: int) -> tuple[bool, float]:
        """Whether a major muscle still lacks its fewest sets, and what share of gaps is closed.

        The share counts less the more sets the exercise has already.
        """
        slot = self._slots[index]
        is_urgent = any(
            muscle in MAJOR_MUSCLES and self._done[muscle] < self._bounds.fewest_sets
            for muscle in slot.exercise.primary
        )
        closed = sum(
            share * max(self._aims[muscle] - self._done[muscle], 0) / self._aims[muscle]
            for muscle, share in slot.exercise.muscles.items()
        )
        return is_urgent, closed / (1 + self.sets[index])

    def _step(self, index: int) -> int:
        if self.sets[index]:
            return 1
        roomy = self._bounds.session_seconds >= ROOMY_SESSION_SECONDS
        return FIRST_SETS_LEADING if roomy and self._slots[index].leads else FIRST_SETS


def share_sets(slots: Sequence[Slot], aims: Mapping[Muscle, float], bounds: Bounds) -> list[int]:
    """Sets for every slot, 0 where there was no need or no time.

    The lifts that lead a session come first; then every further set goes where it closes the
    largest gaps to the aims, until the gaps or the time are used up.
    """
    allocation = Allocation(slots, aims, bounds)
    for index, slot in enumerate(slots):
        if slot.leads and allocation.allows(index):
            allocation.add(index)
    indices = range(len(slots))
    while wanted := [i for i in indices if allocation.is_wanted(i) and allocation.allows(i)]:
        allocation.add(max(wanted, key=allocation.benefit))
    return allocation.sets
