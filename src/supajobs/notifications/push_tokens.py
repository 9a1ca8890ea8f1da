"""The devices of users, as they register them."""

import re
from datetime import datetime
from ipaddress import ip_address
from string import ascii_letters, digits
from typing import Annotated, Literal
from uuid import UUID

import httpx
import idna
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, TypeAdapter

from supajobs.addresses import is_public
from supajobs.queue.database import Database

OWN_DOMAINS = {"localhost", "local", "internal", "lan", "home", "arpa"}
MAX_ENDPOINT = 2048  # characters

_LABEL = re.compile(r"(?!-)[a-z0-9-]{1,63}(?<!-)")
_LAST_LABEL = re.compile(r"[a-z][a-z0-9-]{1,62}(?<!-)")
MAX_NAME = 253  # characters
_ESCAPED = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset(f"{ascii_letters}{digits}-._~")


def _read_endpoint(endpoint: str) -> str:
    """The one spelling of an endpoint (RFC 3986, 6.2.2): a device is known by it.

    What is ours at first sight is refused. Where a name leads is seen when something is sent.
    """
    url = httpx.URL(_ESCAPED.sub(_unescape, endpoint.partition("#")[0]))
    host = url.raw_host.decode().removesuffix(".")
    try:
        is_theirs = is_public(ip_address(host))
    except ValueError:
        idna.decode(host)  # a UnicodeError, which is a ValueError, where no server has such a name
        is_theirs = _is_name(host) and host.rpartition(".")[2] not in OWN_DOMAINS
    if not is_theirs:
        raise ValueError("leads to no push service")
    spelled = f"https://{host}{url.raw_path.decode()}"
    if len(spelled) > MAX_ENDPOINT:
        raise ValueError(f"At most {MAX_ENDPOINT} characters")
    return spelled


def _is_name(host: str) -> bool:
    """Two labels or more, the last no number: what looks like 127.1 is an address to some."""
    *labels, last = host.split(".")
    return (
        len(host) <= MAX_NAME
        and bool(labels)
        and all(map(_LABEL.fullmatch, labels))
        and _LAST_LABEL.fullmatch(last) is not None
    )


def _unescape(escaped: re.Match[str]) -> str:
    letter = chr(int(escaped[1], 16))
    return letter if letter in _UNRESERVED else escaped[0].upper()


class SubscriptionKeys(BaseModel):
    """What messages to a browser are encrypted with, in base64url."""

    # A point of the curve P-256, uncompressed: 65 bytes, of which the first is 4.
    p256dh: Annotated[str, Field(pattern=r"^B[A-P][A-Za-z0-9_-]{85}=?$")]
    auth: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{22}(==)?$")]


class Subscription(BaseModel):
    """A browser's PushSubscription, as its `toJSON()` gives it."""

    endpoint: Annotated[
        str,
        Field(max_length=MAX_ENDPOINT, pattern=r"^https://[A-Za-z0-9.-]+/[!-~]*$"),
        AfterValidator(_read_endpoint),
    ]
    keys: SubscriptionKeys


class ExpoDevice(BaseModel):
    """A phone with an app that was built with Expo."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["expo"]
    token: Annotated[
        str,
        Field(
            pattern=r"^ExponentPushToken\[[!-Z^-~]{1,200}\]$",
            description="As `getExpoPushTokenAsync` gives it.",
        ),
    ]


class WebDevice(BaseModel):
    """A browser that has subscribed to push messages."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["web"]
    subscription: Subscription


Registration = Annotated[ExpoDevice | WebDevice, Field(discriminator="kind")]


class PushToken(BaseModel):
    """A registered device."""

    id: UUID
    kind: Literal["expo", "web"]
    created_at: datetime


class Registered(BaseModel):
    """`existing`: the user had registered the device before."""

    outcome: Literal["created", "existing"]
    push_token: PushToken


class _Deleted(BaseModel):
    outcome: Literal["deleted", "not_found"]


_registered = TypeAdapter(Registered)
_deleted = TypeAdapter(_Deleted)


class PushTokens:
    """The registered devices. How many a user may have, is decided in SQL."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def register(self, user_id: UUID, device: ExpoDevice | WebDevice) -> Registered:
        """Makes a device this user's, or notes that it is still there.

        Raises:
            UserGoneError: auth.users has no such user.
        """
        match device:
            case ExpoDevice(token=token):
                params = {"p_token": token}
            case WebDevice(subscription=subscription):
                params = {
                    "p_token": subscription.endpoint,
                    "p_p256dh": subscription.keys.p256dh,
                    "p_auth": subscription.keys.auth,
                }
        params |= {"p_user_id": str(user_id), "p_kind": device.kind}
        return await self._database.call("register_plan_push_token", params, _registered)

    async def delete(self, push_token_id: UUID, user_id: UUID) -> bool:
        """Forgets a device of a user; False: there was none."""
        params = {"p_push_token_id": push_token_id, "p_user_id": user_id}
        deleted = await self._database.call("delete_plan_push_token", params, _deleted)
        return deleted.outcome == "deleted"
