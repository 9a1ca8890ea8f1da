import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Sequence
from typing import LiteralString
from uuid import UUID, uuid4

import pytest
from prometheus_client import generate_latest
from psycopg.rows import dict_row
from psycopg.sql import SQL
from structlog.testing import capture_logs
from tests.faults.proxy import Loss, LossyProxy, lossy_proxy
from tests.notifications.ends import Ends
from tests.notifications.receivers import Receiver, make_webhook, status, then
from tests.parts import NoParams, Sql, enqueue, make_settings
from tests.scraping import Samples
from tests.serving import eventually
from tests.stand_in import stand_in

from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.notifications.channels import Channel
from supajobs.notifications.notifier import Notifier
from supajobs.notifications.outbox import Attempt, Delivery, DeliveryOutcome, Outbox
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.telemetry.metrics import Metrics
from supajobs.worker.processor import Processor

OpenNotifier = Callable[..., Notifier]
NEVER = 3600.0  # s


def ids(receiver: Receiver) -> list[str]:
    return [call.headers["webhook-id"] for call in receiver.calls]


@pytest.fixture
async def proxy(stack: StackInfo) -> AsyncGenerator[LossyProxy]:
    async with lossy_proxy(stack.api_url, Counter()) as proxy:
        yield proxy


@pytest.fixture
async def lossy_outbox(stack: StackInfo, proxy: LossyProxy) -> AsyncGenerator[Outbox]:
    database = Database(make_settings(stack, supabase_url=proxy.url), patience=10)
    yield Outbox(database)
    await database.close()


@pytest.mark.parametrize("loss", list(Loss))
@pytest.mark.parametrize(
    "function",
    [
        "address_plan_job_notifications",
        "claim_plan_job_deliveries",
        "settle_plan_job_deliveries",
    ],
)
async def test_a_lost_call_or_answer_repeats_no_delivery(
    ends: Ends,
    receiver: Receiver,
    webhook: Channel,
    open_notifier: OpenNotifier,
    proxy: LossyProxy,
    lossy_outbox: Outbox,
    function: str,
    loss: Loss,
) -> None:
    proxy.lose(function, loss)
    job_id = await ends.complete()
    notifier = open_notifier(lossy_outbox, webhook=webhook)
    await notifier.deliver()
    await proxy.twins_to_end()
    ends.make_due()
    await notifier.deliver()
    assert proxy.lost[function] == 1
    assert ids(receiver) == [str(ends.notification(job_id)["id"])]
    delivery = ends.delivery(job_id)
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 1)


async def test_an_answer_after_the_lease_leaves_it_to_who_came_next(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    job_id = await ends.complete()
    receiver.reply = then(status(500), status(200))
    receiver.answers.clear()
    with capture_logs() as logs:
        late = asyncio.create_task(open_notifier(webhook=webhook).deliver())
        await eventually(lambda: len(receiver.calls) == 1)
        ends.make_due()
        next_one = asyncio.create_task(open_notifier(webhook=webhook).deliver())
        await eventually(lambda: len(receiver.calls) == 2)
        receiver.answers.set()
        await asyncio.gather(late, next_one)

    assert len(set(ids(receiver))) == 1
    assert len(receiver.calls) == 2
    delivery = ends.delivery(job_id)
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 2)
    outcomes = [line["outcome"] for line in logs if line["event"] == "notification_sent"]
    assert sorted(outcomes) == ["delivered", "stale"]


async def test_two_processes_share_the_work(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    ends.sql.execute(
        "insert into supajobs.notifications (job_id, user_id, job_type, event, occurred_at) "
        "select gen_random_uuid(), %s, %s, 'job.completed', now() from generate_series(1, 90)",
        [ends.person.id, ends.job_type],
    )
    notifiers = [open_notifier(webhook=webhook) for _ in range(3)]
    await asyncio.gather(*(notifier.deliver() for notifier in notifiers))
    await notifiers[0].deliver()
    assert len(receiver.calls) == len(set(ids(receiver))) == 90


@pytest.mark.parametrize(
    "call",
    [
        "address_plan_job_notifications('{webhook}')",
        "claim_plan_job_deliveries(gen_random_uuid(), 'webhook')",
    ],
)
async def test_nobody_waits_for_who_is_at_it_or_takes_the_same(
    ends: Ends, stack: StackInfo, call: LiteralString
) -> None:
    await ends.complete()
    with Sql.connect(stack.db_url, row_factory=dict_row) as at_it, at_it.transaction():
        if call.startswith("claim"):
            ends.sql.execute("select address_plan_job_notifications('{webhook}')")
        at_it.execute(SQL("select {}").format(SQL(call)))
        ends.sql.execute("set statement_timeout = '2 s'")
        ends.sql.execute(SQL("select {}").format(SQL(call)))
    rows = ends.sql.execute("select attempts from supajobs.deliveries").fetchall()
    assert [row["attempts"] for row in rows] == [int(call.startswith("claim"))]


async def test_a_copy_of_a_claim_waits_for_the_first_and_gets_the_same(
    ends: Ends, stack: StackInfo
) -> None:
    def claim(sql: Sql) -> list[UUID]:
        claimed = "select claim_plan_job_deliveries(%s, 'webhook') as deliveries"
        [row] = sql.execute(claimed, [claim_id]).fetchall()
        return [delivery["id"] for delivery in row["deliveries"]]

    claim_id = uuid4()
    await ends.complete()
    ends.sql.execute("select address_plan_job_notifications('{webhook}')")
    with Sql.connect(stack.db_url, row_factory=dict_row) as at_it, at_it.transaction():
        first = claim(at_it)
        copy = asyncio.create_task(asyncio.to_thread(claim, ends.sql))
        await eventually(lambda: waits_for_a_lock(at_it, ends.sql))
    assert len(first) == 1
    assert await copy == first


def waits_for_a_lock(looking: Sql, waiting: Sql) -> bool:
    wanted = "select from pg_locks where pid = %s and not granted"
    return looking.execute(wanted, [waiting.info.backend_pid]).rowcount == 1


async def test_attempts_are_counted_by_what_came_of_them(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    def read() -> dict[str, float]:
        """Without what is zero."""
        told = Samples.parse(generate_latest(metrics.registry).decode())
        counted = 'supajobs_deliveries_total{channel="webhook",outcome="'
        assert told.keys() >= {f'{counted}{outcome}"}}' for outcome in DeliveryOutcome}
        return {
            name.removeprefix(counted).removesuffix('"}'): value
            for name, value in told.items()
            if name.startswith(counted) and value
        }

    metrics = Metrics()
    notifier = open_notifier(webhook=webhook, metrics=metrics)
    assert read() == {}
    receiver.reply = then(status(500), status(410), status(200))
    await ends.complete()
    await notifier.deliver()
    assert read() == {"retrying": 1}
    await ends.complete()
    await notifier.deliver()
    ends.make_due()
    await notifier.deliver()
    assert read() == {"retrying": 1, "failed": 1, "delivered": 1}


async def test_an_end_is_told_as_soon_as_it_wakes(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    notifier = open_notifier(webhook=webhook, poll_seconds=NEVER)
    async with notifier.working():
        for count in (1, 2):
            await ends.complete()
            notifier.wake()
            await eventually(lambda: len(receiver.calls) == count)  # noqa: B023 - awaited here


async def test_what_other_processes_left_is_told_at_the_start(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    await ends.complete()
    async with open_notifier(webhook=webhook, poll_seconds=NEVER).working():
        await eventually(lambda: len(receiver.calls) == 1)


async def test_the_next_attempt_comes_when_it_is_due(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    receiver.reply = then(status(429, Retry_After="1"), status(200))
    job_id = await ends.complete()
    async with open_notifier(webhook=webhook, poll_seconds=NEVER).working():
        await eventually(lambda: len(receiver.calls) == 2)
        await eventually(lambda: ends.delivery(job_id)["status"] == "delivered")


async def test_ends_that_no_process_saw_are_found(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    async with open_notifier(webhook=webhook, poll_seconds=0.2).working():
        await asyncio.sleep(0.1)
        await ends.complete()  # and nobody wakes it
        await eventually(lambda: len(receiver.calls) == 1)


class Crashing:
    """A channel with a bug, which tells what it should not."""

    max_deliveries = 10

    async def send(self, deliveries: Sequence[Delivery]) -> list[Attempt]:
        raise RuntimeError(f"{deliveries} to https://push.example.com/a-secret-address")

    async def close(self) -> None:
        pass


async def test_a_channel_that_crashes_keeps_no_other_waiting(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    ends.sql.execute(
        "insert into plan_push_tokens (user_id, kind, token) values (%s, 'expo', 'phone')",
        [ends.person.id],
    )
    job_id = await ends.complete()
    with capture_logs() as logs:
        await open_notifier(expo=Crashing(), webhook=webhook).deliver()
    standing = {each["channel"]: each["status"] for each in ends.deliveries(job_id)}
    assert standing == {"expo": "pending", "webhook": "delivered"}
    assert "channel_crashed" in {line["event"] for line in logs}
    assert "a-secret-address" not in repr(logs)


async def test_a_receiver_that_hangs_holds_up_no_job(
    ends: Ends,
    queue: JobQueue,
    receiver: Receiver,
    webhook: Channel,
    open_notifier: OpenNotifier,
) -> None:
    async def succeed(job: RunningJob, params: NoParams) -> Completed:
        return Completed()

    receiver.answers.clear()
    notifier = open_notifier(webhook=webhook)
    processor = Processor(
        queue,
        {ends.job_type: JobType(ends.job_type, NoParams, succeed)},
        concurrency=1,
        grace_seconds=0,
        on_settled=notifier.wake,
    )
    async with notifier.working():
        for _ in range(3):
            await enqueue(queue, ends.person, ends.job_type)
            assert await processor.drain() == {"completed": 1}
        await eventually(lambda: receiver.calls)
        receiver.answers.set()
        await eventually(lambda: len(receiver.calls) == 3)


async def test_what_is_being_sent_at_the_end_is_sent_again(
    ends: Ends,
    receiver: Receiver,
    webhook: Channel,
    outbox: Outbox,
    open_notifier: OpenNotifier,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.notifications.notifier.STOP_PATIENCE", 0.1)
    receiver.answers.clear()
    job_id = await ends.complete()
    stopping = Notifier(outbox, {"webhook": webhook})
    async with stopping.working():
        await eventually(lambda: len(receiver.calls) == 1)
    await stopping.close()
    receiver.answers.set()
    assert ends.delivery(job_id)["is_held"]
    ends.make_due()
    await open_notifier(webhook=make_webhook(receiver)).deliver()
    assert ends.delivery(job_id)["status"] == "delivered"
    assert len(set(ids(receiver))) == 1


async def test_without_channels_nothing_is_asked(stack: StackInfo) -> None:
    async with stand_in() as supabase:
        database = Database(make_settings(stack, supabase_url=supabase.url), patience=1)
        notifier = Notifier(Outbox(database), {})
        async with notifier.working():
            notifier.wake()
            await notifier.deliver()
            await asyncio.sleep(0.1)
        assert not supabase.calls
        await database.close()


async def test_while_supabase_is_down_it_waits(
    stack: StackInfo, webhook: Channel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supajobs.notifications.outbox.PATIENCE", 0.2)
    async with stand_in() as supabase:
        supabase.reply = None
        database = Database(make_settings(stack, supabase_url=supabase.url), patience=1)
        notifier = Notifier(Outbox(database), {"webhook": webhook})
        with capture_logs() as logs:
            await notifier.deliver()
        assert [line["event"] for line in logs] == ["outbox_unread"]
        await database.close()


async def test_a_time_limit_ends_the_waiting_and_not_the_sending(
    ends: Ends, receiver: Receiver, webhook: Channel, open_notifier: OpenNotifier
) -> None:
    receiver.answers.clear()
    job_id = await ends.complete()
    notifier = open_notifier(webhook=webhook)
    patient = asyncio.create_task(notifier.deliver())
    await eventually(lambda: receiver.calls)
    await notifier.deliver(within=0.5)
    receiver.answers.set()
    await patient
    assert ends.delivery(job_id)["status"] == "delivered"
    assert len(receiver.calls) == 1
