"""What a model writes of a strength plan: exercises of the catalogue, on weekdays."""

from typing import Literal, Self

from pydantic import Field, model_validator

from supajobs.handlers.training_plan.calendar import Weekday, WeekKind
from supajobs.handlers.training_plan.manuscript import Manuscript, Note, Text, Title


class PlannedWeek(Manuscript):
    """A week of the outline."""

    kind: Literal[WeekKind.LOAD, WeekKind.RECOVERY]
    focus: Text
    sets: int = Field(ge=1, le=300, description="Of all sessions together")
    reps_in_reserve: int = Field(ge=0, le=5, description="Repetitions left when a set ends")


class PlannedPhase(Manuscript):
    """Weeks in a row with one aim; the repetitions are those of the compound lifts."""

    name: Title
    focus: Text
    reps_low: int = Field(ge=1, le=40)
    reps_high: int = Field(ge=1, le=40)
    weeks: list[PlannedWeek] = Field(min_length=1)

    @model_validator(mode="after")
    def _low_is_below_high(self) -> Self:
        if self.reps_low > self.reps_high:
            raise ValueError("reps_low is above reps_high")
        return self


class StrengthOutlineManuscript(Manuscript):
    """The plan before its sessions."""

    title: Title
    summary: Text
    phases: list[PlannedPhase] = Field(min_length=1)


class WrittenExercise(Manuscript):
    """What to do of one exercise: a range of repetitions, or a time for what is held."""

    exercise: str = Field(description="As the list of exercises names it")
    sets: int = Field(ge=1, le=8)
    reps_low: int | None = Field(default=None, ge=1, le=40)
    reps_high: int | None = Field(default=None, ge=1, le=40)
    hold_seconds: int | None = Field(default=None, ge=5, le=180)
    rest_seconds: int = Field(ge=20, le=360)
    note: Note = ""


class WrittenFinisher(Manuscript):
    """Conditioning at the end of a session, or the whole of an easy day."""

    title: Title
    description: Text
    duration_minutes: int = Field(ge=1, le=120)


class WrittenSession(Manuscript):
    """A session; the warm-up is put in for the model."""

    weekday: Weekday
    title: Title
    focus: Text
    exercises: list[WrittenExercise]
    finisher: WrittenFinisher | None = None


class WrittenWeek(Manuscript):
    """The sessions of a week."""

    number: int
    sessions: list[WrittenSession]


class StrengthBlockManuscript(Manuscript):
    """The sessions of some weeks in a row."""

    weeks: list[WrittenWeek]
