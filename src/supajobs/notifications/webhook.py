"""Tells a server of the project's own, by signed requests: Standard Webhooks."""

from collections.abc import Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Literal
from uuid import UUID

import httpx
from pydantic import AwareDatetime, BaseModel, SecretStr
from standardwebhooks import Webhook as Signer

from supajobs.loggers import get_logger
from supajobs.notifications.outbox import Attempt, Delivery, Notification, Tried
from supajobs.notifications.posts import TIMEOUTS, NotAnsweredError, post, send_each
from supajobs.outcomes import JobError

logger = get_logger(__name__)


class EndedJob(BaseModel):
    """What the server is told of a job."""

    job_id: UUID
    job_type: str
    user_id: UUID
    project_id: UUID | None
    plan_id: UUID | None
    title: str | None
    error: JobError | None
    trace_id: str | None


class Event(BaseModel):
    """The body of a webhook."""

    type: Literal["job.completed", "job.failed"]
    timestamp: AwareDatetime
    data: EndedJob

    @classmethod
    def of(cls, notification: Notification) -> "Event":
        """The event that a notification tells of."""
        return cls(
            type=notification.event,
            timestamp=notification.occurred_at,
            data=EndedJob.model_validate(notification, from_attributes=True),
        )


class Webhook:
    """Sends each event by itself, with the notification's id as its own."""

    max_deliveries = 20

    def __init__(self, *, url: str, secret: SecretStr) -> None:
        self._url = url
        self._signer = Signer(secret.get_secret_value())
        self._http = httpx.AsyncClient(timeout=TIMEOUTS)

    async def send(self, deliveries: Sequence[Delivery]) -> list[Attempt]:
        """Sends them all at once."""
        return await send_each(self._tell, deliveries)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _tell(self, delivery: Delivery) -> Attempt:
        notification = delivery.notification
        body = Event.of(notification).model_dump_json()
        now = datetime.now(UTC)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": str(notification.id),
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": self._signer.sign(str(notification.id), now, body),
        }
        try:
            answer = await post(self._http, self._url, content=body.encode(), headers=headers)
        except NotAnsweredError as error:
            return Attempt(outcome=Tried.RETRY, error=str(error))
        if answer.status == HTTPStatus.GONE:
            # Its way to say that it wants none. Who runs it can take WEBHOOK_URL away.
            logger.error("webhook_gone")
            return Attempt(outcome=Tried.FAILED, error=answer.error)
        return answer.judge()
