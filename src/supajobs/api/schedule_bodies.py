"""What is asked for with schedules, and what is answered."""

from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, JsonValue

from supajobs.api.requests import PriorityField
from supajobs.api.times import Timestamp
from supajobs.errors import InvalidRequestError
from supajobs.job_options import Line, Priority, Ttl
from supajobs.outcomes import JsonObject
from supajobs.queue.schedule_book import MAX_NAME
from supajobs.schedules import (
    MAX_INTERVAL,
    MIN_INTERVAL,
    CatchUp,
    Overlap,
    Schedule,
    next_times,
)

NEXT_TIMES = 5
NULLABLE = {"cron", "time_zone", "interval_seconds", "ends_at", "project_id", "ttl_hours"}

Name = Annotated[
    Line, Field(min_length=1, max_length=MAX_NAME, description="One schedule of each name.")
]
Cron = Annotated[
    str | None,
    Field(
        max_length=100,
        description="Minute, hour, day, month and weekday, in the local time of `time_zone`.",
    ),
]
Zone = Annotated[str | None, Field(max_length=100, description="By its IANA name.")]
Interval = Annotated[
    int | None,
    Field(
        ge=MIN_INTERVAL,
        le=MAX_INTERVAL,
        strict=True,
        description="Instead of `cron`: seconds, counted from `starts_at`.",
    ),
]
TtlField = Annotated[Ttl | None, Field(description="How long finished jobs are kept.")]
OverlapField = Annotated[
    Overlap,
    Field(description="While the last job is on its way: skip the next one, or queue it as well."),
]
CatchUpField = Annotated[
    CatchUp,
    Field(
        description="Of those that were missed, run none, the latest one, or all: these come at "
        "once, so `overlap` has to be `queue`."
    ),
]

_EXAMPLES: list[JsonValue] = [
    {
        "name": "weekly plan",
        "job_type": "training_plan",
        "params": {"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35}},
        "cron": "0 6 * * MON",
        "time_zone": "Europe/Madrid",
    },
]


class ScheduleRequest(BaseModel):
    """What is to recur, and when: by `cron` in a `time_zone`, or every `interval_seconds`."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"examples": _EXAMPLES})

    name: Name
    job_type: str
    params: JsonObject = {}
    cron: Cron = None
    time_zone: Zone = None
    interval_seconds: Interval = None
    starts_at: Annotated[Timestamp | None, Field(description="Not before; by default, now.")] = None
    ends_at: Annotated[Timestamp | None, Field(description="Not after.")] = None
    priority: PriorityField = Priority.NORMAL
    project_id: UUID | None = None
    ttl_hours: TtlField = None
    overlap: OverlapField = "skip"
    catch_up: CatchUpField = "one"


class ScheduleChanges(BaseModel):
    """What is to be other. What is not given stays; so does what cannot be null."""

    model_config = ConfigDict(extra="forbid")

    name: Name | None = None
    params: JsonObject | None = None
    cron: Cron = None
    time_zone: Zone = None
    interval_seconds: Interval = None
    starts_at: Timestamp | None = None
    ends_at: Timestamp | None = None
    priority: PriorityField | None = None
    project_id: UUID | None = None
    ttl_hours: TtlField = None
    overlap: OverlapField | None = None
    catch_up: CatchUpField | None = None
    is_paused: Annotated[
        bool | None,
        Field(description="What is missed in a pause is not caught up with."),
    ] = None

    def list_columns(self) -> dict[str, Any]:
        """Those that change. Who gives a cron expression takes the interval away, and so on."""
        given = {
            name: getattr(self, name)
            for name in self.model_fields_set
            if name in NULLABLE or getattr(self, name) is not None
        }
        if given.get("cron") is not None:
            return {"interval_seconds": None, **given}
        if given.get("interval_seconds") is not None:
            return {"cron": None, "time_zone": None, **given}
        return given


class ScheduleDetails(Schedule):
    """A schedule and when it is due."""

    next_times: Annotated[
        list[AwareDatetime], Field(description="The next five; none, if it is paused or over.")
    ]

    @classmethod
    def of(cls, schedule: Schedule) -> Self:
        """The schedule in detail. What is already valid is not validated again."""
        return cls.model_construct(**dict(schedule), next_times=_list_times(schedule))


class SchedulePage(BaseModel):
    """Schedules, newest first."""

    schedules: list[ScheduleDetails]


def _list_times(schedule: Schedule) -> list[AwareDatetime]:
    if schedule.next_run_at is None or schedule.paused_at is not None:
        return []
    try:
        later = next_times(schedule, schedule.next_run_at, NEXT_TIMES - 1)
    except InvalidRequestError:  # it was edited by hand
        later = []
    return [schedule.next_run_at, *later]
