"""Push notifications to phones through Expo (docs.expo.dev/push-notifications).

Expo answers a message with a ticket. What became of it, says a receipt a quarter of an hour later.
"""

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Generic, TypeVar
from uuid import UUID

import httpx
from pydantic import BaseModel, SecretStr, ValidationError

from supajobs.notifications.messages import describe, write_message
from supajobs.notifications.outbox import Attempt, Delivery, Tried
from supajobs.notifications.posts import SECONDS, TIMEOUTS, Answer

MAX_MESSAGES = 100  # that Expo takes at once
RECEIPT_SECONDS = 900.0  # as Expo recommends; it keeps receipts for a day
MAX_ERROR = 100  # characters

UNREADABLE = Attempt(outcome=Tried.RETRY, error="unreadable")

# What Expo says of a single message; whatever else it is, may pass.
OUTCOMES = {
    "DeviceNotRegistered": Tried.GONE,
    "MessageTooBig": Tried.FAILED,
}
# The access token is wrong or missing, which is not the message's fault.
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class _Ticket(BaseModel):
    """What Expo says of one message: at first, with an `id`, or in a receipt."""

    status: str
    id: str | None = None
    details: Any = None


Told = TypeVar("Told", list[_Ticket], dict[str, _Ticket])


class _Reply(BaseModel, Generic[Told]):
    data: Told


class _UnansweredError(Exception):
    """Expo said nothing of the single messages; `attempt` is what that means for all of them."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(attempt.error)
        self.attempt = attempt


class ExpoPush:
    """Sends in batches, and asks for their receipts later."""

    max_deliveries = MAX_MESSAGES

    def __init__(
        self,
        *,
        access_token: SecretStr | None,
        base_url: str,
        receipt_seconds: float = RECEIPT_SECONDS,
    ) -> None:
        self._receipt_seconds = receipt_seconds
        self._http = httpx.AsyncClient(
            base_url=f"{base_url.rstrip('/')}/--/api/v2/push/",
            headers={"Accept": "application/json"},
            timeout=TIMEOUTS,
        )
        if access_token:
            self._http.headers["Authorization"] = f"Bearer {access_token.get_secret_value()}"

    async def send(self, deliveries: Sequence[Delivery]) -> list[Attempt]:
        """Sends what is new, and asks about the rest."""
        new = [delivery for delivery in deliveries if delivery.ticket is None]
        sent = {delivery.ticket: delivery for delivery in deliveries if delivery.ticket}
        attempts = {**await self._publish(new), **await self._ask(sent)}
        return [attempts[delivery.id] for delivery in deliveries]

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _publish(self, deliveries: Sequence[Delivery]) -> dict[UUID, Attempt]:
        if not deliveries:
            return {}
        messages = [_write(each) for each in deliveries]
        try:
            tickets = await self._post("send", messages, _Reply[list[_Ticket]])
        except _UnansweredError as error:
            if error.attempt.outcome == Tried.FAILED and len(deliveries) > 1:
                # It is one of them, or two do not go together: they are of different projects.
                half = len(deliveries) // 2
                return {
                    **await self._publish(deliveries[:half]),
                    **await self._publish(deliveries[half:]),
                }
            return {each.id: error.attempt for each in deliveries}
        if len(tickets) != len(deliveries):
            return {each.id: UNREADABLE for each in deliveries}
        return {
            each.id: self._read_ticket(ticket)
            for each, ticket in zip(deliveries, tickets, strict=True)
        }

    def _read_ticket(self, ticket: _Ticket) -> Attempt:
        if ticket.status != "ok":
            return _read_error(ticket.details)
        if not ticket.id:
            return Attempt(outcome=Tried.DELIVERED)
        return Attempt(outcome=Tried.SENT, ticket=ticket.id, wait=self._receipt_seconds)

    async def _ask(self, deliveries: dict[str, Delivery]) -> dict[UUID, Attempt]:
        """What became of what was sent; what Expo does not know yet is asked again later."""
        if not deliveries:
            return {}
        error: str | None = "no_receipt"
        receipts: dict[str, _Ticket] = {}
        try:
            ids = {"ids": list(deliveries)}
            receipts = await self._post("getReceipts", ids, _Reply[dict[str, _Ticket]])
        except _UnansweredError as failure:
            error = failure.attempt.error
        later = Attempt(outcome=Tried.SENT, error=error, wait=self._receipt_seconds)
        return {
            each.id: _read_receipt(receipts[ticket]) if ticket in receipts else later
            for ticket, each in deliveries.items()
        }

    async def _post(self, path: str, body: object, shape: type[_Reply[Told]]) -> Told:
        """Asks Expo, and follows no redirect.

        Raises:
            _UnansweredError: there was no answer, or another.
        """
        try:
            async with asyncio.timeout(SECONDS):
                response = await self._http.post(path, json=body)
        except (TimeoutError, httpx.TimeoutException):
            raise _UnansweredError(Attempt(outcome=Tried.RETRY, error="timeout")) from None
        except httpx.HTTPError:
            raise _UnansweredError(Attempt(outcome=Tried.RETRY, error="unreachable")) from None
        if response.is_error:
            raise _UnansweredError(_judge(Answer.read(response.status_code, response.headers)))
        try:
            return shape.model_validate_json(response.content).data
        except ValidationError:
            raise _UnansweredError(UNREADABLE) from None


def _write(delivery: Delivery) -> dict[str, object]:
    message = write_message(delivery.notification)
    return {
        "to": delivery.device.token if delivery.device else None,
        "title": message.title,
        "body": message.body,
        "data": describe(delivery.notification),
        "sound": "default",
    }


def _read_receipt(receipt: _Ticket) -> Attempt:
    if receipt.status == "ok":
        return Attempt(outcome=Tried.DELIVERED)
    return _read_error(receipt.details)


def _read_error(details: Any) -> Attempt:
    """What is wrong with one message."""
    match details:
        case {"error": str(error)}:
            return Attempt(outcome=OUTCOMES.get(error, Tried.RETRY), error=error[:MAX_ERROR])
        case _:
            return Attempt(outcome=Tried.RETRY, error="unknown")


def _judge(answer: Answer) -> Attempt:
    """What an error means for all messages of a request."""
    if answer.may_pass or answer.status in REFUSED:
        return answer.judge()
    return Attempt(outcome=Tried.FAILED, error=answer.error)
