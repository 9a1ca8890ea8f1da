"""What Supabase's answers, good and bad, become; the wire is faked, supabase-py is real."""

import asyncio
import json
import math
import time
import traceback
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from uuid import uuid4

import httpx
import pytest
import respx
from pydantic import TypeAdapter
from tests.serving import eventually
from tests.stand_in import Reply, StandIn, stand_in
from tests.test_auth import ORIGIN, make_settings
from tests.wire import ProjectMocker

from supajobs.errors import (
    NotAuthenticatedError,
    ServerBusyError,
    SupabaseRefusedError,
    SupabaseUnavailableError,
    SupajobsError,
    UserGoneError,
)
from supajobs.queue.breaker import MAX_FAILURES, OPEN_SECONDS, Breaker
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

CLEANUP = f"{ORIGIN}/rest/v1/rpc/cleanup_expired_plan_jobs"
CLEANED = httpx.Response(200, json={"deleted": 0})
DOWN = httpx.Response(503, headers={"Retry-After": "99"})  # more than anybody's patience


class Unasked:
    """A query that must not be sent."""

    async def execute(self) -> Any:
        pytest.fail("it was sent")


@pytest.fixture
async def database() -> AsyncGenerator[Database]:
    database = Database(make_settings(), patience=2)
    yield database
    await database.close()


@pytest.fixture
def queue(database: Database) -> JobQueue:
    return JobQueue(database)


@pytest.fixture
async def guarded_queue() -> AsyncGenerator[JobQueue]:
    """One with a circuit breaker."""
    database = Database(make_settings(), patience=2, breaker=Breaker())
    yield JobQueue(database)
    await database.close()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Moves the clock that the circuit breaker goes by, and no other."""
    now = [1000.0]
    monkeypatch.setattr("supajobs.queue.breaker.monotonic", lambda: now[0])

    def advance(seconds: float) -> None:
        now[0] += seconds

    return advance


@pytest.fixture
def route() -> Generator[respx.Route]:
    with respx.mock(using=ProjectMocker.name) as router:
        yield router.post(CLEANUP)


async def test_calls_carry_the_secret_key(queue: JobQueue, route: respx.Route) -> None:
    route.respond(json={"deleted": 3})
    assert await queue.cleanup(max_rows=7) == 3
    request = route.calls.last.request
    assert request.headers["apikey"] == "sb_secret_x"
    assert json.loads(request.content) == {"p_max_rows": 7}


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.RemoteProtocolError("cut off"),
        httpx.Response(502, text="<html>Bad gateway</html>"),
        httpx.Response(503, json={"code": "PGRST002", "message": "schema cache"}),
        httpx.Response(500, json={"code": "57014", "message": "statement timeout"}),
        httpx.Response(429, json={"message": "rate limited"}),
        httpx.Response(200, text="<html>We will be back soon</html>"),
        httpx.Response(200, headers={"Content-Type": "application/json"}),
        httpx.Response(204),
        httpx.Response(302, headers={"Location": "https://elsewhere.test"}),
        httpx.Response(403, text="<html>Checking your browser</html>"),
        httpx.Response(520, text="<html>Web server is returning an unknown error</html>"),
        httpx.Response(400, json={"code": "0A000", "message": "cached plan must not change"}),
        httpx.Response(400, json={"code": "55P03", "message": "could not obtain lock"}),
        httpx.Response(401, json={"message": "Invalid API key"}),
        httpx.Response(401, json={"code": "PGRST301", "message": "JWSError"}),
        httpx.Response(401, json={"code": "PGRST303", "message": "JWT expired"}),
        httpx.Response(402, json={"message": "Project over its quota"}),
        httpx.Response(403, json={"code": "42501", "message": "permission denied"}),
        httpx.Response(404, json={"code": "PGRST202", "message": "no function"}),
        httpx.Response(405, json={"code": "25006", "message": "read-only transaction"}),
        httpx.Response(409, json={"code": "40001", "message": "could not serialize"}),
    ],
    ids=repr,
)
async def test_outages_are_waited_out(queue: JobQueue, route: respx.Route, trouble: Any) -> None:
    route.side_effect = [trouble, trouble, httpx.Response(200, json={"deleted": 0})]
    assert await queue.cleanup() == 0
    assert route.call_count == 3


async def test_a_long_outage_ends_the_patience(queue: JobQueue, route: respx.Route) -> None:
    route.side_effect = httpx.ConnectError("refused")
    with pytest.raises(SupabaseUnavailableError) as unavailable:
        await queue.cleanup()
    assert route.call_count > 1
    assert unavailable.value.headers["Retry-After"]


async def test_who_asks_to_be_left_alone_for_a_while_is(
    queue: JobQueue, route: respx.Route
) -> None:
    route.side_effect = [httpx.Response(429, headers={"Retry-After": "1"}), CLEANED]
    started = time.monotonic()
    assert await queue.cleanup() == 0
    assert time.monotonic() - started >= 1


async def test_who_asks_to_be_left_alone_for_longer_is_not_asked_again(
    queue: JobQueue, route: respx.Route
) -> None:
    for status in (429, 503):
        route.reset()
        route.respond(status, headers={"Retry-After": "33"})
        with pytest.raises(SupabaseUnavailableError) as unavailable:
            await queue.cleanup()
        assert unavailable.value.headers["Retry-After"] == "33"
        assert route.call_count == 1


async def test_a_supabase_that_hangs_ends_the_patience_as_well() -> None:
    async with stand_in() as supabase:
        supabase.reply = None
        database = Database(make_settings(supabase_url=supabase.url), patience=1)
        queue = JobQueue(database)
        # More than there are connections: those that get none are not forgotten either.
        answers = await asyncio.gather(
            *(queue.cleanup() for _ in range(150)), return_exceptions=True
        )
        assert {type(answer) for answer in answers} == {SupabaseUnavailableError, ServerBusyError}
        supabase.reply = Reply('{"deleted": 0}')
        assert await queue.cleanup() == 0
        await database.close()


@pytest.mark.parametrize(
    "body",
    ['{"deleted": 3', "[]", "null", "5", '"secret param"', "{}", '{"deleted": "secret param"}'],
)
async def test_an_answer_of_another_shape_is_none_and_is_not_repeated_in_the_log(
    queue: JobQueue, route: respx.Route, body: str
) -> None:
    route.respond(200, text=body, content_type="application/json")
    with pytest.raises(SupabaseUnavailableError) as unavailable:
        await queue.cleanup()
    assert route.call_count == 1
    told = traceback.format_exception(unavailable.value)
    assert "another shape" in "".join(told)
    assert "secret param" not in "".join(told)


async def test_the_reason_of_a_long_outage_is_the_latest_answer(
    queue: JobQueue, route: respx.Route
) -> None:
    route.respond(405, json={"code": "25006", "message": "cannot execute UPDATE"})
    with pytest.raises(SupabaseUnavailableError) as unavailable:
        await queue.cleanup()
    assert unavailable.value.sqlstate == "25006"
    assert "25006: cannot execute UPDATE (405)" in unavailable.value.reason


@pytest.mark.parametrize(
    ("status", "refusal"),
    [
        (401, {"message": "Invalid API key"}),
        (401, {"code": "PGRST301", "message": "JWSError"}),
        (403, {"code": "42501", "message": "permission denied for function"}),
    ],
)
async def test_a_refused_key_of_ours_is_a_reason_that_names_the_setting(
    queue: JobQueue, route: respx.Route, status: int, refusal: dict[str, str]
) -> None:
    route.respond(status, json=refusal)
    unavailable = await fail(queue)
    assert refusal["message"] in unavailable.reason
    assert "Supabase refuses the key" in unavailable.reason
    assert "Set SUPABASE_SECRET_KEY" in unavailable.reason
    assert "SUPABASE_SECRET_KEY" not in str(unavailable)  # which users of the API read
    assert "SUPABASE_SECRET_KEY" in "".join(traceback.format_exception(unavailable))


@pytest.mark.parametrize("refusal", [None, {"code": "42501", "message": "permission denied"}])
async def test_a_users_token_is_not_our_key(
    database: Database, route: respx.Route, refusal: dict[str, str] | None
) -> None:
    route.respond(403, json=refusal or {"message": "Invalid API key"})
    with pytest.raises(SupabaseUnavailableError) as unavailable:
        await database.send(
            database.as_user("token").rpc("cleanup_expired_plan_jobs", {}),
            TypeAdapter(Any),
            patience=1,
        )
    assert "SUPABASE_SECRET_KEY" not in unavailable.value.reason


async def test_a_users_token_may_expire_on_the_way(database: Database, route: respx.Route) -> None:
    route.respond(401, json={"code": "PGRST303", "message": "JWT expired"})
    with pytest.raises(NotAuthenticatedError):
        await database.send(
            database.as_user("token").rpc("cleanup_expired_plan_jobs", {}), TypeAdapter(Any)
        )
    assert route.call_count == 1


async def test_an_answer_says_more_than_the_silence_after_it(
    queue: JobQueue, route: respx.Route
) -> None:
    refused = httpx.Response(401, json={"message": "Invalid API key"})
    route.side_effect = [refused, *[httpx.ReadTimeout] * 99]
    with pytest.raises(SupabaseUnavailableError) as unavailable:
        await queue.cleanup()
    assert "Invalid API key (401)" in unavailable.value.reason
    assert route.call_count > 2


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            httpx.Response(
                400, json={"code": "23514", "message": "violates", "details": "(a param)"}
            ),
            SupabaseRefusedError,
        ),
        (httpx.Response(400, json={"code": "22P05", "message": "NUL"}), SupabaseRefusedError),
        (httpx.Response(422, json={"code": "PT422", "message": "odd"}), SupabaseRefusedError),
        (httpx.Response(409, json={"code": "23503", "message": "no such user"}), UserGoneError),
        (httpx.Response(413, text="<html>Too large</html>"), SupabaseRefusedError),
    ],
    ids=repr,
)
async def test_verdicts_are_not_repeated(
    queue: JobQueue, route: respx.Route, answer: httpx.Response, error: type[SupajobsError]
) -> None:
    route.mock(return_value=answer)
    with pytest.raises(error) as refused:
        await queue.cleanup()
    assert route.call_count == 1
    assert "a param" not in "".join(traceback.format_exception(refused.value))


async def test_a_user_reads_with_their_own_token() -> None:
    database = Database(make_settings(), patience=2)
    with respx.mock(using=ProjectMocker.name) as router:
        route = router.get(f"{ORIGIN}/rest/v1/plan_generation_jobs").respond(json=[])
        query = database.as_user("user-token").from_("plan_generation_jobs").select("id")
        await query.eq("id", str(uuid4())).execute()
    headers = route.calls.last.request.headers
    assert headers["authorization"] == "Bearer user-token"
    assert headers["apikey"] == "sb_publishable_x"
    await database.close()


async def test_what_json_cannot_hold_is_refused_before_it_is_sent(database: Database) -> None:
    unreadable: list[Any] = ["\ud800", math.nan]
    for value in unreadable:
        with pytest.raises(SupabaseRefusedError):
            await database.send(database.service.rpc("f", {"p": value}), TypeAdapter(Any))
    for value in (object(), b"\xff"):
        with pytest.raises(SupabaseRefusedError):
            await database.call("f", {"p": value}, TypeAdapter(Any))


async def fail(queue: JobQueue) -> SupabaseUnavailableError:
    with pytest.raises(SupabaseUnavailableError) as unavailable:
        await queue.cleanup()
    return unavailable.value


async def fail_in_a_row(queue: JobQueue, times: int) -> None:
    for _ in range(times):
        await fail(queue)


async def test_after_failures_in_a_row_calls_are_refused_for_a_while(
    guarded_queue: JobQueue, route: respx.Route, clock: Callable[[float], None]
) -> None:
    route.mock(return_value=DOWN)
    await fail_in_a_row(guarded_queue, MAX_FAILURES)
    route.mock(return_value=CLEANED)
    clock(1.5)
    for _ in range(20):
        refused = await fail(guarded_queue)
        assert refused.headers["Retry-After"] == str(OPEN_SECONDS - 1)
    assert route.call_count == MAX_FAILURES
    clock(OPEN_SECONDS)
    for _ in range(20):
        assert await guarded_queue.cleanup() == 0


@pytest.mark.parametrize(
    "answer",
    [
        CLEANED,
        httpx.Response(200, json="of another shape"),
        httpx.Response(400, json={"code": "23514", "message": "violates"}),
        httpx.Response(409, json={"code": "23503", "message": "no such user"}),
    ],
)
async def test_any_answer_shows_that_supabase_is_there(
    guarded_queue: JobQueue, route: respx.Route, answer: httpx.Response
) -> None:
    for _ in range(3):
        route.mock(return_value=DOWN)
        await fail_in_a_row(guarded_queue, MAX_FAILURES - 1)
        route.mock(return_value=answer)
        with suppress(SupajobsError):
            await guarded_queue.cleanup()
    assert route.call_count == 3 * MAX_FAILURES


@pytest.fixture
async def hasty() -> AsyncGenerator[Database]:
    """One with a circuit breaker, whose calls soon give up."""
    database = Database(make_settings(), patience=0.2, breaker=Breaker())
    yield database
    await database.close()


@pytest.mark.parametrize(
    "answer",
    [
        httpx.Response(400, json={"code": "55P03", "message": "could not obtain lock"}),
        httpx.Response(401, json={"message": "Invalid API key"}),
        httpx.Response(401, json={"code": "PGRST303", "message": "JWT expired"}),
        httpx.Response(403, json={"code": "42501", "message": "permission denied"}),
        httpx.Response(403, text="<html>Checking your browser</html>"),
        httpx.Response(405, json={"code": "25006", "message": "read-only transaction"}),
        httpx.Response(500, json={"code": "55P03", "message": "could not obtain lock"}),
        httpx.Response(500, json={"code": "57014", "message": "statement timeout"}),
    ],
    ids=repr,
)
async def test_what_some_calls_are_answered_does_not_stop_the_others(
    hasty: Database, route: respx.Route, answer: httpx.Response
) -> None:
    queue, user = JobQueue(hasty), hasty.as_user("user-token")
    route.mock(return_value=answer)
    for _ in range(MAX_FAILURES):
        await fail(queue)
        with pytest.raises((SupabaseUnavailableError, NotAuthenticatedError)):
            await hasty.send(user.rpc("cleanup_expired_plan_jobs", {}), TypeAdapter(Any))
    route.mock(return_value=CLEANED)
    assert await queue.cleanup() == 0


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("refused"),
        httpx.ReadTimeout("slow"),
        httpx.Response(200, text="<html>We will be back soon</html>"),
        httpx.Response(429, json={"message": "rate limited"}),
        httpx.Response(500, json={"code": "57P01", "message": "terminating connection"}),
        httpx.Response(502, text="<html>Bad gateway</html>"),
        httpx.Response(503, json={"code": "53300", "message": "too many connections"}),
        httpx.Response(503, json={"code": "PGRST002", "message": "schema cache"}),
    ],
    ids=repr,
)
async def test_silence_and_what_is_said_to_all_stop_the_others(
    hasty: Database, route: respx.Route, trouble: Any
) -> None:
    queue = JobQueue(hasty)
    route.mock(side_effect=[trouble] * 99)
    await fail_in_a_row(queue, MAX_FAILURES)
    route.mock(side_effect=None, return_value=CLEANED)
    await fail(queue)


async def test_one_call_finds_out_whether_supabase_is_back(clock: Callable[[float], None]) -> None:
    async with stand_in() as supabase:
        supabase.reply = None
        settings = make_settings(supabase_url=supabase.url)
        database = Database(settings, patience=1, breaker=Breaker())
        queue = JobQueue(database)
        await asyncio.gather(*(fail(queue) for _ in range(MAX_FAILURES)))
        for _ in range(3):
            supabase.calls.clear()
            clock(OPEN_SECONDS + 1)
            await asyncio.gather(*(fail(queue) for _ in range(20)))
            assert supabase.calls.total() == 1
        clock(OPEN_SECONDS + 1)
        supabase.reply = Reply('{"deleted": 0}')
        for _ in range(20):
            assert await queue.cleanup() == 0
        await database.close()


async def ask_and_leave(queue: JobQueue, supabase: StandIn) -> None:
    """Leaves when the call is there."""
    calls = supabase.calls.total()
    asking = asyncio.create_task(queue.cleanup())
    await eventually(lambda: supabase.calls.total() > calls)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking


async def test_a_caller_who_leaves_says_nothing_about_supabase() -> None:
    async with stand_in() as supabase:
        settings = make_settings(supabase_url=supabase.url)
        database = Database(settings, patience=60, breaker=Breaker())
        queue = JobQueue(database)
        supabase.reply = None
        for _ in range(MAX_FAILURES):
            await ask_and_leave(queue, supabase)
        supabase.reply = Reply('{"deleted": 0}')
        assert await queue.cleanup() == 0
        supabase.reply = down = Reply("", HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": "99"})
        supabase.calls.clear()
        await fail_in_a_row(queue, MAX_FAILURES - 1)
        supabase.reply = None
        await ask_and_leave(queue, supabase)
        supabase.reply = down
        await fail_in_a_row(queue, 5)
        assert supabase.calls.total() == MAX_FAILURES + 1
        await database.close()


async def test_a_crowd_of_our_own_is_told_so_and_says_nothing_about_supabase() -> None:
    async with stand_in() as supabase:
        settings = make_settings(supabase_url=supabase.url)
        database = Database(settings, patience=60, breaker=Breaker())
        queue = JobQueue(database)
        places = database._places = asyncio.Semaphore(1)  # pyright: ignore[reportPrivateUsage] - there are more, and each would take a call
        async with places:  # as if a call were on its way
            for _ in range(2 * MAX_FAILURES):
                with pytest.raises(ServerBusyError):
                    await database.send(Unasked(), TypeAdapter(Any), patience=0.03)
        supabase.reply = Reply('{"deleted": 0}')
        answers = await asyncio.gather(*(queue.cleanup() for _ in range(20)))
        assert answers == [0] * 20
        await database.close()


async def test_a_worker_tries_on(queue: JobQueue, route: respx.Route) -> None:
    route.mock(return_value=DOWN)
    await fail_in_a_row(queue, 3 * MAX_FAILURES)
    assert route.call_count == 3 * MAX_FAILURES


@pytest.mark.parametrize(
    "trouble",
    [
        httpx.ConnectError("refused"),
        httpx.Response(503, text="<html>"),
        httpx.Response(200, json="x"),
        httpx.Response(400, json={"code": "23514", "message": "violates"}),
    ],
)
async def test_keys_and_tokens_are_not_told_to_anybody(
    route: respx.Route, trouble: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    database = Database(make_settings(), patience=0.2)
    route.mock(side_effect=[trouble] * 9)
    for client in (database.as_user("secret-user-token"), database.service):
        with pytest.raises(SupajobsError) as error:
            await database.send(
                client.rpc("cleanup_expired_plan_jobs", {"p": "secret param"}), TypeAdapter(int)
            )
        told = "".join(traceback.format_exception(error.value)) + "".join(capfd.readouterr())
        for secret in ("secret-user-token", "sb_secret_x", "secret param"):
            assert secret not in told
    await database.close()
