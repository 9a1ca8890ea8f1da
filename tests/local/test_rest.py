"""What the REST server must do as the hosted one does; mostly gaps of what it is made from."""

import asyncio
import time
from collections.abc import Callable
from itertools import pairwise
from typing import Any, cast
from uuid import uuid4

import httpx
import jwt
import psycopg
import pytest
from supabase import Client

from supajobs.local.stack import StackInfo

FUNCTIONS = """
create or replace function public.fail_with(p_code text, p_message text default 'no')
returns jsonb language plpgsql set search_path = '' as $$
begin
    raise exception using errcode = p_code, message = p_message, detail = 'a', hint = 'b';
end $$;

create or replace function public.describe(p_value jsonb, p_list text[] default '{}')
returns jsonb language plpgsql set search_path = '' as $$
begin
    return jsonb_build_object(
        'type', jsonb_typeof(p_value), 'value', p_value, 'list', p_list, 'role', current_user,
        'uid', auth.uid(), 'timeout', current_setting('statement_timeout'),
        'agent', current_setting('request.headers')::jsonb ->> 'user-agent'
    );
end $$;

create or replace function public.sleep_long() returns void language sql set search_path = ''
set statement_timeout = 0 as $$ select pg_catalog.pg_sleep(20) $$;

create or replace function public.nap() returns void language sql set search_path = ''
as $$ select pg_catalog.pg_sleep(0.2) $$;

create or replace function public.nap_when() returns jsonb language plpgsql set search_path = ''
as $$ declare v_began timestamptz := clock_timestamp(); begin
    perform pg_sleep(0.2);
    return jsonb_build_array(
        extract(epoch from v_began), extract(epoch from clock_timestamp())
    );
end $$;

create or replace function public.teapot() returns jsonb language plpgsql set search_path = ''
as $$ begin
    perform set_config('response.status', '418', true);
    perform set_config('response.headers', '[{"x-tea": "green"}]', true);
    return '"short and stout"';
end $$;

create or replace function public.one_note() returns public.notes language sql set search_path = ''
as $$ select 1, null::uuid, 'a', null::jsonb, 1.50, '2026-01-02 03:04:05+00'::timestamptz $$;

create or replace function public.many_notes(p_extra jsonb) returns setof public.notes
language sql set search_path = ''
as $$ select 1, null::uuid, 'a', p_extra, 1.50, '2026-01-02 03:04:05+00'::timestamptz $$;

create or replace function public.hidden() returns jsonb language sql set search_path = ''
as $$ select '1'::jsonb $$;
revoke all on function public.hidden from public;
"""


@pytest.fixture(scope="module", autouse=True)
def _functions(stack: StackInfo) -> None:
    with psycopg.connect(stack.db_url, autocommit=True) as connection:
        connection.execute(FUNCTIONS.encode())
    wait_for_function(stack, "hidden")


def wait_for_function(stack: StackInfo, name: str) -> None:
    headers = {"apikey": stack.secret_key}
    with httpx.Client(base_url=stack.api_url, headers=headers) as client:
        while client.post(f"/rest/v1/rpc/{name}", json={}).status_code == 404:
            time.sleep(0.02)


def call(client: httpx.Client, name: str, **arguments: Any) -> httpx.Response:
    return client.post(f"/rest/v1/rpc/{name}", json=arguments)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("P0001", 400),
        ("PT409", 409),
        ("PT429", 429),
        ("23505", 409),
        ("23503", 409),
        ("23514", 400),
        ("22P02", 400),
        ("42501", 403),
        ("28000", 403),
        ("57014", 500),
        ("53300", 503),
        ("XX000", 500),
        ("AB123", 400),
    ],
)
@pytest.mark.parametrize("query", ["", "?select=*"], ids=["short way", "through lite"])
def test_error_codes_become_statuses(
    secret: httpx.Client, query: str, code: str, status: int
) -> None:
    answer = secret.post(f"/rest/v1/rpc/fail_with{query}", json={"p_code": code})
    assert answer.status_code == status
    assert answer.json() == {"code": code, "message": "no", "details": "a", "hint": "b"}


def test_postgrest_errors_choose_their_answer(
    secret: httpx.Client, sql: psycopg.Connection
) -> None:
    sql.execute("""
        create or replace function public.choose() returns void language plpgsql as $$ begin
            raise sqlstate 'PGRST' using
                message = '{"code": "mine", "message": "m"}',
                detail = '{"status": 402, "headers": {"x-a": "b"}}';
        end $$
    """)
    while (answer := call(secret, "choose")).status_code == 404:
        time.sleep(0.02)
    assert (answer.status_code, answer.headers["x-a"]) == (402, "b")
    assert answer.json() == {"code": "mine", "message": "m"}


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        ({"a": [1, None]}, "object"),
        ([1], "array"),
        ("{}", "string"),
        (1.5, "number"),
        (True, "boolean"),
    ],
)
def test_json_arguments_arrive_as_they_are(secret: httpx.Client, value: Any, kind: str) -> None:
    answer = call(secret, "describe", p_value=value, p_list=["x'y", 'a"b\\']).json()
    assert (answer["type"], answer["value"]) == (kind, value)
    assert answer["list"] == ["x'y", 'a"b\\']


def test_arguments_cannot_leave_their_quotes(secret: httpx.Client) -> None:
    hostile = "'; drop table public.notes; --\\'"
    answer = call(secret, "describe", p_value=hostile).json()
    assert answer["value"] == hostile
    answer = secret.post(
        "/rest/v1/rpc/describe", json={"p_value": 1}, headers={"user-agent": hostile}
    )
    assert answer.json()["agent"] == hostile


def test_wrong_arguments_find_no_function(secret: httpx.Client) -> None:
    for arguments in ({}, {"p_value": 1, "p_other": 2}):
        answer = call(secret, "describe", **arguments)
        assert (answer.status_code, answer.json()["code"]) == (404, "PGRST202")


def test_roles_and_their_timeouts(secret: httpx.Client, anon: httpx.Client, user: Client) -> None:
    seen = call(secret, "describe", p_value=1).json()
    assert (seen["role"], seen["uid"], seen["timeout"]) == ("service_role", None, "8s")
    seen = call(anon, "describe", p_value=1).json()
    assert (seen["role"], seen["uid"], seen["timeout"]) == ("anon", None, "3s")
    seen = cast("dict[str, Any]", user.rpc("describe", {"p_value": 1}).execute().data)
    session = user.auth.get_session()
    assert session
    assert (seen["role"], seen["uid"]) == ("authenticated", session.user.id)


def test_a_long_statement_is_cancelled(anon: httpx.Client, sql: psycopg.Connection) -> None:
    sql.execute("alter role anon set statement_timeout = '200ms'")
    sql.execute("notify pgrst, 'reload config'")
    try:
        deadline = time.monotonic() + 3
        while call(anon, "describe", p_value=1).json()["timeout"] != "200ms":
            assert time.monotonic() < deadline
        answer = call(anon, "sleep_long")
    finally:
        sql.execute("alter role anon set statement_timeout = '3s'")
        sql.execute("notify pgrst, 'reload config'")
    assert (answer.status_code, answer.json()["code"]) == (500, "57014")


def test_answers_by_kind_of_function(secret: httpx.Client) -> None:
    assert call(secret, "nap").status_code == 204
    answer = call(secret, "teapot")
    assert (answer.status_code, answer.headers["x-tea"]) == (418, "green")
    assert answer.json() == "short and stout"
    note = {"id": 1, "owner": None, "body": "a", "extra": None, "price": 1.50}
    assert call(secret, "one_note").json() == {**note, "at": "2026-01-02T03:04:05+00:00"}
    many = call(secret, "many_notes", p_extra={"a": 1}).json()
    assert many == [{**note, "extra": {"a": 1}, "at": "2026-01-02T03:04:05+00:00"}]


def test_slow_calls_do_not_wait_for_each_other(stack: StackInfo) -> None:
    async def nap_together() -> list[list[float]]:
        headers = {"apikey": stack.secret_key}
        async with httpx.AsyncClient(base_url=stack.api_url, headers=headers) as client:
            naps = [client.post("/rest/v1/rpc/nap_when", json={}) for _ in range(16)]
            return [answer.json() for answer in await asyncio.gather(*naps)]

    naps = sorted(asyncio.run(nap_together()))
    assert any(began < ended for (_, ended), (began, _) in pairwise(naps))


def test_nothing_is_open_without_a_grant(
    anon: httpx.Client, secret: httpx.Client, user: Client, sql: psycopg.Connection
) -> None:
    assert anon.get("/rest/v1/ungranted").status_code == 401
    assert anon.get("/rest/v1/notes").status_code == 401
    assert call(anon, "hidden").status_code == 401
    assert secret.get("/rest/v1/ungranted").status_code == 403
    assert call(secret, "hidden").status_code == 403
    session = user.auth.get_session()
    assert session
    answer = anon.get(
        "/rest/v1/ungranted", headers={"authorization": f"Bearer {session.access_token}"}
    )
    assert answer.status_code == 403
    grants = sql.execute(
        "select count(*) from information_schema.role_table_grants"
        " where table_name = 'ungranted' and grantee in ('anon', 'authenticated', 'service_role')"
    ).fetchone()
    assert grants == (0,)


def test_rows_have_iso_times_and_numbers(user: Client) -> None:
    note = {"body": "a", "extra": {"b": [1]}, "price": 1.5}
    inserted = user.table("notes").insert(note).execute().data
    selected = user.table("notes").select("*").execute().data
    assert inserted == selected
    row = cast("dict[str, Any]", selected[0])
    assert row.items() >= {**note, "at": "2026-01-02T03:04:05.678+00:00"}.items()


def test_rows_of_others_are_out_of_sight(user: Client, secret: httpx.Client) -> None:
    secret.post("/rest/v1/notes", json={"body": "not yours"}).raise_for_status()
    assert user.table("notes").select("*").execute().data == []


def test_a_broken_reference_is_a_conflict(secret: httpx.Client) -> None:
    answer = secret.post("/rest/v1/notes", json={"body": "a", "owner": str(uuid4())})
    assert (answer.status_code, answer.json()["code"]) == (409, "23503")


def test_a_schema_change_is_seen_at_once(secret: httpx.Client, sql: psycopg.Connection) -> None:
    sql.execute("create table public.fresh (id int primary key)")
    sql.execute("grant all on public.fresh to service_role")
    deadline = time.monotonic() + 3
    while (answer := secret.post("/rest/v1/fresh", json={"id": 1})).status_code == 404:
        assert time.monotonic() < deadline
    assert answer.status_code == 201
    assert secret.post("/rest/v1/fresh", json={"id": 1}).status_code == 409


@pytest.mark.parametrize("name", ["rpc/describe", "notes"])
def test_keys_and_tokens_that_are_refused(stack: StackInfo, name: str) -> None:
    stranger = jwt.encode(
        {"role": "service_role"}, "a secret which is not the stack's own", "HS256"
    )
    expired = jwt.encode({"role": "authenticated", "exp": 1}, "x" * 32, "HS256")
    publishable = {"apikey": stack.publishable_key}
    for headers in (
        {},
        {"apikey": "sb_secret_wrong"},
        {"apikey": stranger},
        {**publishable, "authorization": f"Bearer {stranger}"},
        {**publishable, "authorization": f"Bearer {expired}"},
    ):
        answer = httpx.post(f"{stack.api_url}/rest/v1/{name}", headers=headers, json={"p_value": 1})
        assert answer.status_code == 401


def test_lost_connections_are_replaced(
    stack: StackInfo, secret: httpx.Client, make_calls: Callable[[int], list[int]]
) -> None:
    with psycopg.connect(stack.superuser_db_url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'postgrest'"
        )
    make_calls(40)  # some of which may meet a dead connection
    assert set(make_calls(40)) == {200}


@pytest.fixture
def make_calls(secret: httpx.Client) -> Callable[[int], list[int]]:
    def make_calls(count: int) -> list[int]:
        return [call(secret, "describe", p_value=1).status_code for _ in range(count)]

    return make_calls
