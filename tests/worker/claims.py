"""Claimed jobs, and the queue that they come from, without a database."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal
from uuid import uuid4

from pydantic import JsonValue, SecretStr

from supajobs.errors import SupabaseUnavailableError, SupajobsError
from supajobs.jobs import ClaimedJob
from supajobs.outcomes import Usage
from supajobs.queue.answers import Beat, ClaimLostError, FoundSteps, Pulse
from supajobs.queue.job_queue import JobQueue


def make_job(**given: Any) -> ClaimedJob:
    now = datetime.now(UTC)
    return ClaimedJob.model_validate(
        {
            "id": uuid4(),
            "user_id": uuid4(),
            "job_type": "test",
            "params": {},
            "project_id": None,
            "trace_id": None,
            "claim_id": uuid4(),
            "retry_count": 0,
            "max_retries": 3,
            "crash_count": 0,
            "lease_seconds": 60,
            "max_runtime_seconds": 60,
            "created_at": now,
            "started_at": now,
            **given,
        }
    )


class QuietQueue(JobQueue):
    """Answers what the test has decided, and keeps what it was told."""

    def __init__(self) -> None:
        self.is_reachable = True
        self.refusal: SupajobsError | None = None
        self.is_held = True
        self.cancel_requested = False
        self.steps: dict[str, JsonValue] = {}
        self.spent: list[Usage | None] = []
        self.key = SecretStr("sk-user")
        self.key_reads = 0
        self.beats: list[Beat] = []

    def _answer(self) -> None:
        if not self.is_reachable:
            raise SupabaseUnavailableError
        if self.refusal:
            raise self.refusal

    @property
    def secrets(self) -> frozenset[str]:
        return frozenset({"sb_of_the_project"})

    async def heartbeat(self, beats: Sequence[Beat]) -> list[Pulse]:
        self.beats += beats
        self._answer()
        outcome: Literal["held", "lost"] = "held" if self.is_held else "lost"
        return [
            Pulse(
                job_id=beat.job_id,
                outcome=outcome,
                cancel_requested=self.cancel_requested,
                deadline=None,
            )
            for beat in beats
        ]

    async def get_steps(self, job: ClaimedJob) -> FoundSteps:  # noqa: ARG002 - as its base
        self._answer()
        if not self.is_held:
            return FoundSteps(outcome="stale")
        return FoundSteps(outcome="found", steps=dict(self.steps))

    async def save_step(
        self,
        job: ClaimedJob,  # noqa: ARG002 - as its base
        name: str,
        output: JsonValue,
        usage: Usage | None,
    ) -> bool:
        self._answer()
        self.steps[name] = output
        self.spent.append(usage)
        return self.is_held

    async def get_provider_key(self, job: ClaimedJob) -> SecretStr | None:  # noqa: ARG002 - as its base
        self.key_reads += 1
        if not self.is_held:
            raise ClaimLostError
        return self.key
