"""A ride before it has a date and watts, and how it gets them."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from supajobs.handlers.training_plan.calendar import weekday_of
from supajobs.handlers.training_plan.cycling.power import (
    intensity_factor,
    normalized_power,
    training_stress_score,
    watts_at,
    zone_of,
)
from supajobs.handlers.training_plan.cycling.ride import (
    Block,
    Ride,
    RideKind,
    Step,
    is_hard,
    written_out,
)
from supajobs.handlers.training_plan.cycling.workouts import Effort, Part


class Load(NamedTuple):
    """What a ride costs."""

    seconds: int
    np_watts: float
    tss: float


class Sketch(NamedTuple):
    """A ride in percent of FTP, before date and watts."""

    kind: RideKind
    title: str
    description: str
    parts: Sequence[Part]

    def load(self, ftp: int) -> Load:
        """Duration, normalized power and TSS for an athlete with this FTP in watts."""
        steps = [
            (e.seconds, (watts_at(ftp, e.low) + watts_at(ftp, e.high)) / 2)
            for part in self.parts
            for e in part.efforts * part.repeats
        ]
        seconds = sum(duration for duration, _ in steps)
        watts = normalized_power(steps)
        return Load(seconds, watts, training_stress_score(seconds, watts, ftp))


def write_ride(sketch: Sketch, date: dt.date, ftp: int) -> Ride:
    """The ride of a sketch on a date, for an athlete with this FTP in watts."""
    blocks = [
        Block(repeats=part.repeats, steps=[_write_step(effort, ftp) for effort in part.efforts])
        for part in sketch.parts
    ]
    load = sketch.load(ftp)
    return Ride(
        date=date,
        weekday=weekday_of(date),
        kind=sketch.kind,
        title=sketch.title,
        description=sketch.description,
        is_hard=is_hard(sketch.kind, written_out(blocks)),
        duration_minutes=load.seconds // 60,
        normalized_power_watts=round(load.np_watts),
        intensity_factor=round(intensity_factor(load.np_watts, ftp), 2),
        tss=round(load.tss),
        blocks=blocks,
    )


def _write_step(effort: Effort, ftp: int) -> Step:
    return Step(
        kind=effort.kind,
        duration_seconds=effort.seconds,
        percent_ftp_low=effort.low,
        percent_ftp_high=effort.high,
        watts_low=watts_at(ftp, effort.low),
        watts_high=watts_at(ftp, effort.high),
        zone=zone_of((effort.low + effort.high) / 2),
    )
