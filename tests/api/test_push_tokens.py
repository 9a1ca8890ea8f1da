from collections.abc import AsyncGenerator, Awaitable, Callable
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from tests.notifications.browser import Browser, encode
from tests.parts import Person, Sql, make_settings

from supajobs.app import create_app
from supajobs.local.stack import StackInfo

URL = "/v1/push-tokens"
SignUp = Callable[[], Awaitable[Person]]
Json = dict[str, Any]


@pytest.fixture
def app(stack: StackInfo) -> FastAPI:
    settings = make_settings(
        stack,
        api_runs_jobs=False,
        expo_push=True,
        vapid_private_key=encode(b"\x07" * 32),
        vapid_subject="mailto:ops@example.com",
        cors_origins="https://app.example.com",
    )
    return create_app(settings)


@pytest.fixture
async def phone(sql: Sql) -> AsyncGenerator[Json]:
    yield {"kind": "expo", "token": "ExponentPushToken[a-phone]"}
    sql.execute("delete from plan_push_tokens")


@pytest.fixture
def browser() -> Json:
    return subscribe("https://push.example.com/send/1?x=y")


def subscribe(endpoint: str, **keys: str) -> Json:
    subscription = {"endpoint": endpoint, "keys": {**Browser("").keys, **keys}}
    return {"kind": "web", "subscription": {"expirationTime": None, **subscription}}


def devices(sql: Sql, person: Person) -> list[Json]:
    return sql.execute(
        "select * from plan_push_tokens where user_id = %s order by created_at", [person.id]
    ).fetchall()


async def test_a_phone_is_registered_once(
    client: httpx.AsyncClient, person: Person, phone: Json, sql: Sql
) -> None:
    created = await client.put(URL, headers=person.headers, json=phone)
    assert created.status_code == 201
    again = await client.put(URL, headers=person.headers, json=phone)
    assert (again.status_code, again.json()) == (200, created.json())

    [device] = devices(sql, person)
    assert created.json() == {
        "id": str(device["id"]),
        "kind": "expo",
        "created_at": device["created_at"].isoformat().replace("+00:00", "Z"),
    }
    assert device["token"] == phone["token"]


async def test_a_browser_is_registered_as_it_tells_of_itself(
    client: httpx.AsyncClient, person: Person, browser: Json, sql: Sql
) -> None:
    created = await client.put(URL, headers=person.headers, json=browser)
    assert (created.status_code, created.json()["kind"]) == (201, "web")
    [device] = devices(sql, person)
    assert device["token"] == browser["subscription"]["endpoint"]
    keys = {"p256dh": device["p256dh"], "auth": device["auth"]}
    assert keys == browser["subscription"]["keys"]


@pytest.mark.parametrize(
    "spelling",
    [
        "https://PUSH.Example.com/send/1?x=y",
        "https://push.example.com./send/1?x=y",
        "https://push.example.com/send/1?x=y#part",
        "https://push.example.com/send/./1?x=y",
        "https://push.example.com/other/../send/1?x=y",
        "https://push.example.com/%73end/1?x=%79",
    ],
)
async def test_a_browser_is_known_however_its_endpoint_is_spelled(
    client: httpx.AsyncClient, person: Person, browser: Json, spelling: str, sql: Sql
) -> None:
    created = await client.put(URL, headers=person.headers, json=browser)
    again = await client.put(URL, headers=person.headers, json=subscribe(spelling))
    assert (again.status_code, again.json()["id"]) == (200, created.json()["id"])
    [device] = devices(sql, person)
    assert device["token"] == browser["subscription"]["endpoint"]


async def test_escapes_that_mean_something_stay(
    client: httpx.AsyncClient, person: Person, phone: Json, sql: Sql
) -> None:
    del phone
    spelling = "https://xn--mnchen-3ya.example/a%2fb%25?c=%26%C3%A4'"
    await client.put(URL, headers=person.headers, json=subscribe(spelling))
    [device] = devices(sql, person)
    assert device["token"] == "https://xn--mnchen-3ya.example/a%2Fb%25?c=%26%C3%A4'"


async def test_a_device_is_its_latest_users(
    client: httpx.AsyncClient, sign_up: SignUp, phone: Json, sql: Sql
) -> None:
    first, second = await sign_up(), await sign_up()
    of_first = await client.put(URL, headers=first.headers, json=phone)
    of_second = await client.put(URL, headers=second.headers, json=phone)
    assert of_second.status_code == 201
    assert of_second.json()["id"] != of_first.json()["id"]
    assert devices(sql, first) == []
    assert len(devices(sql, second)) == 1


async def test_a_device_is_forgotten(
    client: httpx.AsyncClient, person: Person, phone: Json, sql: Sql
) -> None:
    created = await client.put(URL, headers=person.headers, json=phone)
    for _ in range(2):
        deleted = await client.delete(f"{URL}/{created.json()['id']}", headers=person.headers)
        assert (deleted.status_code, deleted.content) == (204, b"")
    assert devices(sql, person) == []


async def test_somebody_elses_device_stays(
    client: httpx.AsyncClient, sign_up: SignUp, phone: Json, sql: Sql
) -> None:
    owner, stranger = await sign_up(), await sign_up()
    created = await client.put(URL, headers=owner.headers, json=phone)
    deleted = await client.delete(f"{URL}/{created.json()['id']}", headers=stranger.headers)
    assert deleted.status_code == 204
    assert len(devices(sql, owner)) == 1


async def test_users_may_look_up_their_devices_and_not_their_tokens(
    client: httpx.AsyncClient, sign_up: SignUp, phone: Json
) -> None:
    owner, stranger = await sign_up(), await sign_up()
    created = await client.put(URL, headers=owner.headers, json=phone)
    query = "id, kind, created_at, registered_at"
    seen: Any = await owner.supabase.from_("plan_push_tokens").select(query).execute()
    assert [device["id"] for device in seen.data] == [created.json()["id"]]
    assert (await stranger.supabase.from_("plan_push_tokens").select(query).execute()).data == []


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"kind": "sms", "token": "x"},
        {"kind": "expo"},
        {"kind": "expo", "token": "x"},
        {"kind": "expo", "token": "ExponentPushToken[]"},
        {"kind": "expo", "token": "ExponentPushToken[x]", "user_id": "somebody else"},
        {"kind": "expo", "token": f"ExponentPushToken[{'x' * 201}]"},
        {"kind": "web", "token": "x"},
        subscribe("http://push.example.com/send"),
        subscribe("https://user:password@push.example.com/send"),
        subscribe("https:///send"),
        subscribe("https://127.0.0.1/send"),
        subscribe("https://[::1]/send"),
        subscribe("https://169.254.169.254/latest"),
        subscribe("https://localhost/send"),
        subscribe("https://service.internal/send"),
        subscribe("https://push.example.com:8443/send"),
        subscribe("https://push.example.com"),
        subscribe("https://LOCALHOST./send"),
        subscribe("https://push.example.com/ä"),
        subscribe("https://push..example/x"),
        subscribe("https://xn--/x"),
        subscribe("https://xn--a/x"),
        subscribe("https://.push.example/x"),
        subscribe("https://-push.example/x"),
        subscribe(f"https://{'a' * 64}.example/x"),
        subscribe(f"https://{'a.' * 130}example/x"),
        subscribe("https://push/x"),
        subscribe("https://127.1/x"),
        subscribe("https://2130706433/x"),
        subscribe("https://0x7f.0.0.1/x"),
        subscribe("https://8.8.8.0x8/x"),
        subscribe("https://192.0.0.192/x"),
        subscribe(f"https://push.example.com/{'<' * 1000}"),
        subscribe(f"https://push.example.com/{'x' * 2048}"),
        subscribe("https://push.example.com/send", p256dh="BAAA"),
        subscribe("https://push.example.com/send", p256dh="A" * 87),
        subscribe("https://push.example.com/send", auth="AAAA"),
        subscribe("https://push.example.com/send", auth="!"),
        subscribe("https://push.example.com/send", auth="A"),
    ],
)
async def test_what_is_no_device_is_refused(
    client: httpx.AsyncClient, person: Person, body: Json, sql: Sql
) -> None:
    refused = await client.put(URL, headers=person.headers, json=body)
    assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")
    assert refused.json()["errors"]
    assert devices(sql, person) == []


async def test_a_kind_that_the_server_does_not_send_is_refused(
    api: httpx.AsyncClient, person: Person, phone: Json, browser: Json, sql: Sql
) -> None:
    for body in (phone, browser):
        refused = await api.put(URL, headers=person.headers, json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "push_not_offered")
    assert devices(sql, person) == []


async def test_who_is_not_signed_in_is_refused(
    client: httpx.AsyncClient, phone: Json, stack: StackInfo
) -> None:
    assert (await client.put(URL, json=phone)).status_code == 401
    assert (await client.delete(f"{URL}/00000000-0000-0000-0000-000000000000")).status_code == 401


async def test_a_user_who_is_gone_registers_nothing(
    client: httpx.AsyncClient, person: Person, phone: Json, sql: Sql
) -> None:
    sql.execute("delete from auth.users where id = %s", [person.id])
    refused = await client.put(URL, headers=person.headers, json=phone)
    assert (refused.status_code, refused.json()["code"]) == (401, "user_gone")


async def test_browsers_may_do_it(client: httpx.AsyncClient) -> None:
    for method in ("PUT", "DELETE"):
        allowed = await client.options(
            f"{URL}/x" if method == "DELETE" else URL,
            headers={
                "Origin": "https://app.example.com",
                "Access-Control-Request-Method": method,
                "Access-Control-Request-Headers": "authorization, content-type",
            },
        )
        assert allowed.status_code == 200
