"""The outline of a cycling plan: how much, how hard and in which order, before any session."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence

from supajobs.handlers.training_plan.calendar import (
    DAYS_PER_WEEK,
    WeekKind,
    outline_phases,
    weekday_of,
)
from supajobs.handlers.training_plan.cycling.draft import draft_rides
from supajobs.handlers.training_plan.cycling.fitness import Fitness, after_week
from supajobs.handlers.training_plan.cycling.menus import MENUS
from supajobs.handlers.training_plan.cycling.periodisation import (
    FOCUS,
    LARGEST_GROWTH,
    WeekShape,
    shape_weeks,
)
from supajobs.handlers.training_plan.cycling.plan import CyclingOutline
from supajobs.handlers.training_plan.cycling.profile import Athlete, CyclingGoal
from supajobs.handlers.training_plan.cycling.week import CyclingWeekTarget, KeyWorkout
from supajobs.handlers.training_plan.cycling.weekdays import Role, assign_roles

AIMED_CTL_RAMP = 5.0  # TSS per day and week: well inside what is allowed
EARLY_IN_WEEK = 3  # days
STEP_MINUTES = 5
_AIMS = {
    CyclingGoal.IMPROVE_FTP: "a higher FTP",
    CyclingGoal.GENERAL_FITNESS: "all-round fitness on the bike",
    CyclingGoal.GRAN_FONDO: "a strong gran fondo",
    CyclingGoal.ROAD_RACE: "race fitness",
    CyclingGoal.TIME_TRIAL: "a fast time trial",
}


def outline_cycling(athlete: Athlete, starts_on: dt.date, weeks: int) -> CyclingOutline:
    """The phases and week targets of a plan.

    Without an event the plan ends with an FTP test on the last training day.
    """
    ends_on = starts_on + dt.timedelta(weeks=weeks, days=-1)
    goal_date = find_goal_date(athlete, ends_on)
    early = (goal_date - (ends_on - dt.timedelta(days=6))).days < EARLY_IN_WEEK
    shapes = shape_weeks(weeks, athlete.age, early_goal=early)
    targets = list(_targets(athlete, starts_on, goal_date, shapes))
    return CyclingOutline(
        title=f"{weeks} weeks to {_AIMS[athlete.goal]}",
        summary=_summarise(athlete, targets),
        starts_on=starts_on,
        ends_on=ends_on,
        athlete=athlete,
        goal_date=goal_date,
        phases=outline_phases(targets, FOCUS),
        weeks=targets,
    )


def find_goal_date(athlete: Athlete, ends_on: dt.date) -> dt.date:
    """The day of the event or, without one, of the test: the last training day."""
    days = (ends_on - dt.timedelta(days=back) for back in range(DAYS_PER_WEEK))
    return athlete.event_date or next(day for day in days if weekday_of(day) in athlete.weekdays)


def _targets(
    athlete: Athlete, starts_on: dt.date, goal_date: dt.date, shapes: Sequence[WeekShape]
) -> Iterator[CyclingWeekTarget]:
    """One target after the other; each knows how long the weeks before were."""
    fitness = Fitness(athlete.starting_ctl, athlete.starting_ctl)
    turns: Counter[str] = Counter()
    longest = latest_load = 0
    for index, (shape, keys) in enumerate(zip(shapes, _key_workouts(athlete, shapes), strict=True)):
        first_day = starts_on + dt.timedelta(weeks=index)
        minutes = _minutes(athlete, shape, longest, latest_load)
        minutes = int(minutes * _share_before(goal_date, first_day, athlete))
        target = CyclingWeekTarget(
            number=index + 1,
            phase=shape.phase,
            kind=shape.kind,
            focus=_focus(shape),
            starts_on=first_day,
            ends_on=first_day + dt.timedelta(days=DAYS_PER_WEEK - 1),
            preparation_minutes=minutes // STEP_MINUTES * STEP_MINUTES,
            turn=turns[shape.phase],
            key_workouts=keys,
        )
        target, ridden, fitness = _fit_to_ramp(athlete, target, goal_date, fitness)
        longest = max(longest, ridden)
        if shape.kind is WeekKind.LOAD:
            turns[shape.phase] += 1
            latest_load = ridden
        yield target


def _minutes(athlete: Athlete, shape: WeekShape, longest: int, latest_load: int) -> float:
    """Time on the bike that the week's shape asks for, without the goal itself."""
    if shape.kind is WeekKind.RECOVERY:
        return shape.share * latest_load
    if shape.kind is WeekKind.TAPER:
        return shape.share * longest
    wanted = shape.share * athlete.weekly_minutes
    return min(wanted, LARGEST_GROWTH * longest) if longest else wanted


def _share_before(goal_date: dt.date, first_day: dt.date, athlete: Athlete) -> float:
    """The share of the week's training days that lie before the goal."""
    days = [first_day + dt.timedelta(days=day) for day in range(DAYS_PER_WEEK)]
    training = [day for day in days if weekday_of(day) in athlete.weekdays]
    # The goal's own day is no day lost: a week that ends with it keeps its minutes.
    return sum(day <= goal_date for day in training) / len(training)


def _fit_to_ramp(
    athlete: Athlete, target: CyclingWeekTarget, goal_date: dt.date, before: Fitness
) -> tuple[CyclingWeekTarget, int, Fitness]:
    """Shorten the week until fitness rises no faster than is wise.

    Returns:
        The target with its load, the minutes ridden without the goal itself, the fitness after.
    """
    while True:
        rides = draft_rides(athlete, target, goal_date)
        loads = {day: sketch.load(athlete.ftp_watts) for day, sketch in rides.items()}
        tss = {day: round(load.tss) for day, load in loads.items()}
        after = after_week(before, target.starts_on, tss)
        shorter = target.preparation_minutes - STEP_MINUTES
        if after.ctl - before.ctl <= AIMED_CTL_RAMP or shorter <= 0:
            break
        target = target.model_copy(update={"preparation_minutes": shorter})
    minutes = {day: load.seconds // 60 for day, load in loads.items()}
    loaded = target.model_copy(
        update={
            "duration_minutes": sum(minutes.values()),
            "tss": sum(tss.values()),
            "ctl": round(after.ctl, 1),
            "atl": round(after.atl, 1),
            "tsb": round(after.tsb, 1),
        }
    )
    return loaded, sum(minutes.values()) - minutes.get(goal_date, 0), after


def _key_workouts(athlete: Athlete, shapes: Sequence[WeekShape]) -> Iterator[list[KeyWorkout]]:
    """The hard sessions of each week; every family continues where it last stopped."""
    menu = MENUS[athlete.goal]
    hard_days = list(assign_roles(tuple(athlete.weekdays)).values()).count(Role.HARD)
    uses: Counter[str] = Counter()
    turns: Counter[str] = Counter()
    for index, shape in enumerate(shapes):
        if shape.kind is WeekKind.RECOVERY:
            families = ["touch"]
        elif index == len(shapes) - 1:
            families = ["sharpener"]
        else:
            families = _families(menu[shape.phase], turns[shape.phase], hard_days)
            turns[shape.phase] += 1
        yield [KeyWorkout(family=name, earlier_uses=uses[name]) for name in families]
        uses.update(families)


def _families(courses: Sequence[Sequence[str]], turn: int, hard_days: int) -> list[str]:
    """One family for each hard day; with a single hard day the courses take turns."""
    if hard_days == 1:
        course = courses[turn % len(courses)]
        return [course[turn // len(courses) % len(course)]]
    return [course[turn % len(course)] for course in courses]


def _focus(shape: WeekShape) -> str:
    if shape.kind is WeekKind.RECOVERY:
        return "recovery: absorb the weeks behind you"
    return FOCUS[shape.phase]


def _summarise(athlete: Athlete, targets: Sequence[CyclingWeekTarget]) -> str:
    loads = [week for week in targets if week.kind is WeekKind.LOAD]
    hours = [week.duration_minutes / 60 for week in loads]
    tss = [week.tss for week in loads]
    last = max(targets, key=lambda week: week.ctl)
    return (
        f"For an FTP of {athlete.ftp_watts} W "
        f"({athlete.ftp_watts / athlete.weight_kg:.1f} W/kg): load weeks of {min(hours):.1f} to "
        f"{max(hours):.1f} hours and {min(tss)} to {max(tss)} TSS on {len(athlete.weekdays)} days. "
        f"Fitness (CTL) goes from {athlete.starting_ctl:.0f} to {last.ctl:.0f} in week "
        f"{last.number}; the taper then brings form."
    )
