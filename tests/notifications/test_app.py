"""From the registration of a device to the message that it gets, through the whole app."""

import json
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import Any
from uuid import UUID

import httpx
import pytest
from psycopg.sql import SQL, Identifier
from structlog.testing import capture_logs
from tests.notifications.browser import Browser, encode
from tests.notifications.ends import Ends
from tests.notifications.expo import Expo
from tests.notifications.receivers import WEBHOOK_SECRET, Receiver, receiving, status
from tests.parts import CRON_SECRET, NoParams, Person, Sql, make_settings
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed

StartApp = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]

TOKEN = "ExponentPushToken[Zk3pQx-of-a-phone]"
ACCESS_TOKEN = "an-access-token-of-expo"
PRIVATE_KEY = encode(b"\x07" * 32)
TRIGGER = {"Authorization": f"Bearer {CRON_SECRET}"}


@pytest.fixture
async def phones() -> AsyncGenerator[tuple[Receiver, Expo]]:
    expo = Expo()
    async with receiving() as receiver:
        receiver.reply = expo.reply
        yield receiver, expo


@pytest.fixture
def start_app(
    stack: StackInfo, job_type: str, receiver: Receiver, phones: tuple[Receiver, Expo]
) -> StartApp:
    async def handle(_job: RunningJob, _params: NoParams) -> Completed:
        return Completed(result={"title": "Twelve weeks"})

    def start_app(**more: Any) -> AbstractAsyncContextManager[httpx.AsyncClient]:
        settings = make_settings(
            stack,
            expo_push=True,
            expo_access_token=ACCESS_TOKEN,
            expo_base_url=phones[0].url,
            vapid_private_key=PRIVATE_KEY,
            vapid_subject="mailto:ops@example.com",
            webhook_url=f"{receiver.url}/hook",
            webhook_secret=WEBHOOK_SECRET,
            **more,
        )
        return serve(create_app(settings, {job_type: JobType(job_type, NoParams, handle)}))

    return start_app


@pytest.fixture
async def client(start_app: StartApp) -> AsyncGenerator[httpx.AsyncClient]:
    """Of an app that starts on no job by itself."""
    async with start_app(api_runs_jobs=False) as client:
        yield client


async def request_job(client: httpx.AsyncClient, person: Person, job_type: str) -> str:
    answer = await client.post(
        "/v1/jobs", headers=person.headers, json={"job_type": job_type, "params": {}}
    )
    assert answer.status_code == 201
    return answer.json()["id"]


async def test_a_registered_device_is_told_of_the_end_of_a_job(
    client: httpx.AsyncClient,
    person: Person,
    job_type: str,
    receiver: Receiver,
    phones: tuple[Receiver, Expo],
) -> None:
    _, expo = phones
    registered = await client.put(
        "/v1/push-tokens", headers=person.headers, json={"kind": "expo", "token": TOKEN}
    )
    assert registered.status_code == 201
    job_id = await request_job(client, person, job_type)
    assert (await client.post("/v1/queue/process", headers=TRIGGER)).status_code == 202

    [message] = await eventually(lambda: expo.sent)
    assert message["to"] == TOKEN
    assert message["data"]["job_id"] == job_id
    [call] = await eventually(lambda: receiver.calls)
    assert call.json["data"]["job_id"] == job_id
    assert message["data"]["notification_id"] == call.headers["webhook-id"]


async def test_a_trigger_finds_what_another_process_ended(
    client: httpx.AsyncClient, ends: Ends, receiver: Receiver
) -> None:
    for count in (1, 2):
        await ends.complete()
        await client.post("/v1/queue/process", headers=TRIGGER)
        await eventually(lambda: len(receiver.calls) == count)  # noqa: B023 - awaited here


async def test_a_job_of_the_app_is_told_of_without_a_trigger(
    start_app: StartApp, person: Person, job_type: str, receiver: Receiver
) -> None:
    async with start_app(api_runs_jobs=True) as client:
        for count in (1, 2):
            await request_job(client, person, job_type)
            await eventually(lambda: len(receiver.calls) == count)  # noqa: B023 - awaited here


async def test_a_trigger_that_waits_waits_for_the_notifications_too(
    client: httpx.AsyncClient, person: Person, job_type: str, receiver: Receiver
) -> None:
    await request_job(client, person, job_type)
    answer = await client.post(
        "/v1/queue/process", headers=TRIGGER, json={"time_budget_seconds": 20}
    )
    assert answer.json() == {"settled": {"completed": 1}}
    assert len(receiver.calls) == 1


async def test_a_trigger_waits_no_longer_than_its_time(
    client: httpx.AsyncClient, person: Person, job_type: str, receiver: Receiver, ends: Ends
) -> None:
    receiver.answers.clear()
    job_id = await request_job(client, person, job_type)
    answer = await client.post(
        "/v1/queue/process", headers=TRIGGER, json={"time_budget_seconds": 1}
    )
    assert answer.json() == {"settled": {"completed": 1}}
    assert ends.delivery(UUID(job_id))["is_held"]


async def test_no_token_and_no_key_lies_about(
    client: httpx.AsyncClient,
    person: Person,
    job_type: str,
    receiver: Receiver,
    phones: tuple[Receiver, Expo],
    ends: Ends,
    sql: Sql,
) -> None:
    browser = Browser("https://push.example.invalid/send/a-secret-address")
    body = {
        "kind": "web",
        "subscription": {
            "endpoint": browser.endpoint,
            "expirationTime": None,
            "keys": browser.keys,
        },
    }
    with capture_logs() as logs:
        for device in ({"kind": "expo", "token": TOKEN}, body):
            await client.put("/v1/push-tokens", headers=person.headers, json=device)

        receiver.reply = status(500)
        await request_job(client, person, job_type)
        for _ in range(2):
            await client.post(
                "/v1/queue/process", headers=TRIGGER, json={"time_budget_seconds": 20}
            )
            ends.make_due()
    assert {line["channel"] for line in logs if line["event"] == "notification_sent"} == {
        "expo",
        "web",
        "webhook",
    }

    secrets = {
        TOKEN: {"plan_push_tokens"},
        "a-secret-address": {"plan_push_tokens"},
        browser.keys["auth"]: {"plan_push_tokens"},
        ACCESS_TOKEN: set[str](),
        PRIVATE_KEY: set[str](),
        WEBHOOK_SECRET.removeprefix("whsec_"): set[str](),
        person.access_token: set[str](),
    }
    told = json.dumps(logs, default=repr)
    for secret, places in secrets.items():
        assert secret not in told
        assert find(sql, secret) <= places


def find(sql: Sql, secret: str) -> set[str]:
    """The tables that hold a text."""
    tables = sql.execute(
        "select relname as name, relnamespace::regnamespace::text as schema from pg_class "
        "where relnamespace::regnamespace::text in ('public', 'supajobs') and relkind = 'r'"
    ).fetchall()
    query = SQL("select from {} as row where row::text like %s")
    return {
        table["name"]
        for table in tables
        if sql.execute(
            query.format(Identifier(table["schema"], table["name"])), [f"%{secret}%"]
        ).fetchall()
    }
