"""Who may see the operator's page, and what keeps others out."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from datetime import UTC, datetime, timedelta
from http.cookies import Morsel, SimpleCookie
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from tests.parts import CRON_SECRET, Person, make_settings
from tests.serving import serve

from supajobs.api import page
from supajobs.api.dashboard import wrong_secrets
from supajobs.api.dashboard.session_cookies import AUDIENCE, COOKIE, SessionCookies
from supajobs.app import create_app
from supajobs.local.stack import StackInfo
from supajobs.settings import Settings

LEGACY_SECRET = "a-secret-that-signs-the-tokens-of-users"
WRITES = [
    ("POST", "/jobs/count"),
    ("POST", "/jobs/change"),
    ("POST", f"/jobs/{uuid4()}/cancel"),
    ("POST", f"/jobs/{uuid4()}/retry"),
    ("PUT", f"/jobs/{uuid4()}/priority"),
    ("PATCH", "/job-types/canary"),
    ("POST", f"/schedules/{uuid4()}/run"),
    ("PATCH", f"/schedules/{uuid4()}"),
]
READS = [
    ("GET", path)
    for path in ("/now", "/hours", "/costs", "/jobs", f"/jobs/{uuid4()}", "/schedules")
]


@pytest.fixture
def settings(stack: StackInfo) -> Settings:
    return make_settings(
        stack, dashboard=True, api_runs_jobs=False, supabase_jwt_secret=LEGACY_SECRET
    )


@pytest.fixture
async def browser(settings: Settings) -> AsyncGenerator[httpx.AsyncClient]:
    """One that has not signed in."""
    async with serve(create_app(settings)) as client:
        yield client


async def sign_in(browser: httpx.AsyncClient, secret: str = CRON_SECRET) -> httpx.Response:
    return await browser.post("/dashboard/session", json={"secret": secret})


def read_cookie(answer: httpx.Response) -> Morsel[str]:
    return SimpleCookie(answer.headers["Set-Cookie"])[COOKIE]


@pytest.fixture
def make_token(settings: Settings) -> Callable[..., dict[str, str]]:
    """The headers of a user, whose token says this of it."""

    def make_token(**claims: Any) -> dict[str, str]:
        known = {
            "sub": str(uuid4()),
            "aud": "authenticated",
            "iss": settings.jwt_issuer,
            "role": "authenticated",
            "exp": datetime.now(UTC) + timedelta(hours=1),
        }
        token = jwt.encode({**known, **claims}, LEGACY_SECRET, "HS256")
        return {"Authorization": f"Bearer {token}"}

    return make_token


async def test_without_a_session_there_is_nothing(browser: httpx.AsyncClient) -> None:
    trigger = {"Authorization": f"Bearer {CRON_SECRET}"}
    for method, path in READS + WRITES:
        for headers in ({}, trigger):
            refused = await browser.request(method, f"/dashboard/api{path}", headers=headers)
            assert refused.status_code == 401
            assert refused.json()["code"] == "dashboard_session_required"
            assert refused.headers["Content-Type"] == "application/problem+json"


async def test_the_secret_is_traded_for_a_cookie(browser: httpx.AsyncClient) -> None:
    answer = await sign_in(browser)
    assert (answer.status_code, answer.content) == (204, b"")
    cookie = read_cookie(answer)
    assert cookie["httponly"]
    assert not cookie["secure"]  # it came by http
    assert cookie["samesite"].lower() == "strict"
    assert cookie["path"] == "/dashboard"
    assert 43_190 < int(cookie["max-age"]) <= 43_200
    claims = jwt.decode(cookie.value, options={"verify_signature": False})
    assert (claims.keys(), claims["sub"]) == ({"aud", "exp", "sub"}, "secret")
    assert CRON_SECRET not in str(claims)
    assert (await browser.get("/dashboard/api/jobs")).status_code == 200


async def test_over_https_the_cookie_is_for_https_alone(browser: httpx.AsyncClient) -> None:
    answer = await browser.post(
        "/dashboard/session",
        json={"secret": CRON_SECRET},
        headers={"X-Forwarded-Proto": "https"},  # from 127.0.0.1, which is believed
    )
    assert read_cookie(answer)["secure"]


async def test_who_signs_out_has_no_cookie(browser: httpx.AsyncClient) -> None:
    await sign_in(browser)
    answer = await browser.delete("/dashboard/session")
    assert answer.status_code == 204
    assert (await browser.get("/dashboard/api/jobs")).status_code == 401


async def test_a_wrong_secret_opens_nothing(browser: httpx.AsyncClient) -> None:
    for secret in ("", "wrong", CRON_SECRET[:-1], "é" * 20):
        refused = await sign_in(browser, secret)
        assert (refused.status_code, refused.json()["code"]) == (401, "wrong_secret")
        assert "Set-Cookie" not in refused.headers


async def test_what_is_no_secret_is_refused(browser: httpx.AsyncClient) -> None:
    bad: list[dict[str, Any]] = [{}, {"secret": 1}, {"secret": "x" * 1001}]
    for body in (*bad, {"secret": CRON_SECRET, "more": 1}):
        refused = await browser.post("/dashboard/session", json=body)
        assert (refused.status_code, refused.json()["code"]) == (422, "invalid_request")


async def test_guesses_wait_and_hold_nobody_up(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wrong_secrets, "FIRST_DELAY", 60.0)
    monkeypatch.setattr(wrong_secrets, "MAX_DELAY", 60.0)
    monkeypatch.setattr(wrong_secrets, "MAX_WAITING", 2)
    guesses = [asyncio.create_task(sign_in(browser, "wrong")) for _ in range(3)]
    done, waiting = await asyncio.wait(guesses, return_when=asyncio.FIRST_COMPLETED)
    [refused] = [guess.result() for guess in done]
    assert (refused.status_code, refused.json()["code"]) == (429, "too_many_guesses")
    assert refused.headers["Retry-After"] == "2"
    assert len(waiting) == 2
    assert (await browser.get("/health")).status_code == 200
    right = await sign_in(browser)  # nor is the right one looked at, which guesses might be
    assert right.status_code == 429
    for guess in waiting:
        guess.cancel()
    await asyncio.wait(waiting)


async def test_each_guess_waits_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def note(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", note)
    wrong = wrong_secrets.WrongSecrets()
    for _ in range(7):
        await wrong.wait()
    assert slept == [0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0]


async def test_an_admin_comes_in_by_token_until_it_ends(
    browser: httpx.AsyncClient, make_token: Callable[..., dict[str, str]]
) -> None:
    ends_at = datetime.now(UTC) + timedelta(minutes=30)
    user_id = str(uuid4())
    admin = make_token(app_metadata={"role": "admin"}, exp=ends_at, sub=user_id)
    answer = await browser.post("/dashboard/session", headers=admin)
    assert answer.status_code == 204
    cookie = read_cookie(answer)
    assert int(cookie["max-age"]) <= 1800
    claims = jwt.decode(cookie.value, options={"verify_signature": False})
    assert (claims["exp"], claims["sub"]) == (int(ends_at.timestamp()), user_id)
    assert (await browser.get("/dashboard/api/jobs")).status_code == 200
    long = make_token(app_metadata={"role": "admin"}, exp=datetime.now(UTC) + timedelta(days=30))
    answer = await browser.post("/dashboard/session", headers=long)
    assert int(read_cookie(answer)["max-age"]) <= 43_200


async def test_others_do_not(
    browser: httpx.AsyncClient,
    person: Person,
    stack: StackInfo,
    make_token: Callable[..., dict[str, str]],
) -> None:
    for headers, status, code in (
        ({}, 401, "not_authenticated"),
        (person.headers, 403, "not_operator"),
        (make_token(user_metadata={"role": "admin"}), 403, "not_operator"),
        (make_token(app_metadata={"role": "admin"}, role="anon"), 403, "role_refused"),
        (
            make_token(app_metadata={"role": "admin"}, exp=datetime.now(UTC) - timedelta(hours=1)),
            401,
            "not_authenticated",
        ),
        ({"Authorization": f"Bearer {stack.publishable_key}"}, 401, "not_authenticated"),
        ({"Authorization": f"Bearer {CRON_SECRET}"}, 401, "not_authenticated"),
    ):
        refused = await browser.post("/dashboard/session", headers=headers)
        assert (refused.status_code, refused.json()["code"]) == (status, code)
        assert "Set-Cookie" not in refused.headers


async def test_cookies_of_others_are_none(browser: httpx.AsyncClient) -> None:
    good = read_cookie(await sign_in(browser)).value
    browser.cookies.clear()
    head, payload, signature = good.split(".")
    in_an_hour = datetime.now(UTC) + timedelta(hours=1)
    claims = {"aud": AUDIENCE, "exp": in_an_hour, "sub": "secret"}
    unsigned = jwt.encode(claims, "", algorithm="none")
    forged = (
        "",
        "x",
        good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        f"{head}.{payload[:-2]}xx.{signature}",
        unsigned,
        jwt.encode(claims, CRON_SECRET.ljust(32), "HS256"),  # the secret itself is not the key
        jwt.encode({**claims, "aud": "authenticated"}, LEGACY_SECRET, "HS256"),
    )
    for value in forged:
        refused = await browser.get("/dashboard/api/jobs", headers={"Cookie": f"{COOKIE}={value}"})
        assert (refused.status_code, value) == (401, value)
    answer = await browser.get("/dashboard/api/jobs", headers={"Cookie": f"{COOKIE}={good}"})
    assert answer.status_code == 200


async def test_a_session_ends_with_its_time_and_with_its_secret(
    browser: httpx.AsyncClient, stack: StackInfo, settings: Settings
) -> None:
    def sign(ends_in: timedelta) -> dict[str, str]:
        cookie = SessionCookies(settings).write("secret", datetime.now(UTC) + ends_in)
        return {"Cookie": f"{COOKIE}={cookie}"}

    good = sign(timedelta(hours=1))
    assert (await browser.get("/dashboard/api/jobs", headers=good)).status_code == 200
    refused = await browser.get("/dashboard/api/jobs", headers=sign(timedelta(seconds=-1)))
    assert (refused.status_code, refused.json()["code"]) == (401, "dashboard_session_required")
    changed = make_settings(stack, dashboard=True, cron_secret="another-secret-of-this-server")
    async with serve(create_app(changed)) as other:
        refused = await other.get("/dashboard/api/jobs", headers=good)
    assert refused.status_code == 401


async def test_other_sites_change_nothing(browser: httpx.AsyncClient) -> None:
    await sign_in(browser)

    async def write(**options: Any) -> set[tuple[int, str]]:
        answers = [
            await browser.request(method, f"/dashboard/api{path}", **options)
            for method, path in WRITES
        ]
        return {(answer.status_code, answer.json().get("code", "")) for answer in answers}

    for site in ("cross-site", "same-site", "none"):
        refused = await write(json={}, headers={"Sec-Fetch-Site": site})
        assert refused == {(403, "foreign_request")}
    for kind in ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data; x=1"):
        refused = await write(content="{}", headers={"Content-Type": kind})
        assert refused == {(415, "json_required")}
    assert await write() == {(415, "json_required")}
    allowed = await write(json={}, headers={"Sec-Fetch-Site": "same-origin"})
    assert {status for status, _ in allowed} == {200, 404, 422}


async def test_other_sites_sign_nobody_in_or_out(browser: httpx.AsyncClient) -> None:
    headers = {"Sec-Fetch-Site": "cross-site"}
    for refused in (
        await browser.post("/dashboard/session", json={"secret": CRON_SECRET}, headers=headers),
        await browser.delete("/dashboard/session", headers=headers),
    ):
        assert (refused.status_code, refused.json()["code"]) == (403, "foreign_request")
        assert "Set-Cookie" not in refused.headers


async def test_its_page_is_sent_to_whoever_asks(stack: StackInfo, tmp_path: Path) -> None:
    (tmp_path / "assets").mkdir()
    (tmp_path / "dashboard.html").write_text("<!doctype html><title>Operator</title>")
    (tmp_path / "assets" / "dashboard-1a.js").write_text("1")
    settings = make_settings(stack, dashboard=True, page_dir=tmp_path)
    async with serve(create_app(settings)) as client:
        sent = await client.get("/dashboard")
        assert (sent.status_code, sent.text) == (200, "<!doctype html><title>Operator</title>")
        assert (await client.get("/assets/dashboard-1a.js")).text == "1"
    assert sent.headers["Content-Type"] == "text/html; charset=utf-8"
    assert sent.headers["X-Content-Type-Options"] == "nosniff"
    policy = sent.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


async def test_a_page_of_the_users_own_does_not_take_its_place(
    stack: StackInfo, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own, built = tmp_path / "own", tmp_path / "built"
    for folder, name in ((own, "index"), (built, "dashboard")):
        (folder / "assets").mkdir(parents=True)
        (folder / f"{name}.html").write_text(name)
        (folder / "assets" / f"{name}-1a.js").write_text(name)
    monkeypatch.setattr(page, "BUILT", (built,))
    settings = make_settings(stack, dashboard=True, page_dir=own)
    async with serve(create_app(settings)) as client:
        for path, name in (("/", "index"), ("/dashboard", "dashboard")):
            assert (await client.get(path)).text == name
            assert (await client.get(f"/assets/{name}-1a.js")).text == name
        assert (await client.get("/assets/other.js")).status_code == 404
    without = make_settings(stack, dashboard=True)
    async with serve(create_app(without)) as client:
        assert (await client.get("/")).status_code == 404
        assert (await client.get("/dashboard")).text == "dashboard"


async def test_where_it_was_not_built_it_says_what_to_do(
    browser: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(page, "BUILT", (tmp_path / "missing", tmp_path))
    missing = await browser.get("/dashboard")
    assert (missing.status_code, missing.json()["code"]) == (404, "dashboard_not_built")
    assert "scripts/page" in missing.json()["hint"]
