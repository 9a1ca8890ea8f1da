"""The outline of a strength plan: mesocycles, and what each week aims at."""

import datetime as dt
from collections.abc import Iterator, Sequence

from supajobs.handlers.training_plan.calendar import (
    DAYS_PER_WEEK,
    WeekKind,
    load_blocks,
    outline_phases,
)
from supajobs.handlers.training_plan.strength.draft import draft_sessions
from supajobs.handlers.training_plan.strength.plan import StrengthOutline
from supajobs.handlers.training_plan.strength.profile import Experience, StrengthGoal, Trainee
from supajobs.handlers.training_plan.strength.progression import (
    BEGINNER_FEWEST_REPS,
    CYCLE_WEEKS,
    DELOAD_RIR,
    SCHEMES,
    Scheme,
    reps_in_reserve,
    volume_share,
)
from supajobs.handlers.training_plan.strength.volume import LARGEST_SETS_STEP
from supajobs.handlers.training_plan.strength.week import StrengthWeekTarget

_TITLES = {
    StrengthGoal.MUSCLE_GAIN: "weeks to more muscle",
    StrengthGoal.FAT_LOSS: "weeks to lose fat and keep muscle",
    StrengthGoal.STRENGTH: "weeks to heavier lifts",
    StrengthGoal.GENERAL_FITNESS: "weeks to all-round fitness",
}


def outline_strength(trainee: Trainee, starts_on: dt.date, weeks: int) -> StrengthOutline:
    """The mesocycles and week targets of a plan."""
    targets = list(_measured(trainee, _targets(trainee, starts_on, weeks)))
    focus = {week.phase: _scheme(trainee, week.block).focus for week in targets}
    return StrengthOutline(
        title=f"{weeks} {_TITLES[trainee.goal]}",
        summary=_summarise(trainee, targets),
        starts_on=starts_on,
        ends_on=starts_on + dt.timedelta(weeks=weeks, days=-1),
        trainee=trainee,
        phases=outline_phases(targets, focus),
        weeks=targets,
    )


def _scheme(trainee: Trainee, block: int) -> Scheme:
    schemes = SCHEMES[trainee.goal]
    scheme = schemes[block % len(schemes)]
    if trainee.experience is not Experience.BEGINNER:
        return scheme
    low = max(scheme.reps_low, BEGINNER_FEWEST_REPS)
    return scheme._replace(reps_low=low, reps_high=max(scheme.reps_high, low + 1))


def _targets(trainee: Trainee, starts_on: dt.date, weeks: int) -> Iterator[StrengthWeekTarget]:
    number = 0
    for block, kinds in enumerate(load_blocks(weeks, CYCLE_WEEKS[trainee.experience])):
        scheme = _scheme(trainee, block)
        round_ = block // len(SCHEMES[trainee.goal])
        for index, kind in enumerate(kinds):
            first_day = starts_on + dt.timedelta(weeks=number)
            number += 1
            deload = kind is WeekKind.RECOVERY
            yield StrengthWeekTarget(
                number=number,
                phase=f"{scheme.name} {round_ + 1}" if round_ else scheme.name,
                kind=kind,
                focus="deload: half the sets, nothing hard" if deload else scheme.focus,
                starts_on=first_day,
                ends_on=first_day + dt.timedelta(days=DAYS_PER_WEEK - 1),
                block=block,
                reps_low=scheme.reps_low,
                reps_high=scheme.reps_high,
                reps_in_reserve=(
                    DELOAD_RIR if deload else reps_in_reserve(trainee.experience, index)
                ),
                volume_share=1 if deload else volume_share(index),
            )


def _measured(
    trainee: Trainee, targets: Iterator[StrengthWeekTarget]
) -> Iterator[StrengthWeekTarget]:
    """Bind each week by the most sets before it, and say how much it holds."""
    most = 0
    for target in targets:
        bound = int(LARGEST_SETS_STEP * most) if most else None
        bounded = target.model_copy(update={"most_sets": bound})
        sessions = draft_sessions(trainee, bounded)
        sets = sum(session.sets for session in sessions)
        minutes = sum(session.duration_minutes for session in sessions)
        most = max(most, sets)
        yield bounded.model_copy(update={"sets": sets, "duration_minutes": minutes})


def _summarise(trainee: Trainee, targets: Sequence[StrengthWeekTarget]) -> str:
    loads = [week.sets for week in targets if week.kind is WeekKind.LOAD]
    minutes = max(week.duration_minutes for week in targets) // len(trainee.weekdays)
    deloads = [str(week.number) for week in targets if week.kind is WeekKind.RECOVERY]
    easy = f"Easy weeks: {', '.join(deloads)}. " if deloads else ""
    return (
        f"{len(trainee.weekdays)} sessions a week of about {minutes} minutes, {min(loads)} to "
        f"{max(loads)} sets in a load week. {easy}Effort is given in repetitions in reserve: "
        f"stop a set when only so many good ones are left."
    )
