"""The exercises: what each needs, what it trains, and who is ready for it."""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property

from supajobs.handlers.training_plan.strength.equipment import Equipment
from supajobs.handlers.training_plan.strength.profile import Experience


class Muscle(StrEnum):
    """Muscle groups in which weekly sets are counted."""

    CHEST = "chest"
    BACK = "back"
    SHOULDERS = "shoulders"
    REAR_SHOULDERS = "rear_shoulders"
    BICEPS = "biceps"
    TRICEPS = "triceps"
    QUADS = "quads"
    HAMSTRINGS = "hamstrings"
    GLUTES = "glutes"
    CALVES = "calves"
    CORE = "core"


class Pattern(StrEnum):
    """Movement patterns, from which sessions are built."""

    SQUAT = "squat"
    HINGE = "hinge"
    LUNGE = "lunge"
    HIP_EXTENSION = "hip_extension"
    LEG_CURL = "leg_curl"
    CALF_RAISE = "calf_raise"
    HORIZONTAL_PUSH = "horizontal_push"
    VERTICAL_PUSH = "vertical_push"
    HORIZONTAL_PULL = "horizontal_pull"
    VERTICAL_PULL = "vertical_pull"
    CHEST_FLY = "chest_fly"
    LATERAL_RAISE = "lateral_raise"
    REAR_FLY = "rear_fly"
    CURL = "curl"
    ELBOW_EXTENSION = "elbow_extension"
    CORE = "core"


PUSHES = frozenset({Pattern.HORIZONTAL_PUSH, Pattern.VERTICAL_PUSH})
PULLS = frozenset({Pattern.HORIZONTAL_PULL, Pattern.VERTICAL_PULL})
COMPOUND = PUSHES | PULLS | {Pattern.SQUAT, Pattern.HINGE, Pattern.LUNGE}


@dataclass(frozen=True)
class Exercise:
    """One exercise; `slug` is its name in a plan."""

    slug: str
    name: str
    pattern: Pattern
    equipment: frozenset[Equipment]
    primary: tuple[Muscle, ...]
    secondary: tuple[Muscle, ...]
    experience: Experience
    is_stand_in: bool  # for beginners who cannot do the real one yet
    loads_by_percent: bool  # a barbell lift whose one-repetition maximum people know
    stays_heavy: bool  # nobody should do it for many repetitions
    each_side: bool
    is_held: bool  # measured in seconds

    @property
    def is_compound(self) -> bool:
        """Whether several joints move, so that it deserves longer rest."""
        return self.pattern in COMPOUND

    @property
    def is_bodyweight(self) -> bool:
        """Whether nothing but the own weight loads it."""
        return self.equipment == frozenset({Equipment.BODYWEIGHT})

    @cached_property
    def muscles(self) -> dict[Muscle, float]:
        """What one set counts for: 1 where it trains directly, a half where it assists."""
        return dict.fromkeys(self.secondary, 0.5) | dict.fromkeys(self.primary, 1.0)


# Name | pattern | equipment | primary | secondary | remarks. Within a pattern the first that a
# trainee can do is the one a coach would pick first.
_TABLE = """
Back squat | squat | barbell squat_rack | quads | glutes core | percent
Front squat | squat | barbell squat_rack | quads | glutes core | percent intermediate
Leg press | squat | machines | quads | glutes |
Hack squat | squat | machines | quads | glutes |
Dumbbell front squat | squat | dumbbells | quads | glutes core |
Goblet squat | squat | dumbbells | quads | glutes core |
Kettlebell goblet squat | squat | kettlebell | quads | glutes core |
Heel-elevated goblet squat | squat | dumbbells | quads | glutes |
Double kettlebell front squat | squat | kettlebell | quads | glutes core | intermediate
Banded squat | squat | bands | quads | glutes |
Pistol squat to a chair | squat | bodyweight | quads | glutes | each_side intermediate
Tempo bodyweight squat | squat | bodyweight | quads | glutes |
Cossack squat | squat | bodyweight | quads | glutes | each_side
Deadlift | hinge | barbell | hamstrings glutes | quads | percent few
Romanian deadlift | hinge | barbell | hamstrings glutes | |
Dumbbell deadlift | hinge | dumbbells | hamstrings glutes | quads |
Dumbbell Romanian deadlift | hinge | dumbbells | hamstrings glutes | |
Single-leg dumbbell Romanian deadlift | hinge | dumbbells | hamstrings glutes | core | each_side
Kettlebell deadlift | hinge | kettlebell | hamstrings glutes | |
Kettlebell swing | hinge | kettlebell | hamstrings glutes | core |
Kettlebell Romanian deadlift | hinge | kettlebell | hamstrings glutes | |
Banded good morning | hinge | bands | hamstrings glutes | |
Banded Romanian deadlift | hinge | bands | hamstrings glutes | |
Cable pull-through | hinge | cables | hamstrings glutes | core |
Single-leg hip hinge | hinge | bodyweight | hamstrings glutes | core | each_side
Bodyweight good morning | hinge | bodyweight | hamstrings glutes | |
Bulgarian split squat | lunge | dumbbells bench | quads glutes | hamstrings | each_side
Dumbbell reverse lunge | lunge | dumbbells | quads glutes | hamstrings | each_side
Walking lunge | lunge | dumbbells | quads glutes | hamstrings | each_side
Barbell lunge | lunge | barbell squat_rack | quads glutes | hamstrings | each_side intermediate
Kettlebell reverse lunge | lunge | kettlebell | quads glutes | hamstrings | each_side
Dumbbell step-up | lunge | dumbbells bench | quads glutes | hamstrings | each_side
Suspended split squat | lunge | suspension_trainer | quads glutes | hamstrings | each_side
Split squat | lunge | bodyweight | quads glutes | hamstrings | each_side
Reverse lunge | lunge | bodyweight | quads glutes | hamstrings | each_side
Barbell hip thrust | hip_extension | barbell bench | glutes | hamstrings |
Dumbbell glute bridge | hip_extension | dumbbells | glutes | hamstrings |
Banded glute bridge | hip_extension | bands | glutes | hamstrings |
Single-leg glute bridge | hip_extension | bodyweight | glutes | hamstrings | each_side
Lying leg curl | leg_curl | machines | hamstrings | |
Seated leg curl | leg_curl | machines | hamstrings | |
Suspended leg curl | leg_curl | suspension_trainer | hamstrings | glutes |
Nordic curl, lowering only | leg_curl | bodyweight | hamstrings | | advanced
Banded leg curl | leg_curl | bands | hamstrings | |
Sliding leg curl with a towel | leg_curl | bodyweight | hamstrings | glutes |
Long-lever bridge walk-out | leg_curl | bodyweight | hamstrings | glutes |
Standing calf raise | calf_raise | machines | calves | |
Dumbbell calf raise | calf_raise | dumbbells | calves | | each_side
Single-leg calf raise | calf_raise | bodyweight | calves | | each_side
Bench press | horizontal_push | barbell bench squat_rack | chest | triceps shoulders | percent
Dumbbell bench press | horizontal_push | dumbbells bench | chest | triceps shoulders |
Incline dumbbell press | horizontal_push | dumbbells bench | chest | shoulders triceps |
Machine chest press | horizontal_push | machines | chest | triceps shoulders |
Dumbbell floor press | horizontal_push | dumbbells | chest | triceps |
Barbell floor press | horizontal_push | barbell | chest | triceps | intermediate
Kettlebell floor press | horizontal_push | kettlebell | chest | triceps |
Ring push-up | horizontal_push | suspension_trainer | chest | triceps shoulders core | intermediate
Banded push-up | horizontal_push | bands | chest | triceps shoulders |
Decline push-up | horizontal_push | bodyweight | chest | triceps shoulders | intermediate
Push-up | horizontal_push | bodyweight | chest | triceps shoulders |
Push-up with a pause | horizontal_push | bodyweight | chest | triceps shoulders |
Hands-elevated push-up | horizontal_push | bodyweight | chest | triceps shoulders | stand_in
Overhead press | vertical_push | barbell | shoulders | triceps core | percent
Seated dumbbell press | vertical_push | dumbbells bench | shoulders | triceps |
Standing dumbbell press | vertical_push | dumbbells | shoulders | triceps core |
Arnold press | vertical_push | dumbbells | shoulders | triceps |
Machine shoulder press | vertical_push | machines | shoulders | triceps |
Single-arm kettlebell press | vertical_push | kettlebell | shoulders | triceps core | each_side
Banded overhead press | vertical_push | bands | shoulders | triceps |
Feet-elevated pike push-up | vertical_push | bodyweight | shoulders | triceps | intermediate
Pike push-up | vertical_push | bodyweight | shoulders | triceps |
Barbell row | horizontal_pull | barbell | back | biceps rear_shoulders |
Chest-supported dumbbell row | horizontal_pull | dumbbells bench | back | biceps rear_shoulders |
Seated cable row | horizontal_pull | cables | back | biceps rear_shoulders |
One-arm dumbbell row | horizontal_pull | dumbbells | back | biceps | each_side
Bent-over dumbbell row | horizontal_pull | dumbbells | back | biceps rear_shoulders |
Kettlebell row | horizontal_pull | kettlebell | back | biceps | each_side
Ring row | horizontal_pull | suspension_trainer | back | biceps rear_shoulders |
Banded row | horizontal_pull | bands | back | biceps rear_shoulders |
Inverted row under a sturdy table | horizontal_pull | bodyweight | back | biceps rear_shoulders |
Doorway row with a towel | horizontal_pull | bodyweight | back | biceps | each_side
Pull-up | vertical_pull | pull_up_bar | back | biceps | intermediate
Chin-up | vertical_pull | pull_up_bar | back | biceps | intermediate
Lat pulldown | vertical_pull | cables | back | biceps |
Close-grip pulldown | vertical_pull | cables | back | biceps |
Chin-up, lowering only | vertical_pull | pull_up_bar | back | biceps | stand_in
Band-assisted pull-up | vertical_pull | pull_up_bar bands | back | biceps | stand_in
Banded pulldown | vertical_pull | bands | back | biceps |
Dumbbell pullover | vertical_pull | dumbbells | back | chest |
Kettlebell pullover | vertical_pull | kettlebell | back | chest |
Prone towel pulldown | vertical_pull | bodyweight | back | rear_shoulders |
Sliding floor pulldown with a towel | vertical_pull | bodyweight | back | biceps |
Cable fly | chest_fly | cables | chest | |
Dumbbell fly | chest_fly | dumbbells | chest | |
Banded fly | chest_fly | bands | chest | |
Wide push-up | chest_fly | bodyweight | chest | triceps |
Cable lateral raise | lateral_raise | cables | shoulders | | each_side
Dumbbell lateral raise | lateral_raise | dumbbells | shoulders | |
Banded lateral raise | lateral_raise | bands | shoulders | |
Wall lateral-raise hold | lateral_raise | bodyweight | shoulders | | hold
Face pull | rear_fly | cables | rear_shoulders | |
Dumbbell rear-delt fly | rear_fly | dumbbells | rear_shoulders | |
Band pull-apart | rear_fly | bands | rear_shoulders | |
Reverse snow angel | rear_fly | bodyweight | rear_shoulders | back |
Barbell curl | curl | barbell | biceps | |
Dumbbell curl | curl | dumbbells | biceps | |
Hammer curl | curl | dumbbells | biceps | |
Kettlebell curl | curl | kettlebell | biceps | |
Banded curl | curl | bands | biceps | |
Towel curl against the leg | curl | bodyweight | biceps | | each_side
Cable pushdown | elbow_extension | cables | triceps | |
Dumbbell overhead extension | elbow_extension | dumbbells | triceps | |
Lying dumbbell extension | elbow_extension | dumbbells | triceps | |
Banded pushdown | elbow_extension | bands | triceps | |
Diamond push-up | elbow_extension | bodyweight | triceps | chest | intermediate
Chair dip | elbow_extension | bodyweight | triceps | |
Hanging knee raise | core | pull_up_bar | core | |
Ring roll-out | core | suspension_trainer | core | | intermediate
Pallof press | core | cables | core | | each_side
Plank | core | bodyweight | core | | hold
Dead bug | core | bodyweight | core | | each_side
Side plank | core | bodyweight | core | | hold each_side
Hollow hold | core | bodyweight | core | | hold
"""


def _read_row(row: str) -> Exercise:
    name, pattern, equipment, primary, secondary, remarks = (
        cell.strip() for cell in row.split("|")
    )
    marks = remarks.split()
    level = next((level for level in Experience if level.lower() in marks), Experience.BEGINNER)
    return Exercise(
        slug="-".join("".join(c if c.isalnum() else " " for c in name.lower()).split()),
        name=name,
        pattern=Pattern(pattern),
        equipment=frozenset(Equipment(item.upper()) for item in equipment.split()),
        primary=tuple(Muscle(muscle) for muscle in primary.split()),
        secondary=tuple(Muscle(muscle) for muscle in secondary.split()),
        experience=level,
        is_stand_in="stand_in" in marks,
        loads_by_percent="percent" in marks,
        stays_heavy="few" in marks,
        each_side="each_side" in marks,
        is_held="hold" in marks,
    )


CATALOGUE: dict[str, Exercise] = {
    exercise.slug: exercise for exercise in map(_read_row, _TABLE.strip().splitlines())
}


def is_ready(experience: Experience, exercise: Exercise) -> bool:
    """Whether somebody with this experience should do the exercise."""
    levels = list(Experience)
    return levels.index(exercise.experience) <= levels.index(experience)


@cache
def possible_exercises(
    pattern: Pattern, equipment: frozenset[Equipment], experience: Experience
) -> tuple[Exercise, ...]:
    """The exercises of a pattern that somebody can do with what they have, best first.

    Whoever has equipment for the pattern gets no bodyweight exercise: it could not be loaded.
    """
    possible = [
        exercise
        for exercise in CATALOGUE.values()
        if exercise.pattern is pattern
        and exercise.equipment <= equipment
        and is_ready(experience, exercise)
        and (experience is Experience.BEGINNER or not exercise.is_stand_in)
    ]
    loaded = [exercise for exercise in possible if not exercise.is_bodyweight]
    return tuple(loaded or possible)
