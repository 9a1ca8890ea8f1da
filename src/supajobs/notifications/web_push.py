"""Push notifications to browsers: Web Push (RFC 8030), encrypted (8291), signed by VAPID (8292).

pywebpush encrypts and signs. It would send by itself, too, but to any address that a user named,
and after any redirect.
"""
# Neither pywebpush nor its parts have types:
# pyright: reportMissingTypeStubs=false
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

import httpx
from pydantic import SecretStr
from pywebpush import Vapid, WebPusher

from supajobs.addresses import NotPublicError
from supajobs.notifications.messages import describe, write_message
from supajobs.notifications.outbox import Attempt, Delivery, Device, Notification, Tried
from supajobs.notifications.posts import (
    TIMEOUTS,
    Answer,
    NoAddressError,
    NotAnsweredError,
    post,
    send_each,
)
from supajobs.notifications.public_transport import PublicTransport

LIFETIME = timedelta(days=1)  # of a message that the browser does not fetch
SIGNED_FOR = timedelta(hours=1)  # at most a day is allowed

# From these a subscription does not recover. Others are about our key, or this one message.
GONE = {HTTPStatus.NOT_FOUND, HTTPStatus.GONE}


class WebPush:
    """Sends each message by itself, to public addresses alone.

    `transport` is for tests, whose push service is on this machine.
    """

    max_deliveries = 20  # connections at a time

    def __init__(
        self,
        *,
        private_key: SecretStr,
        subject: str,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._vapid = Vapid.from_string(private_key.get_secret_value())
        self._subject = subject
        self._http = httpx.AsyncClient(transport=transport or PublicTransport(), timeout=TIMEOUTS)

    async def send(self, deliveries: Sequence[Delivery]) -> list[Attempt]:
        """Sends them all at once."""
        return await send_each(self._push, deliveries)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _push(self, delivery: Delivery) -> Attempt:
        if delivery.device is None:
            return Attempt(outcome=Tried.FAILED, error="device_removed")
        try:
            body = _encrypt(delivery.notification, delivery.device)
            headers = self._sign(delivery.device.token)
        except Exception:  # noqa: BLE001 - whatever is wrong with what a browser told, stays wrong
            return Attempt(outcome=Tried.GONE, error="invalid_subscription")
        headers |= {
            "Content-Encoding": "aes128gcm",
            "TTL": str(int(LIFETIME.total_seconds())),
            # A second copy takes the place of the first, if that has not been fetched.
            "Topic": delivery.notification.id.hex,
        }
        try:
            answer = await post(self._http, delivery.device.token, content=body, headers=headers)
        except NoAddressError:
            return Attempt(outcome=Tried.GONE, error="invalid_subscription")
        except NotPublicError:
            return Attempt(outcome=Tried.GONE, error="not_public")
        except NotAnsweredError as error:
            return Attempt(outcome=Tried.RETRY, error=str(error))
        return _judge(answer)

    def _sign(self, endpoint: str) -> dict[str, str]:
        url = urlsplit(endpoint)
        until = datetime.now(UTC) + SIGNED_FOR
        claims = {
            "aud": f"{url.scheme}://{url.netloc}",
            "sub": self._subject,
            "exp": int(until.timestamp()),
        }
        return self._vapid.sign(claims)


def _judge(answer: Answer) -> Attempt:
    if answer.status in GONE:
        return Attempt(outcome=Tried.GONE, error=answer.error)
    if not answer.is_success and not answer.may_pass:
        return Attempt(outcome=Tried.FAILED, error=answer.error)
    return answer.judge()


def _encrypt(notification: Notification, device: Device) -> bytes:
    message = write_message(notification)
    told = {"title": message.title, "body": message.body, "data": describe(notification)}
    subscription = {
        "endpoint": device.token,
        "keys": {"p256dh": device.p256dh, "auth": device.auth},
    }
    encoded = WebPusher(subscription).encode(json.dumps(told, ensure_ascii=False).encode())
    return encoded["body"]
