"""The rides of one week, from its target alone."""

import datetime as dt
from enum import StrEnum
from typing import NamedTuple

from supajobs.handlers.training_plan.calendar import DAYS_PER_WEEK, WeekKind, weekday_of
from supajobs.handlers.training_plan.cycling.profile import Athlete
from supajobs.handlers.training_plan.cycling.rides import (
    event_minutes,
    sketch_endurance,
    sketch_event,
    sketch_ftp_test,
    sketch_intervals,
    sketch_long_ride,
    sketch_openers,
    sketch_recovery,
)
from supajobs.handlers.training_plan.cycling.sketch import Sketch
from supajobs.handlers.training_plan.cycling.week import CyclingWeekTarget, KeyWorkout
from supajobs.handlers.training_plan.cycling.weekdays import Role, assign_roles

DAYS_WITHOUT_HARD_RIDES = 3  # before the goal
DAYS_WITHOUT_LONG_RIDES = 7


class Slot(StrEnum):
    """What a day of a concrete week holds."""

    KEY = "key"
    LONG = "long"
    EASY = "easy"
    RECOVERY = "recovery"
    OPENERS = "openers"
    GOAL = "goal"


class Share(NamedTuple):
    """How the minutes of a week are split: by weight, between a floor and a ceiling."""

    weight: float
    fewest: int
    most: int


SHARES = {
    Slot.KEY: Share(1.15, 45, 105),
    Slot.LONG: Share(2.0, 45, 330),
    Slot.EASY: Share(1.0, 30, 210),
    Slot.RECOVERY: Share(0.6, 30, 60),
    Slot.OPENERS: Share(0.6, 30, 45),
}
# What goes first when a week is too short for all its rides.
LEAST_IMPORTANT = [Slot.RECOVERY, Slot.EASY, Slot.OPENERS, Slot.LONG, Slot.KEY]


def draft_rides(
    athlete: Athlete, week: CyclingWeekTarget, goal_date: dt.date
) -> dict[dt.date, Sketch]:
    """The rides of a week by date, in order; the same target always gives the same rides."""
    slots = _slots(athlete, week, goal_date)
    minutes = share_minutes(
        {day: slot for day, slot in slots.items() if slot is not Slot.GOAL},
        week.preparation_minutes,
    )
    keys = iter(week.key_workouts)
    rides: dict[dt.date, Sketch] = {}
    for index, (day, slot) in enumerate(slots.items()):
        if slot is Slot.GOAL:
            rides[day] = sketch_goal(athlete)
        elif day in minutes:
            key = next(keys) if slot is Slot.KEY else None
            rides[day] = _sketch(slot, minutes[day], week, index, key)
    return rides


def _slots(athlete: Athlete, week: CyclingWeekTarget, goal_date: dt.date) -> dict[dt.date, Slot]:
    """The days of the week that hold a ride, in order, as the distance to the goal allows."""
    roles = assign_roles(tuple(athlete.weekdays))
    days = [week.starts_on + dt.timedelta(days=day) for day in range(DAYS_PER_WEEK)]
    keys_left = len(week.key_workouts)
    slots: dict[dt.date, Slot] = {}
    for day in days:
        role = roles.get(weekday_of(day))
        if day == goal_date:
            slots[day] = Slot.GOAL
        if role is None or day >= goal_date:
            continue
        slot = _slot_before_goal(role, (goal_date - day).days)
        if slot is Slot.KEY:
            slot = Slot.KEY if keys_left else Slot.EASY
            keys_left -= slot is Slot.KEY
        slots[day] = slot
    return slots


def _slot_before_goal(role: Role, days_left: int) -> Slot:
    if days_left == 1:
        return Slot.OPENERS
    if role is Role.HARD and days_left > DAYS_WITHOUT_HARD_RIDES - 1:
        return Slot.KEY
    if role is Role.LONG and days_left >= DAYS_WITHOUT_LONG_RIDES:
        return Slot.LONG
    return Slot.RECOVERY if role is Role.RECOVERY else Slot.EASY


def share_minutes(slots: dict[dt.date, Slot], total: int) -> dict[dt.date, int]:
    """Split the week's minutes over its rides in steps of five; the least important may fall out.

    Floors are served first, then ceilings; what is left is split by weight, and the long ride
    takes what rounding leaves.
    """
    kept = dict(slots)
    while len(kept) > 1 and sum(SHARES[slot].fewest for slot in kept.values()) > total:
        least = min(kept.items(), key=lambda item: LEAST_IMPORTANT.index(item[1]))[0]
        del kept[least]
    fixed: dict[dt.date, int] = {}
    while True:
        open_days = [day for day in kept if day not in fixed]
        rest = total - sum(fixed.values())
        weights = sum(SHARES[kept[day]].weight for day in open_days)
        shares = {day: rest * SHARES[kept[day]].weight / weights for day in open_days}
        low = {d: SHARES[kept[d]].fewest for d, m in shares.items() if m < SHARES[kept[d]].fewest}
        high = {d: SHARES[kept[d]].most for d, m in shares.items() if m > SHARES[kept[d]].most}
        if not low and not high:
            shared = fixed | {day: int(minutes // 5 * 5) for day, minutes in shares.items()}
            longest = max(shared, key=lambda day: shared[day], default=None)
            if longest is not None and kept[longest] is Slot.LONG and longest in shares:
                shared[longest] += max(total - sum(shared.values()), 0) // 5 * 5
            return {day: shared[day] for day in kept}
        fixed |= low or high


def _sketch(
    slot: Slot, minutes: int, week: CyclingWeekTarget, index: int, key: KeyWorkout | None
) -> Sketch:
    if key is not None:
        return sketch_intervals(key.family, key.earlier_uses, minutes)
    match slot:
        case Slot.LONG:
            easy = week.kind is not WeekKind.LOAD
            return sketch_long_ride(minutes, week.phase, week.turn, easy=easy)
        case Slot.OPENERS:
            return sketch_openers(minutes)
        case Slot.RECOVERY:
            return sketch_recovery(minutes)
        case _:
            return sketch_endurance(minutes, week.number + index)


def sketch_goal(athlete: Athlete) -> Sketch:
    """The event or, without one, the FTP test."""
    if athlete.event_date is None:
        return sketch_ftp_test()
    return sketch_event(athlete.goal, event_minutes(athlete.goal, athlete.weekly_minutes))
