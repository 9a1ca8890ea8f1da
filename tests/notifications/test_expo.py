from collections.abc import Awaitable, Callable

import pytest
from pydantic import SecretStr
from tests.notifications.ends import Ends
from tests.notifications.expo import Expo, error, respond
from tests.notifications.receivers import Receiver, Reply, status
from tests.parts import Sql

from supajobs.notifications.channels import Channel
from supajobs.notifications.expo import ExpoPush
from supajobs.notifications.notifier import Notifier
from supajobs.notifications.push_tokens import ExpoDevice, PushTokens

OpenNotifier = Callable[..., Notifier]
AddPhone = Callable[..., Awaitable[str]]

ACCESS_TOKEN = "an-access-token-of-expo"


@pytest.fixture
def service(receiver: Receiver) -> Expo:
    service = Expo()
    receiver.reply = service.reply
    return service


@pytest.fixture
def expo(receiver: Receiver) -> Channel:
    return ExpoPush(access_token=SecretStr(ACCESS_TOKEN), base_url=f"{receiver.url}/")


@pytest.fixture
def add_phone(push_tokens: PushTokens, ends: Ends) -> AddPhone:
    """The person has one phone more."""

    async def add_phone(name: str = "phone") -> str:
        token = f"ExponentPushToken[{name}]"
        await push_tokens.register(ends.person.id, ExpoDevice(kind="expo", token=token))
        return token

    return add_phone


def list_devices(sql: Sql) -> list[str]:
    return [row["token"] for row in sql.execute("select token from plan_push_tokens").fetchall()]


async def test_a_phone_is_told(
    ends: Ends,
    receiver: Receiver,
    service: Expo,
    expo: Channel,
    open_notifier: OpenNotifier,
    add_phone: AddPhone,
) -> None:
    token = await add_phone()
    job_id = await ends.complete()
    await open_notifier(expo=expo).deliver()

    [message] = service.sent
    assert message == {
        "to": token,
        "title": "It is ready",
        "body": f"Your {ends.job_type.replace('_', ' ')} is ready.",
        "sound": "default",
        "data": {
            "notification_id": str(ends.notification(job_id)["id"]),
            "event": "job.completed",
            "job_id": str(job_id),
            "job_type": ends.job_type,
            "plan_id": None,
        },
    }
    [call] = receiver.calls
    assert call.headers["authorization"] == f"Bearer {ACCESS_TOKEN}"
    delivery = ends.delivery(job_id)
    assert (delivery["status"], service.token_of[delivery["ticket"]]) == ("sent", token)
    assert delivery["due_in"] == pytest.approx(900, abs=5)


async def test_the_receipt_is_read_later(
    ends: Ends,
    receiver: Receiver,
    service: Expo,
    expo: Channel,
    open_notifier: OpenNotifier,
    add_phone: AddPhone,
) -> None:
    token = await add_phone()
    job_id = await ends.complete()
    notifier = open_notifier(expo=expo)
    service.receipts[token] = None
    for _ in range(2):
        await notifier.deliver()
        ends.make_due()
    assert (ends.delivery(job_id)["status"], ends.delivery(job_id)["error"]) == (
        "sent",
        "no_receipt",
    )
    del service.receipts[token]
    await notifier.deliver()

    delivery = ends.delivery(job_id)
    assert (delivery["status"], delivery["attempts"]) == ("delivered", 1)
    assert len(service.sent) == 1
    assert len(receiver.calls) == 3


async def test_a_receipt_that_cannot_be_had_is_asked_for_again(
    ends: Ends,
    receiver: Receiver,
    service: Expo,
    expo: Channel,
    open_notifier: OpenNotifier,
    add_phone: AddPhone,
) -> None:
    await add_phone()
    job_id = await ends.complete()
    notifier = open_notifier(expo=expo)
    await notifier.deliver()
    receiver.reply = status(502)
    ends.make_due()
    await notifier.deliver()
    assert (ends.delivery(job_id)["status"], ends.delivery(job_id)["error"]) == ("sent", "http_502")
    receiver.reply = service.reply
    ends.make_due()
    await notifier.deliver()
    assert ends.delivery(job_id)["status"] == "delivered"
    assert len(service.sent) == 1


async def test_a_phone_that_expo_does_not_know_is_forgotten(
    ends: Ends,
    service: Expo,
    expo: Channel,
    open_notifier: OpenNotifier,
    add_phone: AddPhone,
    sql: Sql,
) -> None:
    known, unknown = await add_phone("known"), await add_phone("unknown")
    service.tickets[unknown] = error("DeviceNotRegistered", expoPushToken=unknown)
    job_id = await ends.complete()
    await open_notifier(expo=expo).deliver()
    assert list_devices(sql) == [known]
    assert sorted(each["status"] for each in ends.deliveries(job_id)) == ["failed", "sent"]


async def test_a_phone_whose_app_was_removed_is_forgotten(
    ends: Ends,
    service: Expo,
    expo: Channel,
    open_notifier: OpenNotifier,
    add_phone: AddPhone,
    sql: Sql,
) -> None:
    token = await add_phone()
    service.receipts[token] = error("DeviceNotRegistered")
    job_id = await ends.complete()
    notifier = open_notifier(expo=expo)
    await notifier.deliver()
    assert list_devices(sql) == [token]
    ends.make_due()
    await notifier.deliver()
    assert list_devices(sql) == []
    delivery = ends.delivery(job_id)
    assert (delivery["status"], delivery["error"]) == ("failed", "DeviceNotRegistered")


@pytest.mark.parametrize("where", ["tickets", "receipts"])
@pytest.mark.parametrize(
    ("code", "standing"),
    [
        ("MessageRateExceeded", "pending"),
        ("InvalidCredentials", "pending"),
        ("SomethingNew", "pending"),
        ("MessageTooBig", "failed"),
    ],
)
async def test_a_message_that_expo_could_not_hand_on(
    ends: Ends,
    service: Expo,
    expo: Channel,
    open_notifier: OpenNotifier,
    add_phone: AddPhone,
    sql: Sql,
    where: str,
    code: str,
    standing: str,
) -> None:
    token = await add_phone()
    getattr(service, where)[token] = error(code)
    job_id = await ends.complete()
    notifier = open_notifier(expo=expo)
    await notifier.deliver()
    if where == "receipts":
        ends.make_due()
        await notifier.deliver()
    delivery = ends.delivery(job_id)
    assert (delivery["status"], delivery["error"]) == (standing, code)
    assert list_devices(sql) == [token]
    getattr(service, where).clear()
    ends.make_due()
    await notifier.deliver()
    assert len(service.sent) == (2 if standing == "pending" else 1)


@pytest.mark.parametrize(
    ("reply", "standing", "reason", "due_in"),
    [
        (
            respond({"errors": [{"code": "TOO_MANY_REQUESTS"}]}, 429, Retry_After="60"),
            "pending",
            "http_429",
            60,
        ),
        (status(500), "pending", "http_500", 4),
        (respond({"errors": [{"code": "UNAUTHORIZED"}]}, 401), "pending", "http_401", 4),
        (respond({"errors": [{"code": "VALIDATION_ERROR"}]}, 400), "failed", "http_400", None),
        (respond({"data": []}), "pending", "unreadable", 4),
        (respond(["what"]), "pending", "unreadable", 4),
        (respond({"data": [None]}), "pending", "unreadable", 4),
        (respond({"data": [{"status": "error"}]}), "pending", "unknown", 4),
        (respond({"data": [{"status": "ok"}]}), "delivered", None, None),
    ],
)
async def test_whatever_expo_answers_is_dealt_with(
    ends: Ends,
    receiver: Receiver,
    expo: Channel,
    open_notifier: OpenNotifier,
    add_phone: AddPhone,
    sql: Sql,
    reply: Reply,
    standing: str,
    reason: str | None,
    due_in: float | None,
) -> None:
    receiver.reply = reply
    await add_phone()
    job_id = await ends.complete()
    await open_notifier(expo=expo).deliver()
    delivery = ends.delivery(job_id)
    assert (delivery["status"], delivery["error"]) == (standing, reason)
    assert delivery["due_in"] == (due_in and pytest.approx(due_in, abs=3))
    assert len(list_devices(sql)) == 1


async def test_an_expo_that_is_not_there_is_asked_again_later(
    ends: Ends, unused_tcp_port: int, open_notifier: OpenNotifier, add_phone: AddPhone
) -> None:
    await add_phone()
    job_id = await ends.complete()
    expo = ExpoPush(access_token=None, base_url=f"http://127.0.0.1:{unused_tcp_port}/")
    await open_notifier(expo=expo).deliver()
    assert ends.delivery(job_id)["error"] == "unreachable"


async def test_many_phones_are_told_in_batches(
    ends: Ends,
    receiver: Receiver,
    service: Expo,
    expo: Channel,
    open_notifier: OpenNotifier,
    sql: Sql,
) -> None:
    sql.execute(
        "with person as (insert into auth.users (id) select gen_random_uuid() "
        "from generate_series(1, 150) returning id), "
        "phones as (insert into plan_push_tokens (user_id, kind, token) "
        "select id, 'expo', format('ExponentPushToken[%%s]', id) from person) "
        "insert into supajobs.notifications (job_id, user_id, job_type, event, occurred_at) "
        "select gen_random_uuid(), id, %s, 'job.completed', now() from person",
        [ends.job_type],
    )
    await open_notifier(expo=expo).deliver()
    assert len({message["to"] for message in service.sent}) == len(service.sent) == 150
    assert [len(call.json) for call in receiver.calls] == [100, 50]


async def test_however_many_are_not_told_the_next_one_is(
    ends: Ends,
    service: Expo,
    expo: Channel,
    open_notifier: OpenNotifier,
    add_phone: AddPhone,
    sql: Sql,
) -> None:
    sql.execute(
        "with person as (insert into auth.users (id) values (gen_random_uuid()) returning id) "
        "insert into supajobs.notifications (job_id, user_id, job_type, event, occurred_at) "
        "select gen_random_uuid(), id, %s, 'job.completed', now() "
        "from person, generate_series(1, 1200)",
        [ends.job_type],
    )
    await add_phone()
    await ends.complete()
    await open_notifier(expo=expo).deliver()
    assert len(service.sent) == 1


async def test_phones_of_two_projects_are_told_apart(
    ends: Ends,
    service: Expo,
    expo: Channel,
    open_notifier: OpenNotifier,
    add_phone: AddPhone,
) -> None:
    tokens = {await add_phone(f"phone-{number}") for number in range(5)}
    service.project_of[min(tokens)] = "@me/the-other-app"
    job_id = await ends.complete()
    await open_notifier(expo=expo).deliver()
    assert {message["to"] for message in service.sent} == tokens
    assert len(service.sent) == 5
    assert {delivery["status"] for delivery in ends.deliveries(job_id)} == {"sent"}
