"""The key workouts: families of intervals, each a ladder climbed over the weeks.

Zones and their durations follow Allen, Coggan, McGregor, "Training and Racing with a Power
Meter", 2019.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from supajobs.handlers.training_plan.cycling.ride import RideKind, StepKind


class Effort(NamedTuple):
    """A step in percent of FTP, before anybody's watts are known."""

    kind: StepKind
    seconds: int
    low: int
    high: int


class Part(NamedTuple):
    """Efforts ridden in order, `repeats` times."""

    repeats: int
    efforts: tuple[Effort, ...]


class Workout(NamedTuple):
    """The intervals of a key session, without warm-up and cool-down."""

    title: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Family:
    """Workouts of one kind from easiest to hardest, with what a coach says along the way."""

    kind: RideKind
    ladder: tuple[Workout, ...]
    cues: tuple[str, ...]


def minutes_of(parts: Iterable[Part]) -> int:
    """Duration in whole minutes, rounded up."""
    seconds = sum(part.repeats * sum(effort.seconds for effort in part.efforts) for part in parts)
    return -(-seconds // 60)


def _rest(minutes: int) -> Effort:
    return Effort(StepKind.RECOVERY, minutes * 60, 50, 55)


def _rungs(ladder: str) -> list[tuple[int, int, int]]:
    """The rungs of a ladder written as "3x8/4 3x10/4": repeats, length, minutes of recovery."""
    rungs = (re.split("[x/]", rung) for rung in ladder.split())
    return [(int(count), int(length), int(rest)) for count, length, rest in rungs]


def _repeats(noun: str, low: int, high: int, ladder: str) -> tuple[Workout, ...]:
    """Straight intervals; the length of a rung is in minutes."""
    return tuple(
        Workout(
            f"{count} x {minutes} min {noun}",
            (Part(count, (Effort(StepKind.WORK, minutes * 60, low, high), _rest(rest))),),
        )
        for count, minutes, rest in _rungs(ladder)
    )


def _sets(noun: str, pattern: tuple[Effort, ...], ladder: str) -> tuple[Workout, ...]:
    """Sets of a repeated pattern; the length of a rung is in patterns."""
    seconds = sum(effort.seconds for effort in pattern)
    return tuple(
        Workout(
            f"{count} x {repeats * seconds // 60} min {noun}",
            (Part(repeats, pattern), Part(1, (_rest(rest),))) * count,
        )
        for count, repeats, rest in _rungs(ladder)
    )


def _work(seconds: int, low: int, high: int) -> Effort:
    return Effort(StepKind.WORK, seconds, low, high)


FAMILIES: dict[str, Family] = {
    "tempo": Family(
        RideKind.TEMPO,
        _repeats("tempo", 78, 85, "2x10/3 2x12/4 2x15/5 3x12/4 2x20/5 3x15/5 2x25/5 3x20/5"),
        (
            "Comfortably firm: full sentences become short ones. Hold one cadence all the way.",
            "Settle into the pace in the first two minutes and stop looking at the numbers.",
            "Eat and drink during the efforts as you would on a long climb.",
        ),
    ),
    "torque": Family(
        RideKind.TEMPO,
        _repeats("low-cadence tempo", 80, 87, "4x4/3 4x5/3 5x5/3 5x6/3 6x6/3 5x8/4 6x8/4"),
        (
            "Big gear, 50-60 rpm, seated, on a steady climb. Quiet upper body, push from the hips.",
            "Low cadence again. Stop the set if a knee complains; strength is patient work.",
        ),
    ),
    "sweet_spot": Family(
        RideKind.SWEET_SPOT,
        _repeats(
            "sweet spot", 88, 93, "2x10/4 3x8/4 3x10/4 3x12/4 2x20/6 3x15/5 4x12/4 2x25/6 3x20/5"
        ),
        (
            "Just below threshold: hard enough to matter, easy enough to do again this week.",
            "Start each effort at the low end and let it drift up only if breathing stays even.",
            "Same power as last time, a little longer. The last five minutes are the workout.",
            "Aim for an even trace: no surge at the start, no fade at the end.",
        ),
    ),
    "threshold": Family(
        RideKind.THRESHOLD,
        _repeats("threshold", 96, 101, "3x6/3 3x8/4 4x8/4 3x10/4 3x12/5 2x20/8 3x15/5 4x12/5"),
        (
            "Right at FTP. If the last repeat falls below the range, the first was too fast.",
            "Breathing deep and regular, one gear you could push all hour. Relax the hands.",
            "Recover fully between efforts; quality counts, not suffering.",
        ),
    ),
    "over_under": Family(
        RideKind.THRESHOLD,
        _sets(
            "over-unders",
            (_work(120, 92, 95), _work(60, 104, 108)),
            "2x3/4 3x3/4 3x4/5 4x3/4 4x4/5",
        ),
        (
            "Two minutes under, one over. Learn to clear the burn while still riding hard.",
            "The unders are where the skill is: back to the range at once, no coasting.",
        ),
    ),
    "vo2max": Family(
        RideKind.VO2MAX,
        _repeats("VO2max", 108, 115, "4x3/3 5x3/3 4x4/4 5x4/4 6x4/4 5x5/5 6x5/5"),
        (
            "High cadence, 95 rpm and more. The first effort should feel almost too easy.",
            "Breathing is at its limit from minute two on; that time is what you came for.",
            "Equal power on all of them. Stop when one drops below the range.",
        ),
    ),
    "micro_intervals": Family(
        RideKind.VO2MAX,
        _sets(
            "30/30s",
            (_work(30, 118, 124), Effort(StepKind.RECOVERY, 30, 45, 55)),
            "2x10/5 3x8/4 3x10/5 3x12/5",
        ),
        (
            "Thirty seconds on, thirty off. Accelerate smoothly; soft-pedal, do not stop.",
            "Keep the on-parts honest in the last third of each set.",
        ),
    ),
    "anaerobic": Family(
        RideKind.ANAEROBIC,
        _repeats("anaerobic", 128, 138, "6x1/3 7x1/3 8x1/3 10x1/3"),
        (
            "The attack that makes the break: out of the saddle for ten seconds, then hold.",
            "Full recovery between them. Each one as good as the first, or call it a day.",
        ),
    ),
    "climbs": Family(
        RideKind.THRESHOLD,
        _repeats("at climbing pace", 89, 95, "2x10/4 2x15/5 2x20/5 3x15/5 3x20/5"),
        (
            "The pace of the long climbs. Seated, patient, and drink every ten minutes.",
            "Ride the second climb as the first. Whoever is patient passes people at the top.",
        ),
    ),
    "race_pace": Family(
        RideKind.THRESHOLD,
        _repeats("at time-trial pace", 98, 103, "3x6/3 3x8/4 2x12/5 3x10/5 2x15/6 3x12/5"),
        (
            "In race position, on the race bike. Practise the start: not a watt above the range.",
            "Race position again. Split each effort in thirds: hold back, hold on, let go.",
        ),
    ),
    "touch": Family(
        RideKind.TEMPO,
        _repeats("tempo, nothing more", 76, 82, "2x8/4 2x10/5"),
        ("A reminder for the legs in an easy week. Finish wanting more.",),
    ),
    "sharpener": Family(
        RideKind.VO2MAX,
        _repeats("VO2max, sharp and short", 108, 114, "4x3/3 3x2/3"),
        (
            "Same power as in the hard weeks, half the work. Keep the snap, shed the fatigue.",
            "Short and crisp. You should feel better after it than before.",
        ),
    ),
    "reminder": Family(
        RideKind.THRESHOLD,
        _repeats("threshold reminder", 96, 101, "2x8/4"),
        ("Two efforts at FTP so that the pace stays familiar. No third one, however good it is.",),
    ),
}


def pick_workout(family: Family, earlier_uses: int, minutes: int) -> Workout:
    """The rung to ride: one further than last time, as long as the session has room for it.

    Once the ladder (or the room) ends, the two hardest rungs take turns.
    """
    fitting = [w for w in family.ladder if minutes_of(w.parts) <= minutes] or [family.ladder[0]]
    beyond = max(earlier_uses - len(fitting) + 1, 0)
    return fitting[max(min(earlier_uses, len(fitting) - 1) - beyond % 2, 0)]
