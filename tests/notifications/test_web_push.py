import time
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from fastapi import Response
from pydantic import SecretStr
from tests.notifications.browser import Browser, encode, write_point
from tests.notifications.ends import Ends
from tests.notifications.receivers import Call, Receiver, Reply, status, then
from tests.parts import Sql

from supajobs import addresses
from supajobs.notifications.channels import Channel
from supajobs.notifications.notifier import Notifier
from supajobs.notifications.push_tokens import PushTokens
from supajobs.notifications.web_push import WebPush

OpenNotifier = Callable[..., Notifier]
Subscribe = Callable[..., Awaitable[Browser]]

KEY = generate_private_key(SECP256R1())
SUBJECT = "mailto:ops@example.com"


@pytest.fixture
def web() -> Channel:
    """Allowed to write to this machine, where the test's push service is."""
    private_key = encode(KEY.private_numbers().private_value.to_bytes(32, "big"))
    return WebPush(
        private_key=SecretStr(private_key),
        subject=SUBJECT,
        transport=httpx.AsyncHTTPTransport(),
    )


@pytest.fixture
def subscribe(receiver: Receiver, push_tokens: PushTokens, ends: Ends) -> Subscribe:
    """The person has one browser more."""

    async def subscribe(name: str = "browser") -> Browser:
        browser = Browser(f"{receiver.url}/send/{name}")
        await push_tokens.register(ends.person.id, browser.device)
        return browser

    return subscribe


def count_devices(sql: Sql) -> int:
    [row] = sql.execute("select count(*) as devices from plan_push_tokens").fetchall()
    return row["devices"]


async def test_a_browser_is_sent_what_it_alone_can_read(
    ends: Ends,
    receiver: Receiver,
    web: Channel,
    open_notifier: OpenNotifier,
    subscribe: Subscribe,
    sql: Sql,
) -> None:
    sql.execute(
        "insert into plan_job_messages values (%s, 'job.completed', '{title}', 'A {job_type}')",
        [ends.job_type],
    )
    browser = await subscribe()
    job_id = await ends.complete({"title": "Twelve weeks"})
    await open_notifier(web=web).deliver()

    [call] = receiver.calls
    notification_id = ends.notification(job_id)["id"]
    assert call.path == "/send/browser"
    assert browser.read(call.body) == {
        "title": "Twelve weeks",
        "body": f"A {ends.job_type.replace('_', ' ')}",
        "data": {
            "notification_id": str(notification_id),
            "event": "job.completed",
            "job_id": str(job_id),
            "job_type": ends.job_type,
            "plan_id": None,
        },
    }
    assert b"Twelve weeks" not in call.body
    assert call.headers["content-encoding"] == "aes128gcm"
    assert call.headers["ttl"] == "86400"
    assert call.headers["topic"] == notification_id.hex
    assert ends.delivery(job_id)["status"] == "delivered"


async def test_the_push_service_can_tell_who_sends(
    ends: Ends, receiver: Receiver, web: Channel, open_notifier: OpenNotifier, subscribe: Subscribe
) -> None:
    await subscribe()
    await ends.complete()
    await open_notifier(web=web).deliver()

    [call] = receiver.calls
    scheme, _, parameters = call.headers["authorization"].partition(" ")
    signed = dict(part.split("=", 1) for part in parameters.split(","))
    assert scheme == "vapid"
    assert signed["k"] == encode(write_point(KEY))
    claims = jwt.decode(signed["t"], KEY.public_key(), algorithms=["ES256"], audience=receiver.url)
    assert claims["sub"] == SUBJECT
    assert time.time() < claims["exp"] < time.time() + 24 * 3600


@pytest.mark.parametrize("code", [404, 410])
async def test_a_subscription_that_is_over_is_forgotten(
    ends: Ends,
    receiver: Receiver,
    web: Channel,
    open_notifier: OpenNotifier,
    subscribe: Subscribe,
    sql: Sql,
    code: int,
) -> None:
    receiver.reply = status(code)
    await subscribe()
    job_id = await ends.complete()
    await open_notifier(web=web).deliver()
    assert count_devices(sql) == 0
    delivery = ends.delivery(job_id)
    assert (delivery["status"], delivery["error"]) == ("failed", f"http_{code}")


@pytest.mark.parametrize(
    ("reply", "standing", "due_in"),
    [
        (status(429, Retry_After="600"), "pending", 600),
        (status(500), "pending", 4),
        (status(503, Retry_After="Fri, 01 Jan 2100 00:00:00 GMT"), "expired", None),
        (status(201), "delivered", None),
        (status(403), "failed", None),  # our key is wrong: that is not the browser's fault
        (status(413), "failed", None),
        (status(302, Location="/elsewhere"), "failed", None),
    ],
)
async def test_other_answers_leave_the_device_alone(
    ends: Ends,
    receiver: Receiver,
    web: Channel,
    open_notifier: OpenNotifier,
    subscribe: Subscribe,
    sql: Sql,
    reply: Reply,
    standing: str,
    due_in: float | None,
) -> None:
    receiver.reply = reply
    await subscribe()
    job_id = await ends.complete()
    await open_notifier(web=web).deliver()
    assert len(receiver.calls) == 1
    assert count_devices(sql) == 1
    delivery = ends.delivery(job_id)
    assert (delivery["status"], delivery["due_in"]) == (
        standing,
        due_in and pytest.approx(due_in, abs=3),
    )


async def test_a_browser_that_fails_repeats_no_other(
    ends: Ends, receiver: Receiver, web: Channel, open_notifier: OpenNotifier, subscribe: Subscribe
) -> None:
    fails_once = then(status(500), status(201))

    def reply(call: Call) -> Response:
        return fails_once(call) if call.path == "/send/bad" else status(201)(call)

    receiver.reply = reply
    for name in ("good", "bad", "better"):
        await subscribe(name)
    job_id = await ends.complete()
    notifier = open_notifier(web=web)
    await notifier.deliver()
    ends.make_due()
    await notifier.deliver()

    assert sorted(call.path for call in receiver.calls) == [
        "/send/bad",
        "/send/bad",
        "/send/better",
        "/send/good",
    ]
    assert {delivery["status"] for delivery in ends.deliveries(job_id)} == {"delivered"}


async def test_a_subscription_that_nobody_can_encrypt_for_is_forgotten(
    ends: Ends,
    receiver: Receiver,
    web: Channel,
    open_notifier: OpenNotifier,
    subscribe: Subscribe,
    sql: Sql,
) -> None:
    await subscribe()
    no_point = encode(b"\x04" + b"\x01" * 64)
    sql.execute("update plan_push_tokens set p256dh = %s", [no_point])
    job_id = await ends.complete()
    await open_notifier(web=web).deliver()
    assert receiver.calls == []
    assert count_devices(sql) == 0
    assert ends.delivery(job_id)["error"] == "invalid_subscription"


@pytest.mark.parametrize("endpoint", ["https://push..example/x", "https://xn--/x"])
async def test_an_odd_endpoint_is_gone_and_concerns_no_other(
    ends: Ends,
    receiver: Receiver,
    open_notifier: OpenNotifier,
    subscribe: Subscribe,
    sql: Sql,
    monkeypatch: pytest.MonkeyPatch,
    endpoint: str,
) -> None:
    monkeypatch.setattr(addresses, "is_public", bool)  # the test's push service is on this machine
    odd, *_ = [await subscribe(name) for name in ("odd", "one", "two")]
    query = "update plan_push_tokens set token = %s where token = %s"
    sql.execute(query, [endpoint, odd.endpoint])
    job_id = await ends.complete()
    key = SecretStr(encode(b"\x01" * 32))
    await open_notifier(web=WebPush(private_key=key, subject=SUBJECT)).deliver()
    assert sorted(call.path for call in receiver.calls) == ["/send/one", "/send/two"]
    outcomes = sorted((each["status"], each["error"]) for each in ends.deliveries(job_id))
    assert outcomes == [
        ("delivered", None), ("delivered", None), ("failed", "invalid_subscription"),
    ]  # fmt: skip


async def test_no_address_of_ours_is_written_to(
    ends: Ends, receiver: Receiver, open_notifier: OpenNotifier, subscribe: Subscribe, sql: Sql
) -> None:
    key = SecretStr(encode(b"\x01" * 32))
    port = urlsplit(receiver.url).port
    for host in ("127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0", "127.1"):
        browser = await subscribe(host)
        sql.execute(
            "update plan_push_tokens set token = %s where token = %s",
            [f"https://{host}:{port}/send", browser.endpoint],
        )
    job_id = await ends.complete()
    await open_notifier(web=WebPush(private_key=key, subject=SUBJECT)).deliver()
    assert receiver.calls == []
    assert count_devices(sql) == 0
    errors = {delivery["error"] for delivery in ends.deliveries(job_id)}
    assert errors <= {"not_public", "invalid_subscription"}
    assert "not_public" in errors
