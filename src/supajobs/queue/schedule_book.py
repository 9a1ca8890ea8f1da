"""The schedules of one Supabase project: made and changed for people, taken by processors."""

import contextlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    Field,
    JsonValue,
    TypeAdapter,
    ValidationError,
)

from supajobs.errors import (
    InvalidRequestError,
    ScheduleNameTakenError,
    ScheduleNotFoundError,
    SupajobsError,
    TooManySchedulesError,
)
from supajobs.job_options import Priority, Ttl, read_priority
from supajobs.outcomes import JsonObject
from supajobs.params import keep
from supajobs.queue.calls import Call
from supajobs.schedules import (
    CatchUp,
    DueSchedule,
    Overlap,
    Schedule,
    ScheduleRun,
    Timetable,
    read_first,
)

DUE_PATIENCE = 3.0  # s; claims wait for it
RUN_PATIENCE = 10.0  # s; where it was answered what is due, this will be as well
MAX_DUE = 50  # schedules that are taken at a time: then come claims again
MAX_NAME = 100


class NewSchedule(Timetable):
    """What is to recur, and when."""

    name: Annotated[str, Field(min_length=1, max_length=MAX_NAME)]
    job_type: str
    params: JsonObject = Field(default_factory=dict[str, JsonValue])
    priority: Annotated[int, BeforeValidator(read_priority)] = Priority.NORMAL
    project_id: UUID | None = None
    ttl_hours: Ttl | None = None
    overlap: Overlap = "skip"
    catch_up: CatchUp = "one"

    @classmethod
    def of(cls, **columns: Any) -> "NewSchedule":
        """One of these columns, which may be anything.

        Raises:
            InvalidRequestError: they are not what they should be.
        """
        try:
            return cls.model_validate(columns)
        except ValidationError as error:
            raise InvalidRequestError.of(error, within="") from error


class DueSchedules(BaseModel):
    """What is due by the database's clock, and when the next one will be.

    `has_more`: others are due, which somebody else takes, or which are too many.
    """

    now: AwareDatetime
    schedules: list[DueSchedule]
    has_more: bool
    next_due_at: AwareDatetime | None


class ScheduleChange(BaseModel):
    """What became of the wish to make, change or delete one."""

    outcome: Literal[
        "created", "existing", "name_taken", "too_many", "updated", "deleted", "not_found"
    ]
    schedule: Schedule | None = None


class TakenSchedule(BaseModel):
    """What came of an occurrence."""

    schedule_id: UUID
    outcome: str


_CHANGE = TypeAdapter(ScheduleChange)
_DUE = TypeAdapter(DueSchedules)
_TAKEN = TypeAdapter(list[TakenSchedule])


class ScheduleBook:
    """All of them; each belongs to a user, or to the system (None)."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def create(self, user_id: UUID | None, new: NewSchedule) -> tuple[Schedule, bool]:
        """Makes a schedule; True with it: it is new. One just like it is that one.

        Raises:
            InvalidRequestError: it says nothing of when, or that is never.
            ProjectRequiredError: jobs of its type belong to a project.
            ScheduleNameTakenError: the user has another one of this name.
            TooManySchedulesError: the user has as many as a user may have.
            UnknownJobTypeError: plan_job_types has no such type.
            UserGoneError: auth.users has no such user.
        """
        made = await self._create(user_id, new)
        if made.outcome == "name_taken" or made.schedule is None:
            raise ScheduleNameTakenError
        return made.schedule, made.outcome == "created"

    async def put(self, user_id: UUID | None, new: NewSchedule) -> Schedule:
        """Makes a schedule, or changes the one of its name into it. See create."""
        made = await self._create(user_id, new)
        if made.schedule is None:
            raise ScheduleNameTakenError
        if made.outcome == "name_taken":
            kept = {"starts_at"} if new.starts_at is None else set[str]()
            return await self.change(made.schedule, new.model_dump(exclude=kept))
        return made.schedule

    async def _create(self, user_id: UUID | None, new: NewSchedule) -> ScheduleChange:
        keep({"name": new.name}, within="")
        columns = new.model_dump(exclude_none=True)
        try:
            first, period = read_first(new, await self.read_clock())
        except InvalidRequestError:
            # An app asks for its own at each start, also for one that is over.
            with contextlib.suppress(SupajobsError):
                known = await self._send(user_id, columns)
                if known.outcome == "existing":
                    return known
            raise
        made = await self._send(
            user_id, {**columns, "next_run_at": first, "period_seconds": period}
        )
        if made.outcome == "too_many":
            raise TooManySchedulesError
        return made

    async def _send(self, user_id: UUID | None, columns: dict[str, Any]) -> ScheduleChange:
        """Makes it, unless it is there, or has no next time."""
        return await self._call(
            "create_plan_job_schedule", _CHANGE, p_user_id=user_id, p_schedule=columns
        )

    async def change(self, schedule: Schedule, changes: Mapping[str, Any]) -> Schedule:
        """Changes columns of a schedule, and `is_paused`.

        When it is due next stays, unless it is told to run at other times, or to go on after a
        pause: what was missed meanwhile is not caught up with.

        Raises:
            InvalidRequestError: a column is not what it should be, or it is never due.
            ScheduleNameTakenError: the user has another one of this name.
            ScheduleNotFoundError: it is gone.
        """
        keep({"name": changes.get("name", schedule.name)}, within="")
        new = NewSchedule.of(**{**vars(schedule), **changes})
        changes = {**changes, **new.model_dump(include={*changes})}  # as they were understood
        was = Timetable.model_validate(vars(schedule))
        told = {name: value for name, value in changes.items() if name in Timetable.model_fields}
        timetable = was.model_copy(update=told)
        goes_on = schedule.paused_at is not None and changes.get("is_paused") is False
        due: dict[str, Any] = {}
        if goes_on or timetable != was:
            first, period = read_first(timetable, await self.read_clock())
            due = {"next_run_at": first, "period_seconds": period}
        changed = await self._call(
            "update_plan_job_schedule",
            _CHANGE,
            p_schedule_id=schedule.id,
            p_user_id=schedule.user_id,
            p_changes={**changes, **due},
        )
        if changed.outcome == "name_taken":
            raise ScheduleNameTakenError
        if changed.schedule is None:
            raise ScheduleNotFoundError
        return changed.schedule

    async def delete(self, schedule_id: UUID, user_id: UUID | None) -> bool:
        """Ends a schedule; its jobs stay. False: the user has no such schedule."""
        deleted = await self._call(
            "delete_plan_job_schedule", _CHANGE, p_schedule_id=schedule_id, p_user_id=user_id
        )
        return deleted.outcome == "deleted"

    async def read_clock(self) -> datetime:
        """The database's, by which schedules are due."""
        return (await self.get_due(max_rows=0)).now

    async def get_due(
        self, *, max_rows: int = MAX_DUE, without: Iterable[UUID] = ()
    ) -> DueSchedules:
        """What is due but for these, the longest due first."""
        return await self._call(
            "get_due_plan_job_schedules",
            _DUE,
            patience=DUE_PATIENCE,
            p_max_rows=max_rows,
            p_without=list(without),
        )

    async def run(self, runs: Sequence[ScheduleRun]) -> list[TakenSchedule]:
        """Enqueues occurrences, each once whoever else does, and moves their schedules on."""
        return await self._call(
            "run_plan_job_schedules",
            _TAKEN,
            patience=RUN_PATIENCE,
            p_runs=[asdict(run) for run in runs],
        )
