"""Push notifications to phones through Expo, by its SDK.

Expo answers a message with a ticket. What became of it, says a receipt a quarter of an hour later.
"""
# Neither the SDK nor requests has types:
# pyright: reportMissingTypeStubs=false, reportMissingModuleSource=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportUnknownParameterType=false

import asyncio
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from uuid import UUID

import requests
from exponent_server_sdk import PushClient, PushMessage, PushReceipt, PushServerError, PushTicket
from pydantic import SecretStr

from supajobs.notifications.messages import describe, write_message
from supajobs.notifications.outbox import Attempt, Delivery, Tried
from supajobs.notifications.posts import Answer

RECEIPT_SECONDS = 900.0  # as Expo recommends; it keeps receipts for a day
TIMEOUTS = (3.0, 7.0)  # s: to connect, and between two parts of the answer
MAX_ERROR = 100  # characters

# What Expo says of a single message; whatever else it is, may pass.
OUTCOMES = {
    "DeviceNotRegistered": Tried.GONE,
    "MessageTooBig": Tried.FAILED,
}
# The access token is wrong or missing, which is not the message's fault.
REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


class ExpoPush:
    """Sends in batches, and asks for their receipts later."""

    max_deliveries = PushClient.DEFAULT_MAX_MESSAGE_COUNT

    def __init__(
        self,
        *,
        access_token: SecretStr | None,
        base_url: str,
        receipt_seconds: float = RECEIPT_SECONDS,
    ) -> None:
        self._receipt_seconds = receipt_seconds
        self._session = requests.Session()
        self._session.headers.update(
            {"Accept": "application/json", "Content-Type": "application/json"}
        )
        if access_token:
            token = access_token.get_secret_value()
            self._session.headers["Authorization"] = f"Bearer {token}"
        self._client = PushClient(base_url.rstrip("/"), session=self._session, timeout=TIMEOUTS)

    async def send(self, deliveries: Sequence[Delivery]) -> list[Attempt]:
        """Sends what is new, and asks about the rest. The SDK blocks, so it has a thread."""
        return await asyncio.to_thread(self._send, deliveries)

    async def close(self) -> None:
        """Closes the connections."""
        self._session.close()

    def _send(self, deliveries: Sequence[Delivery]) -> list[Attempt]:
        new = [delivery for delivery in deliveries if delivery.ticket is None]
        sent = [delivery for delivery in deliveries if delivery.ticket is not None]
        attempts = {**self._publish(new), **self._ask(sent)}
        return [attempts[delivery.id] for delivery in deliveries]

    def _publish(self, deliveries: Sequence[Delivery]) -> dict[UUID, Attempt]:
        try:
            tickets = self._client.publish_multiple([_write(each) for each in deliveries])
        except Exception as error:  # noqa: BLE001 - the SDK takes any JSON for an answer
            attempt = _explain(error)
            if attempt.outcome == Tried.FAILED and len(deliveries) > 1:
                # It is one of them, or two do not go together: they are of different projects.
                half = len(deliveries) // 2
                return {**self._publish(deliveries[:half]), **self._publish(deliveries[half:])}
            return {each.id: attempt for each in deliveries}
        return {
            each.id: self._read_ticket(ticket)
            for each, ticket in zip(deliveries, tickets, strict=True)
        }

    def _read_ticket(self, ticket: PushTicket) -> Attempt:
        if not ticket.is_success():
            return _read_error(ticket.details)
        if not ticket.id:
            return Attempt(outcome=Tried.DELIVERED)
        return Attempt(outcome=Tried.SENT, ticket=ticket.id, wait=self._receipt_seconds)

    def _ask(self, deliveries: Sequence[Delivery]) -> dict[UUID, Attempt]:
        """What became of what was sent; what Expo does not know yet is asked again later."""
        tickets = [PushTicket(None, "ok", "", None, each.ticket) for each in deliveries]
        try:
            receipts = {each.id: each for each in self._client.check_receipts_multiple(tickets)}
            error = "no_receipt"
        except Exception as failure:  # noqa: BLE001 - see above
            receipts, error = {}, _explain(failure).error
        later = Attempt(outcome=Tried.SENT, error=error, wait=self._receipt_seconds)
        return {
            each.id: _read_receipt(receipts[each.ticket]) if each.ticket in receipts else later
            for each in deliveries
        }


def _write(delivery: Delivery) -> PushMessage:
    message = write_message(delivery.notification)
    return PushMessage(  # pyright: ignore[reportCallIssue] - the rest has defaults
        to=delivery.device.token if delivery.device else None,
        title=message.title,
        body=message.body,
        data=describe(delivery.notification),
        sound="default",
    )


def _read_receipt(receipt: PushReceipt) -> Attempt:
    if receipt.is_success():
        return Attempt(outcome=Tried.DELIVERED)
    return _read_error(receipt.details)


def _read_error(details: Any) -> Attempt:
    """What is wrong with one message."""
    match details:
        case {"error": str(error)}:
            return Attempt(outcome=OUTCOMES.get(error, Tried.RETRY), error=error[:MAX_ERROR])
        case _:
            return Attempt(outcome=Tried.RETRY, error="unknown")


def _explain(error: Exception) -> Attempt:
    """What is wrong with a whole request."""
    match error:
        case (
            PushServerError(response=requests.Response() as response)
            | requests.HTTPError(response=requests.Response() as response)
        ):
            answer = Answer.read(response.status_code, response.headers)
            if response.ok:
                return Attempt(outcome=Tried.RETRY, error="unreadable")
            if answer.may_pass or answer.status in REFUSED:
                return answer.judge()
            return Attempt(outcome=Tried.FAILED, error=answer.error)
        case requests.Timeout():
            return Attempt(outcome=Tried.RETRY, error="timeout")
        case requests.RequestException():
            return Attempt(outcome=Tried.RETRY, error="unreachable")
        case _:
            return Attempt(outcome=Tried.RETRY, error="unreadable")
