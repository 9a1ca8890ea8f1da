import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Any
from uuid import UUID

import pytest
from fastapi import Response
from fastapi.responses import StreamingResponse
from pydantic import SecretStr
from standardwebhooks import Webhook as Verifier
from tests.notifications.ends import Ends
from tests.notifications.receivers import WEBHOOK_SECRET, Receiver, status, then
from tests.serving import eventually, listening

from supajobs.notifications import posts
from supajobs.notifications.channels import Channel
from supajobs.notifications.notifier import Notifier
from supajobs.notifications.webhook import Webhook

OpenNotifier = Callable[..., Notifier]


async def test_the_server_is_told_of_a_completed_job(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    job_id = await ends.complete({"title": "Twelve weeks", "secret": "of the result"})
    await open_notifier(webhook=webhook).deliver()

    [call] = receiver.calls
    notification = ends.notification(job_id)
    assert call.path == "/hook"
    assert UUID(call.headers["webhook-id"]) == notification["id"]
    told = Verifier(WEBHOOK_SECRET).verify(call.body, call.headers)
    assert told == {
        "type": "job.completed",
        "timestamp": notification["occurred_at"].isoformat().replace("+00:00", "Z"),
        "data": {
            "job_id": str(job_id),
            "job_type": ends.job_type,
            "user_id": str(ends.person.id),
            "project_id": None,
            "plan_id": None,
            "title": "Twelve weeks",
            "error": None,
            "trace_id": None,
        },
    }
    delivery = ends.delivery(job_id)
    assert (delivery["status"], delivery["attempts"], delivery["run_at"]) == ("delivered", 1, None)


async def test_the_server_is_told_of_a_failed_job(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    await ends.fail()
    await open_notifier(webhook=webhook).deliver()
    [call] = receiver.calls
    told = Verifier(WEBHOOK_SECRET).verify(call.body, call.headers)
    assert told["type"] == "job.failed"
    assert told["data"]["error"] == {"code": "refused", "message": "no", "detail": None}


async def test_what_fails_is_sent_again_under_the_same_id(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    receiver.reply = then(status(500), status(404), status(204))
    job_id = await ends.complete()
    notifier = open_notifier(webhook=webhook)
    for error in ("http_500", "http_404"):
        await notifier.deliver()
        delivery = ends.delivery(job_id)
        assert (delivery["status"], delivery["error"]) == ("pending", error)
        ends.make_due()
    await notifier.deliver()

    assert ends.delivery(job_id)["status"] == "delivered"
    assert len({call.headers["webhook-id"] for call in receiver.calls}) == 1
    assert len(receiver.calls) == ends.delivery(job_id)["attempts"] == 3
    await notifier.deliver()
    assert len(receiver.calls) == 3


async def test_what_is_not_due_waits(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    receiver.reply = then(status(503, Retry_After="120"), status(200))
    job_id = await ends.complete()
    notifier = open_notifier(webhook=webhook)
    await notifier.deliver()
    await notifier.deliver()
    assert len(receiver.calls) == 1
    assert ends.delivery(job_id)["due_in"] == pytest.approx(120, abs=5)


async def test_a_server_that_hangs_is_asked_again_later(
    ends: Ends,
    receiver: Receiver,
    webhook: Channel,
    open_notifier: OpenNotifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    limits, timeout = list[asyncio.Timeout](), asyncio.timeout

    def note(seconds: float | None) -> asyncio.Timeout:
        limit = timeout(seconds)
        if seconds == posts.SECONDS:
            limits.append(limit)
        return limit

    monkeypatch.setattr(posts, "SECONDS", 3600.0)
    monkeypatch.setattr(asyncio, "timeout", note)
    receiver.answers.clear()
    job_id = await ends.complete()
    delivering = asyncio.create_task(open_notifier(webhook=webhook).deliver())
    await eventually(lambda: receiver.calls)
    [limit] = limits
    limit.reschedule(asyncio.get_running_loop().time())  # it is over now
    await delivering
    assert len(receiver.calls) == 1
    assert ends.delivery(job_id)["error"] == "timeout"
    assert ends.delivery(job_id)["status"] == "pending"


async def test_a_server_that_answers_bit_by_bit_is_not_waited_for(
    ends: Ends, open_notifier: OpenNotifier, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def drip(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not writer.is_closing():
            writer.write(b"x")
            await writer.drain()
            await asyncio.sleep(0.05)

    monkeypatch.setattr(posts, "SECONDS", 0.5)
    job_id = await ends.complete()
    async with listening(drip) as address:
        webhook = Webhook(url=f"{address}/hook", secret=SecretStr(WEBHOOK_SECRET))
        await open_notifier(webhook=webhook).deliver()
    assert ends.delivery(job_id)["error"] == "timeout"


async def test_a_server_that_is_not_there_is_asked_again_later(
    ends: Ends, unused_tcp_port: int, open_notifier: OpenNotifier
) -> None:
    url = f"http://127.0.0.1:{unused_tcp_port}/hook"
    job_id = await ends.complete()
    await open_notifier(webhook=Webhook(url=url, secret=SecretStr(WEBHOOK_SECRET))).deliver()
    assert ends.delivery(job_id)["error"] == "unreachable"


async def test_a_redirect_is_not_followed(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    receiver.reply = status(307, Location="/elsewhere")
    job_id = await ends.complete()
    await open_notifier(webhook=webhook).deliver()
    assert [call.path for call in receiver.calls] == ["/hook"]
    assert ends.delivery(job_id)["error"] == "http_307"


async def test_a_server_that_wants_no_more_is_not_asked_again(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    receiver.reply = status(410)
    job_id = await ends.complete()
    await open_notifier(webhook=webhook).deliver()
    delivery = ends.delivery(job_id)
    assert (delivery["status"], delivery["error"]) == ("failed", "http_410")


@pytest.mark.parametrize(("size", "pause"), [(10_000, 0), (1, 0.05)])
async def test_an_answer_without_end_is_not_read(
    ends: Ends,
    receiver: Receiver,
    webhook: Channel,
    open_notifier: OpenNotifier,
    size: int,
    pause: float,
) -> None:
    async def write() -> AsyncGenerator[bytes]:
        while True:
            yield b"x" * size
            await asyncio.sleep(pause)

    def reply(_call: Any) -> Response:
        return StreamingResponse(write())

    receiver.reply = reply
    job_id = await ends.complete()
    await open_notifier(webhook=webhook).deliver()
    assert ends.delivery(job_id)["status"] == "delivered"
