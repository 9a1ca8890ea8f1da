"""What Supabase's answers, good and bad, become; the wire is faked, supabase-py is real."""

import json
import traceback
from collections.abc import AsyncGenerator, Generator
from typing import Any
from uuid import uuid4

import httpx
import pytest
import respx
from tests.test_auth import ORIGIN, make_settings

from supajobs.database import Database
from supajobs.errors import (
    NotAuthenticatedError,
    SupabaseRefusedError,
    SupabaseUnavailableError,
    SupajobsError,
)
from supajobs.queue import JobQueue

CLEANUP = f"{ORIGIN}/rest/v1/rpc/cleanup_expired_plan_jobs"


@pytest.fixture
async def queue() -> AsyncGenerator[JobQueue]:
    database = Database(make_settings(), patience=2)
    yield JobQueue(database)
    await database.close()


@pytest.fixture
def route() -> Generator[respx.Route]:
    with respx.mock() as router:
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
    ],
    ids=repr,
)
async def test_outages_are_waited_out(queue: JobQueue, route: respx.Route, trouble: Any) -> None:
    route.side_effect = [trouble, trouble, httpx.Response(200, json={"deleted": 0})]
    assert await queue.cleanup() == 0
    assert route.call_count == 3


async def test_a_long_outage_ends_the_patience(queue: JobQueue, route: respx.Route) -> None:
    route.side_effect = httpx.ConnectError("refused")
    with pytest.raises(SupabaseUnavailableError):
        await queue.cleanup()
    assert route.call_count > 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (
            (400, {"code": "23514", "message": "violates", "details": "(a param)"}),
            SupabaseRefusedError,
        ),
        ((401, {"message": "Invalid API key"}), SupabaseRefusedError),
        ((401, {"code": "PGRST303", "message": "JWT expired"}), NotAuthenticatedError),
        ((404, {"code": "PGRST202", "message": "no function"}), SupabaseRefusedError),
    ],
)
async def test_refusals_are_not_repeated(
    queue: JobQueue,
    route: respx.Route,
    answer: tuple[int, dict[str, str]],
    error: type[SupajobsError],
) -> None:
    status, body = answer
    route.respond(status, json=body)
    with pytest.raises(error) as refused:
        await queue.cleanup()
    assert route.call_count == 1
    assert "a param" not in "".join(traceback.format_exception(refused.value))


async def test_a_user_reads_with_their_own_token() -> None:
    database = Database(make_settings(), patience=2)
    with respx.mock() as router:
        route = router.get(f"{ORIGIN}/rest/v1/plan_generation_jobs").respond(json=[])
        query = database.as_user("user-token").from_("plan_generation_jobs").select("id")
        await query.eq("id", str(uuid4())).execute()
    headers = route.calls.last.request.headers
    assert headers["authorization"] == "Bearer user-token"
    assert headers["apikey"] == "sb_publishable_x"
    await database.close()
