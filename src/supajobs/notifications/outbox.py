"""The outbox's SQL functions as Python methods: one each, typed in and out, and nothing more.

Every rule lives in SQL (supabase/schemas/21_deliveries.sql).
"""

from collections.abc import Collection, Sequence
from enum import StrEnum
from typing import Any, Literal, TypeVar
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, TypeAdapter

from supajobs.outcomes import JobError, Text
from supajobs.queue.batches import in_turn
from supajobs.queue.database import Database

PATIENCE = 10.0  # s; less than the lease, and whoever looks again later finds it all

Answer = TypeVar("Answer")


class Notification(BaseModel):
    """The end of a job. Its id tells receivers whether they know it already."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    event: Literal["job.completed", "job.failed"]
    job_id: UUID
    job_type: str
    user_id: UUID
    project_id: UUID | None
    plan_id: UUID | None
    trace_id: str | None
    title: str | None
    error: JobError | None
    occurred_at: AwareDatetime
    message_title: str | None
    message_body: str | None


class Device(BaseModel):
    """Where a push message goes: an Expo push token, or the endpoint and keys of a browser."""

    model_config = ConfigDict(frozen=True)

    token: str = Field(repr=False)
    p256dh: str | None = Field(repr=False)
    auth: str | None = Field(repr=False)


class Delivery(BaseModel):
    """A notification on its way to one receiver; the webhook is no device.

    One with a ticket was sent before: the push service knows by now what became of it.
    """

    model_config = ConfigDict(frozen=True)

    id: UUID
    attempts: int
    ticket: str | None
    notification: Notification
    device: Device | None


class Tried(StrEnum):
    """What came of an attempt. GONE: the receiver is not there any more."""

    DELIVERED = "delivered"
    SENT = "sent"
    RETRY = "retry"
    FAILED = "failed"
    GONE = "gone"


class Attempt(BaseModel):
    """What came of an attempt, why in one word, and after how many seconds comes the next.

    `ticket`: under which the push service will say more, if it was SENT.
    """

    model_config = ConfigDict(frozen=True)

    outcome: Tried
    error: Text | None = None
    wait: float | None = None
    ticket: Text | None = None


class Outlook(BaseModel):
    """In how many seconds each channel has something due; `more`: there is more to address."""

    due: dict[str, float]
    more: bool


class DeliveryOutcome(StrEnum):
    """How a delivery stands after an attempt. STALE: somebody else has it."""

    DELIVERED = "delivered"
    SENT = "sent"
    RETRYING = "retrying"
    FAILED = "failed"
    EXPIRED = "expired"
    STALE = "stale"


class SettledDelivery(BaseModel):
    """The answer to an attempt; `run_at` of the next one."""

    id: UUID
    outcome: DeliveryOutcome
    run_at: AwareDatetime | None = None


_outlook = TypeAdapter(Outlook)
_deliveries = TypeAdapter(list[Delivery])
_settled = TypeAdapter(list[SettledDelivery])


class Outbox:
    """What is to be told, and to whom. Each of its calls may be made twice."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def address(self, channels: Collection[str]) -> Outlook:
        """Writes the deliveries of new notifications, and tells when there is something to send."""
        return await self._call(
            "address_plan_job_notifications", _outlook, p_channels=list(channels)
        )

    async def claim(
        self, *, claim_id: UUID, channel: str, max_deliveries: int, lease_seconds: float
    ) -> list[Delivery]:
        """Takes due deliveries. After the lease, others may take them."""
        return await self._call(
            "claim_plan_job_deliveries",
            _deliveries,
            p_claim_id=claim_id,
            p_channel=channel,
            p_max_deliveries=max_deliveries,
            p_lease_seconds=lease_seconds,
        )

    async def settle(
        self, claim_id: UUID, attempts: Sequence[tuple[Delivery, Attempt]]
    ) -> list[SettledDelivery]:
        """Says what came of claimed deliveries: an answer for each."""
        settled = await self._call(
            "settle_plan_job_deliveries",
            _settled,
            p_claim_id=claim_id,
            p_deliveries=[
                {"id": delivery.id, **attempt.model_dump()} for delivery, attempt in attempts
            ],
        )
        by_id = {each.id: each for each in settled}
        return in_turn(by_id, [delivery.id for delivery, _ in attempts])

    async def _call(self, function: str, shape: TypeAdapter[Answer], **params: Any) -> Answer:
        return await self._database.call(function, params, shape, patience=PATIENCE)
