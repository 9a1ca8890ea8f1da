"""The answer of describe_plan_triggers, as far as the doctor looks at it."""

from pydantic import AwareDatetime, BaseModel, TypeAdapter

PROCESS_SCHEDULE = "supajobs_process"
CLEANUP_SCHEDULE = "supajobs_cleanup"


class CronSchedule(BaseModel):
    """A schedule of pg_cron; `reason` says why it is not alive, and what to do."""

    name: str
    schedule: str
    is_alive: bool
    reason: str | None


class SeenProcessor(BaseModel):
    """A processor that has told that it lives."""

    version: str
    seen_at: AwareDatetime
    is_alive: bool


class TriggerDescription(BaseModel):
    """What starts jobs. `extensions` and `secrets` say of each whether it is there."""

    extensions: dict[str, bool]
    secrets: dict[str, bool]
    process_url: str | None
    schedules: list[CronSchedule]
    processors: list[SeenProcessor]

    @property
    def has_living_processor(self) -> bool:
        """Whether any processor lives."""
        return any(processor.is_alive for processor in self.processors)


trigger_description = TypeAdapter(TriggerDescription)
