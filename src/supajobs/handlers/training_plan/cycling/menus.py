"""Which families of workouts a goal asks for in each phase."""

from supajobs.handlers.training_plan.cycling.profile import CyclingGoal

# For each phase the key sessions of a week, most important first; what stands in one inner
# tuple takes turns from week to week.
Menu = dict[str, tuple[tuple[str, ...], ...]]
_SHARED: Menu = {
    "base": (("sweet_spot",), ("tempo", "torque")),
    "build": (("vo2max",), ("threshold", "over_under")),
    "peak": (("vo2max", "micro_intervals"), ("threshold",)),
    "taper": (("sharpener",), ("reminder",)),
}
MENUS: dict[CyclingGoal, Menu] = {
    CyclingGoal.IMPROVE_FTP: _SHARED,
    CyclingGoal.GENERAL_FITNESS: {
        **_SHARED,
        "base": (("tempo", "sweet_spot"), ("torque", "tempo")),
        "build": (("vo2max", "micro_intervals"), ("sweet_spot", "threshold")),
    },
    CyclingGoal.GRAN_FONDO: {
        **_SHARED,
        "build": (("vo2max", "over_under"), ("threshold", "climbs")),
        "peak": (("climbs",), ("over_under",)),
    },
    CyclingGoal.ROAD_RACE: {
        **_SHARED,
        "build": (("vo2max", "micro_intervals"), ("threshold", "over_under")),
        "peak": (("anaerobic", "micro_intervals"), ("over_under",)),
    },
    CyclingGoal.TIME_TRIAL: {
        **_SHARED,
        "build": (("vo2max", "over_under"), ("threshold", "race_pace")),
        "peak": (("race_pace",), ("vo2max",)),
    },
}
