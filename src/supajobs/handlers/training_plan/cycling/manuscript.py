"""What a model writes of a cycling plan: rides in percent of FTP, on weekdays."""

from typing import Literal, Self

from pydantic import Field, model_validator

from supajobs.handlers.training_plan.calendar import Weekday, WeekKind
from supajobs.handlers.training_plan.cycling.ride import RideKind, StepKind
from supajobs.handlers.training_plan.cycling.sketch import Sketch
from supajobs.handlers.training_plan.cycling.workouts import Effort, Part
from supajobs.handlers.training_plan.manuscript import Manuscript, Text, Title

SECONDS_PER_MINUTE = 60
EASY_PERCENT = 45, 55


class PlannedWeek(Manuscript):
    """A week of the outline."""

    kind: WeekKind
    focus: Text
    minutes: int = Field(ge=0, le=2400, description="On the bike, without the event or the test")


class PlannedPhase(Manuscript):
    """Weeks in a row with one aim."""

    name: Title
    focus: Text
    weeks: list[PlannedWeek] = Field(min_length=1)


class CyclingOutlineManuscript(Manuscript):
    """The plan before its rides."""

    title: Title
    summary: Text
    phases: list[PlannedPhase] = Field(min_length=1)


class WrittenStep(Manuscript):
    """A stretch at one intensity."""

    kind: StepKind
    seconds: int = Field(ge=5, le=21_600)
    percent_ftp_low: int = Field(ge=30, le=250)
    percent_ftp_high: int = Field(ge=30, le=250)

    @model_validator(mode="after")
    def _low_is_below_high(self) -> Self:
        if self.percent_ftp_low > self.percent_ftp_high:
            raise ValueError("percent_ftp_low is above percent_ftp_high")
        return self


class WrittenPart(Manuscript):
    """Steps ridden in order, `repeats` times."""

    repeats: int = Field(ge=1, le=60)
    steps: list[WrittenStep] = Field(min_length=1)


class WrittenRide(Manuscript):
    """A ride; the event and the test are not for the model to write."""

    weekday: Weekday
    kind: Literal[
        RideKind.RECOVERY,
        RideKind.ENDURANCE,
        RideKind.LONG_RIDE,
        RideKind.TEMPO,
        RideKind.SWEET_SPOT,
        RideKind.THRESHOLD,
        RideKind.VO2MAX,
        RideKind.ANAEROBIC,
        RideKind.OPENERS,
    ]
    title: Title
    description: Text
    parts: list[WrittenPart] = Field(min_length=1)

    def sketch(self) -> Sketch:
        """The ride in the planner's form, rounded up to whole minutes by easy riding."""
        parts = [
            Part(
                part.repeats,
                tuple(
                    Effort(step.kind, step.seconds, step.percent_ftp_low, step.percent_ftp_high)
                    for step in part.steps
                ),
            )
            for part in self.parts
        ]
        seconds = sum(part.repeats * sum(e.seconds for e in part.efforts) for part in parts)
        if missing := -seconds % SECONDS_PER_MINUTE:
            parts.append(Part(1, (Effort(StepKind.COOL_DOWN, missing, *EASY_PERCENT),)))
        return Sketch(self.kind, self.title, self.description, parts)


class WrittenWeek(Manuscript):
    """The rides of a week."""

    number: int
    rides: list[WrittenRide]


class CyclingBlockManuscript(Manuscript):
    """The rides of some weeks in a row."""

    weeks: list[WrittenWeek]
