"""The rides: warm-up, the point of the day, cool-down, in percent of FTP."""

from supajobs.handlers.training_plan.cycling.profile import CyclingGoal
from supajobs.handlers.training_plan.cycling.ride import RideKind, StepKind
from supajobs.handlers.training_plan.cycling.sketch import Sketch
from supajobs.handlers.training_plan.cycling.workouts import (
    FAMILIES,
    Effort,
    Part,
    minutes_of,
    pick_workout,
)

# Minutes of warm-up and cool-down around intervals, in sessions of at least so many minutes.
_EXTRAS = {80: 25, 60: 20, 0: 15}
LONG_ENOUGH_FOR_DRILLS = 50  # minutes
# Tempo in the long rides, growing over the weeks of a phase, as (repeats, minutes).
_LONG_TEMPO = {
    "base": ((1, 20), (1, 25), (1, 30), (1, 40)),
    "build": ((3, 10), (2, 15), (3, 12), (2, 20), (3, 15), (2, 25), (3, 20)),
    "peak": ((2, 20), (2, 25), (2, 30)),
}


def _once(kind: StepKind, minutes: int, low: int, high: int) -> Part:
    return Part(1, (Effort(kind, minutes * 60, low, high),))


def _steady(minutes: int, low: int, high: int) -> Part:
    return _once(StepKind.STEADY, minutes, low, high)


def _warm_up(minutes: int) -> list[Part]:
    """Easy riding, then a third of the time closer to the work."""
    brisk = minutes // 3
    return [
        _once(StepKind.WARM_UP, minutes - brisk, 50, 60),
        _once(StepKind.WARM_UP, brisk, 65, 75),
    ]


def _cool_down(minutes: int) -> Part:
    return _once(StepKind.COOL_DOWN, minutes, 45, 55)


def sketch_intervals(family_name: str, earlier_uses: int, minutes: int) -> Sketch:
    """A key session that fills the minutes: intervals first, endurance riding for the rest."""
    family = FAMILIES[family_name]
    extras = next(extra for length, extra in _EXTRAS.items() if minutes >= length)
    workout = pick_workout(family, earlier_uses, minutes - extras)
    left = minutes - extras - minutes_of(workout.parts)
    cool_down = extras // 3
    parts = [*_warm_up(extras - cool_down + left % 10), *workout.parts]
    if left >= 10:  # noqa: PLR2004 - less is a longer warm-up, not a block of its own
        parts.append(_steady(left // 10 * 10, 62, 70))
    cue = family.cues[earlier_uses % len(family.cues)]
    return Sketch(family.kind, workout.title, cue, [*parts, _cool_down(cool_down)])


def sketch_endurance(minutes: int, variant: int) -> Sketch:
    """An easy ride in zone 2; the variants keep it from being the same ride every time."""
    inner = minutes - 15
    variants = _LONGER_RIDES if minutes >= LONG_ENOUGH_FOR_DRILLS else _SHORTER_RIDES
    title, description, drill = variants[variant % len(variants)]
    left = inner - minutes_of([drill])
    parts = [_steady(left, 65, 74), drill] if drill.repeats else [_steady(inner, 65, 74)]
    return Sketch(RideKind.ENDURANCE, title, description, [*_warm_up(10), *parts, _cool_down(5)])


_NO_DRILL = Part(0, ())
_STEADY_RIDE = (
    "Endurance ride",
    "Conversation pace throughout. Easy means easy, uphill as well.",
    _NO_DRILL,
)
_SHORTER_RIDES = (
    _STEADY_RIDE,
    (
        "Short spin, light gear",
        "Around 95 rpm from start to finish. Leave the big ring alone.",
        _NO_DRILL,
    ),
)
_LONGER_RIDES = (
    _STEADY_RIDE,
    (
        "Endurance with cadence drills",
        "Five times one minute at 105-115 rpm in a light gear, without bouncing on the saddle.",
        Part(5, (Effort(StepKind.STEADY, 60, 64, 72), Effort(StepKind.STEADY, 180, 62, 70))),
    ),
    (
        "Endurance on rolling roads",
        "Let the power come up a little on every rise, into the top of zone 2, and settle again.",
        Part(3, (Effort(StepKind.STEADY, 240, 72, 78), Effort(StepKind.STEADY, 300, 62, 68))),
    ),
    (
        "Endurance with short sprints",
        "Five sprints of ten seconds, full gas, with all the time in between to forget them.",
        Part(5, (Effort(StepKind.WORK, 10, 170, 200), Effort(StepKind.STEADY, 230, 60, 68))),
    ),
)


def sketch_recovery(minutes: int) -> Sketch:
    """A ride so easy that it helps."""
    return Sketch(
        RideKind.RECOVERY,
        "Recovery spin",
        "Small gear, flat road. If you feel you should push, turn around.",
        [_once(StepKind.STEADY, minutes, 45, 54)],
    )


def sketch_long_ride(minutes: int, phase: str, turn: int, *, easy: bool) -> Sketch:
    """The long ride: steady at first, with tempo in it as the plan moves on.

    Args:
        minutes: the whole ride.
        phase: the phase it is in.
        turn: how many load weeks of the phase came before; the tempo grows with it.
        easy: whether it is in a week for recovery or taper.
    """
    inner = minutes - 15
    title, description = "Long ride", "Steady in zone 2, the longest ride of the week. Eat early."
    repeats, tempo = 0, 0
    # In base every other long ride stays steady.
    rung = (turn - 1) // 2 if phase == "base" else turn
    if easy:
        title = "Shorter long ride"
        description = "Long enough to stay in the habit, short enough to come home fresh."
    elif rung >= 0 and (phase != "base" or turn % 2):
        ladder = _LONG_TEMPO[phase]
        fitting = [rung for rung in ladder if 2 * rung[0] * rung[1] <= inner]
        repeats, tempo = fitting[min(rung, len(fitting) - 1)] if fitting else (0, 0)
    if repeats:
        title, description = _long_ride_with(phase, repeats, tempo)
    parts = _with_tempo(inner, repeats, tempo)
    return Sketch(RideKind.LONG_RIDE, title, description, [*_warm_up(10), *parts, _cool_down(5)])


def _long_ride_with(phase: str, repeats: int, tempo: int) -> tuple[str, str]:
    if phase == "base":
        return (
            f"Long ride, last {tempo} min at tempo",
            "Ride easy until the tempo block, then firm and even on tired legs.",
        )
    if phase == "build":
        return (
            f"Long ride with {repeats} x {tempo} min tempo",
            "Tempo on the climbs, zone 2 in between. Practise race-day eating: 60-90 g carbs/h.",
        )
    return (
        f"Rehearsal ride with {repeats} x {tempo} min at goal pace",
        "Clothes, food, pacing: everything as on the day itself.",
    )


def _with_tempo(minutes: int, repeats: int, tempo: int) -> list[Part]:
    """Endurance riding, each tempo block after its share of it; a single block comes last."""
    if not repeats:
        return [_steady(minutes, 65, 74)]
    easy = minutes - repeats * tempo
    between = easy if repeats == 1 else easy // (repeats + 1)
    block = (
        Effort(StepKind.STEADY, between * 60, 64, 71),
        Effort(StepKind.WORK, tempo * 60, 79, 86),
    )
    left = easy - repeats * between
    return [Part(repeats, block), *([_steady(left, 62, 70)] if left else [])]


def sketch_openers(minutes: int) -> Sketch:
    """The day before: short, with a few accelerations to wake the legs."""
    opener = Part(3, (Effort(StepKind.WORK, 60, 106, 112), Effort(StepKind.RECOVERY, 120, 50, 55)))
    return Sketch(
        RideKind.OPENERS,
        "Openers",
        "Three brisk minutes, nothing that costs anything. Check the bike, pack the bag.",
        [*_warm_up(10), opener, _steady(minutes - 24, 56, 64), _cool_down(5)],
    )


def sketch_ftp_test() -> Sketch:
    """Allen and Coggan's 20-minute test: FTP is 95 % of the average power."""
    return Sketch(
        RideKind.FTP_TEST,
        "FTP test: 20 minutes",
        "Five minutes hard to take the edge off, then 20 minutes as evenly and as hard as you "
        "can. 95 % of the average is your new FTP.",
        [
            *_warm_up(15),
            _once(StepKind.WORK, 5, 106, 112),
            _once(StepKind.RECOVERY, 10, 50, 55),
            _once(StepKind.WORK, 20, 102, 108),
            _cool_down(10),
        ],
    )


# What the day itself looks like: title, usual minutes, percent of FTP, and the advice for it.
_EVENTS = {
    CyclingGoal.IMPROVE_FTP: (
        "Goal event",
        120,
        74,
        84,
        "Start within yourself; spend what is left late.",
    ),
    CyclingGoal.GENERAL_FITNESS: (
        "Goal event",
        120,
        66,
        76,
        "Enjoy it. Eat from the first hour on.",
    ),
    CyclingGoal.GRAN_FONDO: (
        "Gran fondo day",
        240,
        68,
        78,
        "Climb at 85 % of FTP at most; eat every 20 minutes.",
    ),
    CyclingGoal.ROAD_RACE: (
        "Road race day",
        150,
        74,
        86,
        "Stay near the front, save every watt you can.",
    ),
    CyclingGoal.TIME_TRIAL: (
        "Time trial day",
        60,
        96,
        102,
        "Negative split: the first third feels too easy.",
    ),
}
_TIME_TRIAL_WARM_UP = 15


def event_minutes(goal: CyclingGoal, weekly_minutes: int) -> int:
    """Expected duration of the event; at most half of the athlete's week, in steps of five."""
    return min(_EVENTS[goal][1], weekly_minutes // 10 * 5)


def sketch_event(goal: CyclingGoal, minutes: int) -> Sketch:
    """The day itself, as a pacing plan; a time trial's minutes include its warm-up."""
    title, _, low, high, advice = _EVENTS[goal]
    if goal is not CyclingGoal.TIME_TRIAL:
        parts = [_once(StepKind.WORK, minutes, low, high)]
    else:
        race = _once(StepKind.WORK, minutes - _TIME_TRIAL_WARM_UP, low, high)
        parts = [*_warm_up(_TIME_TRIAL_WARM_UP), race]
    return Sketch(RideKind.EVENT, title, advice, parts)
