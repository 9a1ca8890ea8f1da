"""A browser that has subscribed to push messages, and can read them."""

import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from secrets import token_bytes
from typing import Any

import http_ece  # pyright: ignore[reportMissingTypeStubs] - it has none
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from supajobs.notifications.push_tokens import Subscription, SubscriptionKeys, WebDevice


def encode(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def write_point(key: EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


@dataclass(frozen=True)
class Browser:
    endpoint: str
    key: EllipticCurvePrivateKey = field(default_factory=lambda: generate_private_key(SECP256R1()))
    auth: bytes = field(default_factory=lambda: token_bytes(16))

    @property
    def keys(self) -> dict[str, str]:
        return {"p256dh": encode(write_point(self.key)), "auth": encode(self.auth)}

    @property
    def device(self) -> WebDevice:
        """As it would be registered if its push service were a public one."""
        keys = SubscriptionKeys(**self.keys)
        subscription = Subscription.model_construct(endpoint=self.endpoint, keys=keys)
        return WebDevice.model_construct(kind="web", subscription=subscription)

    def read(self, body: bytes) -> Any:
        """What the push service hands over, decrypted."""
        return json.loads(http_ece.decrypt(body, private_key=self.key, auth_secret=self.auth))  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
