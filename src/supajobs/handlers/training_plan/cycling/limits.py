"""The invariants of a cycling plan, as checks that name what is wrong.

Every function raises ValueError with a sentence for the person (or model) who wrote the plan.
"""

import datetime as dt
from collections.abc import Sequence
from itertools import pairwise

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


def check_rides(athlete: Athlete, weeks: Sequence[CyclingWeek]) -> None:
    """Every ride fits the athlete's FTP, days and recovery."""
    rides = [ride for week in weeks for ride in week.sessions]
    for ride in rides:
        _check_watts(ride, athlete.ftp_watts)
        _check_stress(ride, athlete.ftp_watts)
        if ride.kind is not RideKind.EVENT and ride.weekday not in athlete.weekdays:
            raise ValueError(f"{ride.title!r} on {ride.date}: {ride.weekday} is no training day")
    hard = [ride for ride in rides if ride.is_hard]
    for ride, following in pairwise(hard):
        if following.date - ride.date <= dt.timedelta(days=1):
            raise ValueError(f"two hard days in a row: {ride.date} and {following.date}")
    _check_event(athlete, rides)


def _check_watts(ride: Ride, ftp: int) -> None:
    for step in written_out(ride.blocks):
        expected = watts_at(ftp, step.percent_ftp_low), watts_at(ftp, step.percent_ftp_high)
        found = step.watts_low, step.watts_high
        if any(abs(a - b) > 1 for a, b in zip(expected, found, strict=True)):
            raise ValueError(
                f"{ride.title!r} on {ride.date}: {found[0]}-{found[1]} W is not "
                f"{step.percent_ftp_low}-{step.percent_ftp_high} % of {ftp} W"
            )
        if step.zone != zone_of(step.percent_ftp):
            raise ValueError(
                f"{ride.title!r}: {step.percent_ftp:g} % is {zone_of(step.percent_ftp)}"
            )


def _check_stress(ride: Ride, ftp: int) -> None:
    watts, seconds = ride.normalized_power_watts, ride.duration_minutes * 60
    factor = intensity_factor(watts, ftp)
    if abs(factor - ride.intensity_factor) > 0.011:  # noqa: PLR2004 - two rounded decimals
        raise ValueError(f"{ride.title!r}: IF is {factor:.2f}, not {ride.intensity_factor}")
    # One watt of rounding in NP moves TSS by twice its share.
    tolerance = 1 + 2 * training_stress_score(seconds, watts, ftp) / watts
    tss = training_stress_score(seconds, watts, ftp)
    if abs(tss - ride.tss) > tolerance:
        raise ValueError(f"{ride.title!r} on {ride.date}: TSS is {tss:.0f}, not {ride.tss}")


def _check_event(athlete: Athlete, rides: Sequence[Ride]) -> None:
    events = [ride.date for ride in rides if ride.kind is RideKind.EVENT]
    expected = [athlete.event_date] if athlete.event_date else []
    if events != expected:
        raise ValueError(f"the event is on {athlete.event_date}, the plan has {events}")
    if athlete.event_date and rides[-1].kind is not RideKind.EVENT:
        raise ValueError(f"there is training after the event on {athlete.event_date}")


def check_weeks(athlete: Athlete, weeks: Sequence[CyclingWeek]) -> None:
    """The weeks fit the athlete's hours and rise, rest and taper as they should."""
    for week in weeks:
        if week.duration_minutes > athlete.weekly_minutes:
            raise ValueError(
                f"week {week.number} has {week.duration_minutes / 60:.1f} h, the athlete has "
                f"{athlete.weekly_hours:g} h"
            )
    _check_fitness(athlete, weeks)
    _check_growth(weeks)
    _check_recovery(athlete, weeks)
    _check_taper(weeks)


def _check_fitness(athlete: Athlete, weeks: Sequence[CyclingWeek]) -> None:
    fitness = Fitness(athlete.starting_ctl, athlete.starting_ctl)
    for week in weeks:
        tss = {ride.date: ride.tss for ride in week.sessions}
        before, fitness = fitness, after_week(fitness, week.starts_on, tss)
        found = (week.ctl, week.atl, week.tsb)
        expected = (fitness.ctl, fitness.atl, fitness.tsb)
        if any(abs(a - b) > 0.2 for a, b in zip(found, expected, strict=True)):  # noqa: PLR2004 - one rounded decimal
            raise ValueError(
                f"week {week.number} ends with CTL {fitness.ctl:.1f}, ATL {fitness.atl:.1f}, "
                f"TSB {fitness.tsb:.1f}, not {week.ctl}, {week.atl}, {week.tsb}"
            )
        if fitness.ctl - before.ctl > LARGEST_CTL_RAMP:
            raise ValueError(
                f"week {week.number} raises CTL by {fitness.ctl - before.ctl:.1f}, more than "
                f"{LARGEST_CTL_RAMP:g} TSS a day"
            )


def _check_growth(weeks: Sequence[CyclingWeek]) -> None:
    longest = weeks[0].preparation_minutes
    for week in weeks[1:]:
        if week.preparation_minutes > LARGEST_VOLUME_STEP * longest:
            raise ValueError(
                f"week {week.number} has {week.preparation_minutes} minutes, more than "
                f"{LARGEST_VOLUME_STEP - 1:.0%} above the longest week before ({longest})"
            )
        longest = max(longest, week.preparation_minutes)


def _check_recovery(athlete: Athlete, weeks: Sequence[CyclingWeek]) -> None:
    most = cycle_length(athlete.age)
    loaded = latest_load = 0
    for week in weeks:
        loaded = loaded + 1 if week.kind is WeekKind.LOAD else 0
        if loaded > most:
            raise ValueError(
                f"week {week.number} is load week {loaded} in a row; at {athlete.age} years at "
                f"most {most} without a recovery week"
            )
        if week.kind is WeekKind.LOAD:
            latest_load = week.preparation_minutes
        elif (
            week.kind is WeekKind.RECOVERY
            and week.preparation_minutes > LARGEST_RECOVERY_SHARE * latest_load
        ):
            raise ValueError(f"recovery week {week.number} is not shorter than its load weeks")


def _check_taper(weeks: Sequence[CyclingWeek]) -> None:
    if weeks[-1].kind is not WeekKind.TAPER:
        raise ValueError("the last week must be a taper week")
    longest = max(week.preparation_minutes for week in weeks)
    for week in weeks:
        share = LARGEST_LAST_WEEK_SHARE if week is weeks[-1] else LARGEST_TAPER_SHARE
        if week.kind is WeekKind.TAPER and week.preparation_minutes > share * longest:
            raise ValueError(
                f"taper week {week.number} has {week.preparation_minutes} minutes, more than "
                f"{share:.0%} of the longest week ({longest})"
            )
    taper = [ride for week in weeks if week.kind is WeekKind.TAPER for ride in week.sessions]
    if not any(ride.is_hard for ride in taper):
        raise ValueError("the taper drops the intensity, not only the volume")
