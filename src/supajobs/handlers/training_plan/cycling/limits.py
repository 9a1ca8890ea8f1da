"""The invariants of a cycling plan, as checks that name what is wrong.

Every function yields a sentence for the person (or model) who wrote the plan, for each problem that
it finds. Those before `check_ending` may also be asked about the first weeks of a plan to come.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Protocol

from supajobs.handlers.training_plan.calendar import WeekKind
from supajobs.handlers.training_plan.cycling.fitness import Fitness, after_week
from supajobs.handlers.training_plan.cycling.periodisation import cycle_length
from supajobs.handlers.training_plan.cycling.power import (
    intensity_factor,
    training_stress_score,
    watts_at,
    zone_of,
)
from supajobs.handlers.training_plan.cycling.profile import Athlete
from supajobs.handlers.training_plan.cycling.ride import Ride, RideKind, written_out
from supajobs.handlers.training_plan.cycling.week import CyclingWeek

LARGEST_CTL_RAMP = 7.0  # TSS per day gained in a week; more invites illness and injury
LARGEST_VOLUME_STEP = 1.15  # of the longest week so far
LARGEST_RECOVERY_SHARE = 0.8  # of the load week before
LARGEST_TAPER_SHARE = 0.8  # of the longest week, in the first taper week
LARGEST_LAST_WEEK_SHARE = 0.6  # of the longest week, without the event itself


class Planned(Protocol):
    """A week, written out or not yet."""

    @property
    def number(self) -> int:
        """1 is the first."""
        ...

    @property
    def kind(self) -> WeekKind:
        """What it is for."""
        ...

    @property
    def preparation_minutes(self) -> int:
        """Time on the bike without the event or the test."""
        ...


def check_rides(athlete: Athlete, weeks: Sequence[CyclingWeek]) -> Iterator[str]:
    """Every ride fits the athlete's FTP, days and recovery."""
    rides = [ride for week in weeks for ride in week.sessions]
    for ride in rides:
        yield from _check_watts(ride, athlete.ftp_watts)
        yield from _check_stress(ride, athlete.ftp_watts)
        if ride.kind is not RideKind.EVENT and ride.weekday not in athlete.weekdays:
            yield f"{ride.title!r} on {ride.date}: {ride.weekday} is no training day"
    hard = [ride for ride in rides if ride.is_hard]
    for ride, following in pairwise(hard):
        if following.date - ride.date <= dt.timedelta(days=1):
            yield f"two hard days in a row: {ride.date} and {following.date}"


def _check_watts(ride: Ride, ftp: int) -> Iterator[str]:
    for step in written_out(ride.blocks):
        expected = watts_at(ftp, step.percent_ftp_low), watts_at(ftp, step.percent_ftp_high)
        found = step.watts_low, step.watts_high
        if any(abs(a - b) > 1 for a, b in zip(expected, found, strict=True)):
            yield (
                f"{ride.title!r} on {ride.date}: {found[0]}-{found[1]} W is not "
                f"{step.percent_ftp_low}-{step.percent_ftp_high} % of {ftp} W"
            )
        if step.zone != zone_of(step.percent_ftp):
            yield f"{ride.title!r}: {step.percent_ftp:g} % is {zone_of(step.percent_ftp)}"


def _check_stress(ride: Ride, ftp: int) -> Iterator[str]:
    watts, seconds = ride.normalized_power_watts, ride.duration_minutes * 60
    factor = intensity_factor(watts, ftp)
    if abs(factor - ride.intensity_factor) > 0.011:  # noqa: PLR2004 - two rounded decimals
        yield f"{ride.title!r}: IF is {factor:.2f}, not {ride.intensity_factor}"
    # One watt of rounding in NP moves TSS by twice its share.
    tolerance = 1 + 2 * training_stress_score(seconds, watts, ftp) / watts
    tss = training_stress_score(seconds, watts, ftp)
    if abs(tss - ride.tss) > tolerance:
        yield f"{ride.title!r} on {ride.date}: TSS is {tss:.0f}, not {ride.tss}"


def check_weeks(athlete: Athlete, weeks: Sequence[CyclingWeek]) -> Iterator[str]:
    """The weeks fit the athlete's hours, and rise and rest as they should."""
    for week in weeks:
        if week.duration_minutes > athlete.weekly_minutes:
            yield (
                f"week {week.number} has {week.duration_minutes / 60:.1f} h, the athlete has "
                f"{athlete.weekly_hours:g} h"
            )
    yield from _check_fitness(athlete, weeks)
    yield from check_volume(athlete, weeks)


def _check_fitness(athlete: Athlete, weeks: Sequence[CyclingWeek]) -> Iterator[str]:
    fitness = Fitness(athlete.starting_ctl, athlete.starting_ctl)
    for week in weeks:
        tss = {ride.date: ride.tss for ride in week.sessions}
        before, fitness = fitness, after_week(fitness, week.starts_on, tss)
        found = (week.ctl, week.atl, week.tsb)
        expected = (fitness.ctl, fitness.atl, fitness.tsb)
        if any(abs(a - b) > 0.2 for a, b in zip(found, expected, strict=True)):  # noqa: PLR2004 - one rounded decimal
            yield (
                f"week {week.number} ends with CTL {fitness.ctl:.1f}, ATL {fitness.atl:.1f}, "
                f"TSB {fitness.tsb:.1f}, not {week.ctl}, {week.atl}, {week.tsb}"
            )
        if fitness.ctl - before.ctl > LARGEST_CTL_RAMP:
            yield (
                f"week {week.number} raises CTL by {fitness.ctl - before.ctl:.1f}, more than "
                f"{LARGEST_CTL_RAMP:g} TSS a day"
            )


def check_volume(athlete: Athlete, weeks: Sequence[Planned]) -> Iterator[str]:
    """The time on the bike rises slowly, and falls in recovery weeks, of which there are enough."""
    longest = weeks[0].preparation_minutes
    for week in weeks[1:]:
        if week.preparation_minutes > LARGEST_VOLUME_STEP * longest:
            yield (
                f"week {week.number} has {week.preparation_minutes} minutes, more than "
                f"{LARGEST_VOLUME_STEP - 1:.0%} above the longest week before ({longest})"
            )
        longest = max(longest, week.preparation_minutes)
    yield from _check_recovery(athlete, weeks)


def _check_recovery(athlete: Athlete, weeks: Sequence[Planned]) -> Iterator[str]:
    most = cycle_length(athlete.age)
    loaded = latest_load = 0
    for week in weeks:
        loaded = loaded + 1 if week.kind is WeekKind.LOAD else 0
        if loaded > most:
            yield (
                f"week {week.number} is load week {loaded} in a row; at {athlete.age} years at "
                f"most {most} without a recovery week"
            )
        if week.kind is WeekKind.LOAD:
            latest_load = week.preparation_minutes
        elif (
            week.kind is WeekKind.RECOVERY
            and week.preparation_minutes > LARGEST_RECOVERY_SHARE * latest_load
        ):
            yield (
                f"recovery week {week.number} is not shorter than its load weeks: its "
                f"{week.preparation_minutes} minutes are more than {LARGEST_RECOVERY_SHARE:.0%} "
                f"of {latest_load}"
            )


def check_ending(athlete: Athlete, weeks: Sequence[CyclingWeek]) -> Iterator[str]:
    """The whole plan ends with a taper, and with the event if there is one."""
    yield from _check_event(athlete, [ride for week in weeks for ride in week.sessions])
    yield from check_taper(weeks)
    taper = [ride for week in weeks if week.kind is WeekKind.TAPER for ride in week.sessions]
    if not any(ride.is_hard for ride in taper):
        yield "the taper drops the intensity, not only the volume"


def _check_event(athlete: Athlete, rides: Sequence[Ride]) -> Iterator[str]:
    events = [ride.date for ride in rides if ride.kind is RideKind.EVENT]
    expected = [athlete.event_date] if athlete.event_date else []
    if events != expected:
        yield f"the event is on {athlete.event_date}, the plan has {events}"
    if athlete.event_date and rides[-1].kind is not RideKind.EVENT:
        yield f"there is training after the event on {athlete.event_date}"


def check_taper(weeks: Sequence[Planned]) -> Iterator[str]:
    """The whole plan's last weeks shed fatigue."""
    if weeks[-1].kind is not WeekKind.TAPER:
        yield "the last week must be a taper week"
    longest = max(week.preparation_minutes for week in weeks)
    for week in weeks:
        share = LARGEST_LAST_WEEK_SHARE if week is weeks[-1] else LARGEST_TAPER_SHARE
        if week.kind is WeekKind.TAPER and week.preparation_minutes > share * longest:
            yield (
                f"taper week {week.number} has {week.preparation_minutes} minutes, more than "
                f"{share:.0%} of the longest week ({longest})"
            )
