import httpx
from tests.parts import Person, make_settings
from tests.serving import serve

from supajobs.app import create_app
from supajobs.local.stack import StackInfo

NOBODY_LISTENS = "http://127.0.0.1:9"


async def test_health_and_readiness(api: httpx.AsyncClient) -> None:
    for prefix in ("", "/v1", "/api/v1"):
        assert (await api.get(f"{prefix}/health")).json() == {"status": "ok"}
        assert (await api.get(f"{prefix}/health/ready")).json() == {"status": "ready"}


async def test_an_unreachable_supabase_is_said_and_survived(
    stack: StackInfo, person: Person
) -> None:
    settings = make_settings(stack, supabase_url=NOBODY_LISTENS)
    async with serve(create_app(settings)) as client:
        assert (await client.get("/health")).status_code == 200
        for url in ("/health/ready", f"/v1/jobs/{person.id}"):
            answer = await client.get(url, headers=person.headers)
            assert (answer.status_code, answer.json()["code"]) == (503, "supabase_unavailable")
            assert answer.headers["Retry-After"]


async def test_unknown_addresses_and_methods_are_problems_too(api: httpx.AsyncClient) -> None:
    missing = await api.get("/v1/nothing")
    assert (missing.status_code, missing.json()["code"]) == (404, "not_found")
    wrong = await api.put("/health")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert missing.headers["Content-Type"] == "application/problem+json"
    assert missing.json()["trace_id"] == missing.headers["X-Trace-Id"]
