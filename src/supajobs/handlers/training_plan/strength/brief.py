"""A strength plan as it is put to a model, and how the answers become one."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from math import ceil

from pydantic import JsonValue, ValidationError

from supajobs.handlers.training_plan.calendar import (
    DAYS_PER_WEEK,
    WeekKind,
    outline_phases,
    refuse,
    weekday_of,
)
from supajobs.handlers.training_plan.strength.catalogue import (
    CATALOGUE,
)
from supajobs.handlers.training_plan.strength.draft import warm_up, warm_up_minutes
from supajobs.handlers.training_plan.strength.limits import (
    check_progression,
    check_sessions,
    check_weeks,
)
from supajobs.handlers.training_plan.strength.manuscript import (
    StrengthBlockManuscript,
    StrengthOutlineManuscript,
    WrittenExercise,
    WrittenSession,
    WrittenWeek,
)
from supajobs.handlers.training_plan.strength.plan import StrengthOutline, StrengthPlan
from supajobs.handlers.training_plan.strength.prescribing import percent_to_lift
from supajobs.handlers.training_plan.strength.profile import Trainee
from supajobs.handlers.training_plan.strength.prompts import (
    allowed_sets,
    ask_for_block,
    ask_for_outline,
    instruct,
)
from supajobs.handlers.training_plan.strength.volume import (
    fewest_sets,
)
from supajobs.handlers.training_plan.strength.week import (
    SECONDS_PER_MINUTE,
    SECONDS_PER_REP,
    Finisher,
    Prescription,
    SessionKind,
    StrengthSession,
    StrengthWeek,
    StrengthWeekTarget,
    count_sets,
    session_minutes,
)
from supajobs.handlers.training_plan.strength.writing import assemble_strength

# The least that trains every major muscle group: a lift each for quads, hips, chest and back, and
# half of one for the shoulders, which help the chest.
LEAST_LIFTS = 4.5
QUICK_REST_SECONDS = 30


class StrengthBrief:
    """One trainee's plan of some weeks, as it is put to a model."""

    outline_type = StrengthOutlineManuscript
    block_type = StrengthBlockManuscript

    def __init__(self, trainee: Trainee, starts_on: dt.date, weeks: int) -> None:
        self.weeks = weeks
        self._trainee = trainee
        self._starts_on = starts_on

    @property
    def instructions(self) -> str:
        """What holds for all answers."""
        return instruct(self._trainee, self._starts_on, self.weeks)

    @property
    def outline_prompt(self) -> str:
        """Asks for the outline."""
        return ask_for_outline(self.weeks)

    def block_prompt(
        self, outline: StrengthOutline, written: Sequence[StrengthWeek], numbers: range
    ) -> str:
        """Asks for the weeks with these numbers, which follow those written."""
        return ask_for_block(outline, written, numbers)

    def read_outline(self, output: JsonValue) -> StrengthOutline:
        """The outline with dates and numbers.

        Raises:
            ValueError: naming all that is wrong with it.
        """
        manuscript = StrengthOutlineManuscript.model_validate(output)
        targets = list(self._targets(manuscript))
        if len(targets) != self.weeks:
            raise ValueError(f"the outline has {len(targets)} weeks, the plan {self.weeks}")
        refuse(
            (
                *self._check_sets(targets),
                *check_progression(self._trainee.experience, targets),
            )
        )
        return StrengthOutline(
            title=manuscript.title,
            summary=manuscript.summary,
            starts_on=self._starts_on,
            ends_on=self._starts_on + dt.timedelta(weeks=self.weeks, days=-1),
            trainee=self._trainee,
            phases=outline_phases(
                targets, {phase.name: phase.focus for phase in manuscript.phases}
            ),
            weeks=targets,
        )

    def read_block(
        self,
        outline: StrengthOutline,
        written: Sequence[StrengthWeek],
        numbers: range,
        output: JsonValue,
    ) -> list[StrengthWeek]:
        """The weeks with these numbers, which follow those written.

        Raises:
            ValueError: naming all that is wrong with them.
        """
        manuscript = StrengthBlockManuscript.model_validate(output)
        if [week.number for week in manuscript.weeks] != list(numbers):
            raise ValueError(f"write weeks {numbers[0]} to {numbers[-1]}, in this order")
        refuse(problem for week in manuscript.weeks for problem in _check_form(week))
        targets = outline.weeks[numbers.start - 1 : numbers.stop - 1]
        new = [
            self._write_week(target, week)
            for target, week in zip(targets, manuscript.weeks, strict=True)
        ]
        weeks = [*written, *new]
        refuse(
            (
                *(p for t, w in zip(targets, new, strict=True) for p in _check_sets(t, w)),
                *check_sessions(self._trainee, weeks),
                *check_weeks(self._trainee, weeks),
            )
        )
        return new

    def assemble(self, outline: StrengthOutline, weeks: Sequence[StrengthWeek]) -> StrengthPlan:
        """The whole plan, all invariants checked.

        Raises:
            pydantic.ValidationError: weeks are missing, or break an invariant.
        """
        return assemble_strength(outline, weeks)

    def _targets(self, manuscript: StrengthOutlineManuscript) -> Iterator[StrengthWeekTarget]:
        weeks = [
            (block, phase, week)
            for block, phase in enumerate(manuscript.phases)
            for week in phase.weeks
        ]
        most = max(week.sets for _, _, week in weeks)
        for index, (block, phase, week) in enumerate(weeks):
            first_day = self._starts_on + dt.timedelta(weeks=index)
            yield StrengthWeekTarget(
                number=index + 1,
                phase=phase.name,
                kind=week.kind,
                focus=week.focus,
                starts_on=first_day,
                ends_on=first_day + dt.timedelta(days=DAYS_PER_WEEK - 1),
                block=block,
                reps_low=phase.reps_low,
                reps_high=phase.reps_high,
                reps_in_reserve=week.reps_in_reserve,
                volume_share=week.sets / most,
                sets=week.sets,
            )

    def _check_sets(self, targets: Sequence[StrengthWeekTarget]) -> Iterator[str]:
        """Else no sessions with so many sets would fit the time, or train all muscles."""
        trainee = self._trainee
        least = ceil(LEAST_LIFTS * fewest_sets(trainee))
        minutes = trainee.session_minutes - warm_up_minutes(trainee)
        seconds = len(trainee.weekdays) * minutes * SECONDS_PER_MINUTE
        for week in targets:
            most = seconds // (week.reps_high * SECONDS_PER_REP + QUICK_REST_SECONDS)
            if week.sets > most:
                yield f"week {week.number} has {week.sets} sets, there is time for {most}"
            if week.kind is WeekKind.LOAD and week.sets < least:
                yield (
                    f"week {week.number} has {week.sets} sets: at least {least} train all muscles"
                )

    def _write_week(self, target: StrengthWeekTarget, week: WrittenWeek) -> StrengthWeek:
        sessions = [self._write_session(target, session) for session in week.sessions]
        sessions.sort(key=_date)
        return StrengthWeek(
            number=target.number,
            phase=target.phase,
            kind=target.kind,
            focus=target.focus,
            starts_on=target.starts_on,
            ends_on=target.ends_on,
            duration_minutes=sum(session.duration_minutes for session in sessions),
            sets=sum(session.sets for session in sessions),
            sets_per_muscle=count_sets(item for session in sessions for item in session.exercises),
            key_sessions=[s.title for s in sessions if s.kind is SessionKind.STRENGTH],
            sessions=sessions,
        )

    def _write_session(
        self, target: StrengthWeekTarget, written: WrittenSession
    ) -> StrengthSession:
        days = weekday_of(target.starts_on).days_until(written.weekday)
        items = [self._prescribe(target, exercise) for exercise in written.exercises]
        minutes = warm_up_minutes(self._trainee) if items else 0
        finisher = Finisher(**written.finisher.model_dump()) if written.finisher else None
        return StrengthSession(
            date=target.starts_on + dt.timedelta(days=days),
            weekday=written.weekday,
            kind=SessionKind.STRENGTH if items else SessionKind.ACTIVE_RECOVERY,
            title=written.title,
            focus=written.focus,
            duration_minutes=session_minutes(minutes, items, finisher),
            sets=sum(item.sets for item in items),
            warm_up=warm_up(minutes, items[0].name) if items else [],
            warm_up_minutes=minutes,
            exercises=items,
            finisher=finisher,
        )

    def _prescribe(self, target: StrengthWeekTarget, written: WrittenExercise) -> Prescription:
        exercise = CATALOGUE[written.exercise]
        return Prescription(
            **written.model_dump(),
            name=exercise.name,
            reps_in_reserve=target.reps_in_reserve,
            percent_1rm=percent_to_lift(
                exercise, self._trainee, written.reps_high, target.reps_in_reserve
            ),
        )


def _check_sets(target: StrengthWeekTarget, week: StrengthWeek) -> Iterator[str]:
    low, high = allowed_sets(target)
    if not low <= week.sets <= high:
        yield (
            f"week {week.number} has {week.sets} sets, the outline asks for {target.sets}: write "
            f"{low} to {high}"
        )


def _check_form(week: WrittenWeek) -> Iterator[str]:
    """What keeps sessions from being written at all."""
    for weekday, count in Counter(session.weekday for session in week.sessions).items():
        if count > 1:
            yield f"week {week.number} has {count} sessions on {weekday}: one a day at most"
    for session in week.sessions:
        place = f"week {week.number}, {session.title!r}"
        slugs = Counter(item.exercise for item in session.exercises)
        yield from (f"{place}: {slug} comes twice" for slug, count in slugs.items() if count > 1)
        if not session.exercises and not session.finisher:
            yield f"{place} is empty: give it exercises, or a finisher on an easy day"
        for item in session.exercises:
            yield from (f"{place}: {problem}" for problem in _check_exercise(item))


def _check_exercise(item: WrittenExercise) -> Iterator[str]:
    if item.exercise not in CATALOGUE:
        [*likely] = get_close_matches(item.exercise, CATALOGUE, n=1)
        yield f"there is no exercise {item.exercise!r}" + (
            f", did you mean {likely[0]!r}?" if likely else ""
        )
        return
    try:
        Prescription(**item.model_dump(), name=CATALOGUE[item.exercise].name, reps_in_reserve=0)
    except ValidationError as error:
        yield from (each["msg"].removeprefix("Value error, ") for each in error.errors())


def _date(session: StrengthSession) -> dt.date:
    return session.date
