"""How many sets a week each muscle group gets, and how they are spread over the sessions.

Sources: Brad J. Schoenfeld, Dan Ogborn, James W. Krieger, "Dose-response relationship between
weekly resistance training volume and increases in muscle mass", Journal of Sports Sciences, 2017
(ten and more weekly sets do most); Eneko Baz-Valle and others, "A systematic review of the
effects of different resistance training volumes on muscle hypertrophy", Journal of Human
Kinetics, 2022 (12 to 20 for trained people); Vegard M. Iversen and others, "No time to lift?",
Sports Medicine, 2021 (four sets are the least that pays).
"""

from supajobs.handlers.training_plan.strength.catalogue import Muscle
from supajobs.handlers.training_plan.strength.profile import Experience, StrengthGoal, Trainee

MAJOR_MUSCLES = (
    Muscle.CHEST,
    Muscle.BACK,
    Muscle.SHOULDERS,
    Muscle.QUADS,
    Muscle.HAMSTRINGS,
    Muscle.GLUTES,
)
LARGEST_SETS_STEP = 1.2  # of the most weekly sets so far
# Below this weekly time there is no room for four sets of everything, only for keeping what is.
AMPLE_WEEKLY_MINUTES = 150
FEWEST_SETS, FEWEST_SETS_IN_LITTLE_TIME = 4, 2
_MOST_SETS = {Experience.BEGINNER: 16, Experience.INTERMEDIATE: 20, Experience.ADVANCED: 22}
# Weekly sets of a major muscle group.
_AIMS = {
    StrengthGoal.MUSCLE_GAIN: {"BEGINNER": 9, "INTERMEDIATE": 12, "ADVANCED": 15},
    StrengthGoal.STRENGTH: {"BEGINNER": 8, "INTERMEDIATE": 10, "ADVANCED": 12},
    StrengthGoal.FAT_LOSS: {"BEGINNER": 8, "INTERMEDIATE": 10, "ADVANCED": 11},
    StrengthGoal.GENERAL_FITNESS: {"BEGINNER": 6, "INTERMEDIATE": 8, "ADVANCED": 10},
}
# The back is several muscles and balances all pushing; small groups get much of their work from
# the big lifts.
_SHARES = {
    Muscle.BACK: 1.3,
    Muscle.SHOULDERS: 0.8,
    Muscle.REAR_SHOULDERS: 0.6,
    Muscle.BICEPS: 0.75,
    Muscle.TRICEPS: 0.75,
    Muscle.CALVES: 0.5,
    Muscle.CORE: 0.6,
}


def most_sets(experience: Experience) -> int:
    """Weekly sets of one muscle group beyond which nothing is gained."""
    return _MOST_SETS[experience]


def fewest_sets(trainee: Trainee) -> int:
    """Weekly sets of a major muscle group that a load week must have."""
    weekly = trainee.session_minutes * len(trainee.weekdays)
    return FEWEST_SETS if weekly >= AMPLE_WEEKLY_MINUTES else FEWEST_SETS_IN_LITTLE_TIME


def aims(trainee: Trainee, share: float) -> dict[Muscle, float]:
    """Weekly sets to aim at for each muscle group, in a week with this share of the volume."""
    major = _AIMS[trainee.goal][trainee.experience]
    return {muscle: share * major * _SHARES.get(muscle, 1) for muscle in Muscle}
