"""What an athlete can train with."""

from collections.abc import Iterable
from enum import StrEnum


class Equipment(StrEnum):
    """The equipment that exercises need; bodyweight is always there."""

    BODYWEIGHT = "BODYWEIGHT"
    DUMBBELLS = "DUMBBELLS"
    BARBELL = "BARBELL"
    SQUAT_RACK = "SQUAT_RACK"
    BENCH = "BENCH"
    KETTLEBELL = "KETTLEBELL"
    BANDS = "BANDS"
    PULL_UP_BAR = "PULL_UP_BAR"
    SUSPENSION_TRAINER = "SUSPENSION_TRAINER"
    CABLES = "CABLES"
    MACHINES = "MACHINES"


_EVERYTHING = frozenset(Equipment)
# Every accepted name, in the form `_plain` gives it, with what it stands for.
_NAMES: dict[str, frozenset[Equipment]] = {
    **{name.replace("_", ""): frozenset({Equipment(name)}) for name in Equipment},
    "GYM": _EVERYTHING,
    "FULLGYM": _EVERYTHING,
    "COMMERCIALGYM": _EVERYTHING,
    "NONE": frozenset({Equipment.BODYWEIGHT}),
    "NOEQUIPMENT": frozenset({Equipment.BODYWEIGHT}),
    "DUMBBELL": frozenset({Equipment.DUMBBELLS}),
    "DB": frozenset({Equipment.DUMBBELLS}),
    "BARBELLS": frozenset({Equipment.BARBELL}),
    "RACK": frozenset({Equipment.SQUAT_RACK}),
    "POWERRACK": frozenset({Equipment.SQUAT_RACK}),
    "WEIGHTBENCH": frozenset({Equipment.BENCH}),
    "KETTLEBELLS": frozenset({Equipment.KETTLEBELL}),
    "BAND": frozenset({Equipment.BANDS}),
    "RESISTANCEBAND": frozenset({Equipment.BANDS}),
    "RESISTANCEBANDS": frozenset({Equipment.BANDS}),
    "CHINUPBAR": frozenset({Equipment.PULL_UP_BAR}),
    "TRX": frozenset({Equipment.SUSPENSION_TRAINER}),
    "RINGS": frozenset({Equipment.SUSPENSION_TRAINER}),
    "GYMNASTICRINGS": frozenset({Equipment.SUSPENSION_TRAINER}),
    "CABLE": frozenset({Equipment.CABLES}),
    "CABLEMACHINE": frozenset({Equipment.CABLES}),
    "MACHINE": frozenset({Equipment.MACHINES}),
}
KNOWN_NAMES = (
    "Gym, Bodyweight, Dumbbells, Barbell, Squat rack, Bench, Kettlebell, Bands, Pull-up bar, "
    "Suspension trainer, Cables, Machines"
)


def _plain(name: str) -> str:
    return "".join(letter for letter in name.upper() if letter.isalnum())


def is_known(name: str) -> bool:
    """Whether the name of a piece of equipment is understood, in any case and spelling."""
    return _plain(name) in _NAMES


def available(names: Iterable[str]) -> frozenset[Equipment]:
    """Everything the known names stand for; "Gym" stands for all there is."""
    return frozenset({Equipment.BODYWEIGHT}).union(*(_NAMES[_plain(name)] for name in names))
