"""A cycling plan as it is put to a model, and how the answers become one."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from supajobs.handlers.training_plan.calendar import (
    DAYS_PER_WEEK,
    WeekKind,
    outline_phases,
    refuse,
    weekday_of,
)
from supajobs.handlers.training_plan.cycling.assignment import (
    CyclingAssignment,
    allowed_minutes,
    most_tss,
)
from supajobs.handlers.training_plan.cycling.fitness import Fitness, after_days, after_week
from supajobs.handlers.training_plan.cycling.limits import (
    LARGEST_CTL_RAMP,
    check_ending,
    check_rides,
    check_taper,
    check_volume,
    check_weeks,
)
from supajobs.handlers.training_plan.cycling.manuscript import (
    CyclingBlockManuscript,
    CyclingOutlineManuscript,
    WrittenRide,
)
from supajobs.handlers.training_plan.cycling.plan import CyclingOutline, CyclingPlan
from supajobs.handlers.training_plan.cycling.profile import EASY_TSS_PER_HOUR, Athlete
from supajobs.handlers.training_plan.cycling.prompts import (
    ask_for_block,
    ask_for_outline,
    describe_goal,
    instruct,
)
from supajobs.handlers.training_plan.cycling.ride import EASY_RIDES, Ride
from supajobs.handlers.training_plan.cycling.sketch import write_ride
from supajobs.handlers.training_plan.cycling.week import CyclingWeek, CyclingWeekTarget
from supajobs.handlers.training_plan.cycling.writing import assemble_cycling


class CyclingBrief:
    """One athlete's plan of some weeks, as it is put to a model."""

    outline_type = CyclingOutlineManuscript
    block_type = CyclingBlockManuscript

    def __init__(self, athlete: Athlete, starts_on: dt.date, weeks: int) -> None:
        self.weeks = weeks
        self._athlete = athlete
        self._assignment = CyclingAssignment(athlete, starts_on, weeks)

    @property
    def instructions(self) -> str:
        """What holds for all answers."""
        return instruct(self._assignment)

    @property
    def outline_prompt(self) -> str:
        """Asks for the outline."""
        return ask_for_outline(self._assignment)

    def block_prompt(
        self, outline: CyclingOutline, written: Sequence[CyclingWeek], numbers: range
    ) -> str:
        """Asks for the weeks with these numbers, which follow those written."""
        return ask_for_block(self._assignment, outline, written, numbers)

    def read_outline(self, output: JsonValue) -> CyclingOutline:
        """The outline with dates and numbers.

        Raises:
            ValueError: naming all that is wrong with it.
        """
        manuscript = CyclingOutlineManuscript.model_validate(output)
        targets = list(self._targets(manuscript))
        if len(targets) != self.weeks:
            raise ValueError(f"the outline has {len(targets)} weeks, the plan {self.weeks}")
        refuse(
            (
                *self._check_time(targets),
                *self._check_load(targets),
                *check_volume(self._athlete, targets),
                *check_taper(targets),
            )
        )
        return CyclingOutline(
            title=manuscript.title,
            summary=manuscript.summary,
            starts_on=self._assignment.starts_on,
            ends_on=self._assignment.ends_on,
            athlete=self._athlete,
            goal_date=self._assignment.goal.date,
            phases=outline_phases(
                targets, {phase.name: phase.focus for phase in manuscript.phases}
            ),
            weeks=targets,
        )

    def read_block(
        self,
        outline: CyclingOutline,
        written: Sequence[CyclingWeek],
        numbers: range,
        output: JsonValue,
    ) -> list[CyclingWeek]:
        """The weeks with these numbers, which follow those written.

        Raises:
            ValueError: naming all that is wrong with them.
        """
        manuscript = CyclingBlockManuscript.model_validate(output)
        if [week.number for week in manuscript.weeks] != list(numbers):
            raise ValueError(f"write weeks {numbers[0]} to {numbers[-1]}, in this order")
        targets = outline.weeks[numbers.start - 1 : numbers.stop - 1]
        refuse(
            problem
            for target, week in zip(targets, manuscript.weeks, strict=True)
            for problem in self._check_days(target, week.rides)
        )
        weeks = list(written)
        for target, week in zip(targets, manuscript.weeks, strict=True):
            weeks.append(self._write_week(target, week.rides, weeks))
        new = weeks[len(written) :]
        refuse(
            (
                *(p for t, w in zip(targets, new, strict=True) for p in _check_minutes(t, w)),
                *check_rides(self._athlete, weeks),
                *check_weeks(self._athlete, weeks),
                *(check_ending(self._athlete, weeks) if numbers[-1] == self.weeks else ()),
            )
        )
        return new

    def assemble(self, outline: CyclingOutline, weeks: Sequence[CyclingWeek]) -> CyclingPlan:
        """The whole plan, all invariants checked.

        Raises:
            pydantic.ValidationError: weeks are missing, or break an invariant.
        """
        return assemble_cycling(outline, weeks)

    def _targets(self, manuscript: CyclingOutlineManuscript) -> Iterator[CyclingWeekTarget]:
        turns: Counter[str] = Counter()
        weeks = [(phase, week) for phase in manuscript.phases for week in phase.weeks]
        for index, (phase, week) in enumerate(weeks):
            first_day = self._assignment.starts_on + dt.timedelta(weeks=index)
            yield CyclingWeekTarget(
                number=index + 1,
                phase=phase.name,
                kind=week.kind,
                focus=week.focus,
                starts_on=first_day,
                ends_on=first_day + dt.timedelta(days=DAYS_PER_WEEK - 1),
                preparation_minutes=week.minutes,
                turn=turns[phase.name],
                key_workouts=[],
            )
            turns[phase.name] += week.kind is WeekKind.LOAD

    def _check_time(self, targets: Sequence[CyclingWeekTarget]) -> Iterator[str]:
        for week in targets:
            most = self._assignment.most_minutes(week)
            if week.preparation_minutes > most:
                yield f"week {week.number} has {week.preparation_minutes} minutes, {most} are there"
            if week.kind is WeekKind.TAPER and week.number < self.weeks - 1:
                yield f"week {week.number} is too early for a taper"

    def _check_load(self, targets: Sequence[CyclingWeekTarget]) -> Iterator[str]:
        """Else no rides of so many minutes would keep CTL from rising too fast."""
        fitness = Fitness(self._athlete.starting_ctl, self._athlete.starting_ctl)
        for week in targets:
            hours = week.preparation_minutes / 60
            daily = hours * EASY_TSS_PER_HOUR / DAYS_PER_WEEK
            before, fitness = fitness, after_days(fitness, [daily] * DAYS_PER_WEEK)
            if fitness.ctl - before.ctl > LARGEST_CTL_RAMP:
                most = most_tss(before.ctl) / EASY_TSS_PER_HOUR * 60
                yield (
                    f"week {week.number}: {week.preparation_minutes} minutes raise CTL too fast "
                    f"after the weeks before, at most {most:.0f} do not"
                )

    def _check_days(self, target: CyclingWeekTarget, rides: Sequence[WrittenRide]) -> Iterator[str]:
        for weekday, count in Counter(ride.weekday for ride in rides).items():
            if count > 1:
                yield f"week {target.number} has {count} rides on {weekday}: one a day at most"
        for ride in rides:
            if self._date_of(target, ride) >= self._assignment.goal.date:
                yield (
                    f"week {target.number}: {ride.title!r} on {ride.weekday} is not before "
                    f"{describe_goal(self._assignment)}"
                )

    def _date_of(self, target: CyclingWeekTarget, ride: WrittenRide) -> dt.date:
        days = weekday_of(target.starts_on).days_until(ride.weekday)
        return target.starts_on + dt.timedelta(days=days)

    def _write_week(
        self, target: CyclingWeekTarget, rides: Sequence[WrittenRide], before: Sequence[CyclingWeek]
    ) -> CyclingWeek:
        ftp = self._athlete.ftp_watts
        sessions = [write_ride(r.sketch(), self._date_of(target, r), ftp) for r in rides]
        if self._assignment.has_goal(target):
            sessions.append(self._assignment.goal)
        sessions.sort(key=_date)
        fitness = self._fitness_after(before)
        fitness = after_week(fitness, target.starts_on, {ride.date: ride.tss for ride in sessions})
        return CyclingWeek(
            number=target.number,
            phase=target.phase,
            kind=target.kind,
            focus=target.focus,
            starts_on=target.starts_on,
            ends_on=target.ends_on,
            duration_minutes=sum(ride.duration_minutes for ride in sessions),
            tss=sum(ride.tss for ride in sessions),
            ctl=round(fitness.ctl, 1),
            atl=round(fitness.atl, 1),
            tsb=round(fitness.tsb, 1),
            key_sessions=[ride.title for ride in sessions if ride.kind not in EASY_RIDES],
            sessions=sessions,
        )

    def _fitness_after(self, weeks: Sequence[CyclingWeek]) -> Fitness:
        fitness = Fitness(self._athlete.starting_ctl, self._athlete.starting_ctl)
        for week in weeks:
            tss = {ride.date: ride.tss for ride in week.sessions}
            fitness = after_week(fitness, week.starts_on, tss)
        return fitness


def _check_minutes(target: CyclingWeekTarget, week: CyclingWeek) -> Iterator[str]:
    low, high = allowed_minutes(target)
    if not low <= week.preparation_minutes <= high:
        yield (
            f"week {week.number} has {week.preparation_minutes} minutes on the bike, the outline "
            f"asks for {target.preparation_minutes}: write {low} to {high}"
        )


def _date(ride: Ride) -> dt.date:
    return ride.date
