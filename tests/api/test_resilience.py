"""While Supabase is down, hangs or talks nonsense: what the API says, and that it comes back."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator
from http import HTTPStatus
from uuid import uuid4

import httpx
import pytest
from tests.faults.proxy import Loss, lossy_proxy
from tests.parts import Person, Sql
from tests.parts import make_settings as make_stack_settings
from tests.serving import eventually, serve
from tests.stand_in import JWKS, Reply, StandIn, stand_in
from tests.test_auth import ISSUER, SigningKey, make_settings

from supajobs.app import create_app
from supajobs.auth import KEYS_PATIENCE
from supajobs.local.stack import StackInfo
from supajobs.wiring import API_PATIENCE

PROMISE = 2.0  # s
SLOW_MACHINE = 5.0  # s; how late an answer may be here, where the promise is kept by arithmetic
TABLE = "weekly_base_plans"
OPEN_SECONDS = 1
REQUEST = {
    "job_type": "training_plan",
    "params": {"athlete_profile": {"ftp": 250, "weight_kg": 65, "age": 41}},
}


def test_the_promise_is_kept() -> None:
    assert KEYS_PATIENCE + API_PATIENCE < PROMISE


@pytest.fixture
def key() -> SigningKey:
    return SigningKey()


@pytest.fixture
async def supabase(key: SigningKey) -> AsyncGenerator[StandIn]:
    async with stand_in(key.public) as supabase:
        yield supabase


@pytest.fixture
async def client(
    supabase: StandIn, key: SigningKey, monkeypatch: pytest.MonkeyPatch
) -> AsyncGenerator[httpx.AsyncClient]:
    monkeypatch.setattr("supajobs.queue.breaker.OPEN_SECONDS", OPEN_SECONDS)
    settings = make_settings(
        supabase_url=supabase.url, supabase_jwt_issuer=ISSUER, api_runs_jobs=False
    )
    async with serve(create_app(settings)) as client:
        client.headers["Authorization"] = f"Bearer {key.sign()}"
        yield client


async def get_plan(client: httpx.AsyncClient) -> httpx.Response:
    return await client.get(f"/v1/plans/{uuid4()}")


async def get_many(client: httpx.AsyncClient) -> None:
    """Twenty at once: each is told in time to come back."""

    async def get_one() -> tuple[httpx.Response, float]:
        started = time.monotonic()
        return await get_plan(client), time.monotonic() - started

    for answer, seconds in await asyncio.gather(*(get_one() for _ in range(20))):
        assert (answer.status_code, answer.json()["code"]) == (503, "supabase_unavailable")
        assert int(answer.headers["Retry-After"]) >= 1
        assert seconds < SLOW_MACHINE


async def works(client: httpx.AsyncClient) -> bool:
    return (await get_plan(client)).status_code == 404


async def test_while_supabase_hangs_everybody_is_told_in_time_and_few_calls_reach_it(
    client: httpx.AsyncClient, supabase: StandIn
) -> None:
    assert await works(client)
    supabase.reply = None
    supabase.calls.clear()
    await get_many(client)
    assert supabase.calls[TABLE] == 20
    for _ in range(5):
        await get_many(client)
    assert supabase.calls[TABLE] <= 20 + 5, "of each twenty, at most one tries"
    supabase.reply = Reply("[]")
    await eventually(lambda: works(client))
    assert all(await asyncio.gather(*(works(client) for _ in range(20))))


async def test_a_start_while_everything_hangs(
    key: SigningKey, supabase: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supajobs.auth.FETCH_TIMEOUT", 1.0)
    keys, reply = supabase.keys, supabase.reply
    supabase.keys = supabase.reply = None
    settings = make_settings(supabase_url=supabase.url, supabase_jwt_issuer=ISSUER)
    async with serve(create_app(settings)) as client:
        client.headers["Authorization"] = f"Bearer {key.sign()}"
        await get_many(client)
        assert supabase.calls[JWKS] == 1
        assert (await client.get("/health")).status_code == 200
        supabase.keys, supabase.reply = keys, reply
        await eventually(lambda: works(client), within=30)


@pytest.mark.parametrize(
    "nonsense",
    [
        Reply("<html>We will be back soon</html>", headers={"Content-Type": "text/html"}),
        Reply('[{"id": '),
        Reply(""),
        Reply("null"),
        Reply('{"message": "hello"}'),
        Reply('[{"id": "secret param"}]'),
        Reply("", HTTPStatus.NO_CONTENT, {}),
        Reply("<html>Blocked</html>", HTTPStatus.FORBIDDEN, {"Content-Type": "text/html"}),
        Reply('{"message": "slow down"}', HTTPStatus.TOO_MANY_REQUESTS),
        Reply('{"code": "25006", "message": "read-only"}', HTTPStatus.METHOD_NOT_ALLOWED),
        Reply('{"code": "PGRST301", "message": "JWSError"}', HTTPStatus.UNAUTHORIZED),
        Reply('{"message": "Invalid API key"}', HTTPStatus.UNAUTHORIZED),
        Reply('{"code": "42501", "message": "permission denied"}', HTTPStatus.FORBIDDEN),
        Reply('{"code": "PGRST202", "message": "no function"}', HTTPStatus.NOT_FOUND),
    ],
    ids=lambda reply: f"{reply.status} {reply.body}",
)
async def test_nonsense_is_an_outage_and_not_a_crash(
    client: httpx.AsyncClient,
    supabase: StandIn,
    nonsense: Reply,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert await works(client)
    supabase.reply = nonsense
    answers = await asyncio.gather(
        get_plan(client),
        client.get(f"/v1/jobs/{uuid4()}"),
        client.post("/v1/jobs", json=REQUEST),
        client.get("/v1/jobs/active?job_type=training_plan"),
        client.delete(f"/v1/jobs/{uuid4()}"),
        client.get("/health/ready"),
    )
    told = {(answer.status_code, answer.json()["code"]) for answer in answers}
    assert told == {(503, "supabase_unavailable")}
    assert all("Retry-After" in answer.headers for answer in answers)
    assert "secret param" not in capsys.readouterr().out + "".join(a.text for a in answers)


async def test_what_a_gateway_asks_for_is_passed_on(
    client: httpx.AsyncClient, supabase: StandIn
) -> None:
    supabase.reply = Reply("", HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": "17"})
    answer = await get_plan(client)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "17")


@pytest.mark.parametrize("loss", list(Loss)[:3])
async def test_a_lost_call_is_made_again_and_makes_one_job(
    stack: StackInfo, person: Person, sql: Sql, loss: Loss
) -> None:
    async with lossy_proxy(stack.api_url, Counter()) as proxy:
        settings = make_stack_settings(
            stack,
            supabase_url=proxy.url,
            supabase_jwt_issuer=f"{stack.api_url}/auth/v1",
            api_runs_jobs=False,
        )
        async with serve(create_app(settings)) as client:
            proxy.lose("enqueue_plan_job", loss)
            created = await client.post("/v1/jobs", json=REQUEST, headers=person.headers)
            assert created.status_code == 201
    rows = sql.execute("select id from plan_generation_jobs where user_id = %s", [person.id])
    assert [str(row["id"]) for row in rows.fetchall()] == [created.json()["id"]]
