from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pytest
from tests.parts import make_settings
from tests.serving import serve

from supajobs.app import create_app
from supajobs.local.stack import StackInfo


@pytest.fixture
async def site(stack: StackInfo, tmp_path: Path) -> AsyncGenerator[httpx.AsyncClient]:
    folder = tmp_path / "page"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>")
    (folder / "icon.svg").write_text("<svg/>")
    (folder / "assets" / "index-1a.js").write_text("1")
    (tmp_path / "secret.txt").write_text("nobody's business")
    async with serve(create_app(make_settings(stack, page_dir=folder))) as client:
        yield client


async def test_the_page_is_at_the_root_and_may_do_little(
    site: httpx.AsyncClient, stack: StackInfo
) -> None:
    page = await site.get("/")
    assert (page.status_code, page.text) == (200, "<!doctype html>")
    assert page.headers["Content-Type"] == "text/html; charset=utf-8"
    assert page.headers["Cache-Control"] == "no-cache"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    rules = page.headers["Content-Security-Policy"].split("; ")
    assert rules[0] == "default-src 'none'"
    assert f"connect-src 'self' {stack.api_url}" in rules
    assert "frame-ancestors 'none'" in rules
    assert "unsafe" not in page.headers["Content-Security-Policy"]


async def test_what_a_page_is_made_of_is_kept_for_ever(site: httpx.AsyncClient) -> None:
    script = await site.get("/assets/index-1a.js")
    assert (script.status_code, script.text) == (200, "1")
    assert script.headers["Content-Type"].startswith("text/javascript")
    assert script.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert (await site.head("/assets/index-1a.js")).status_code == 200
    again = await site.get("/", headers={"If-None-Match": (await site.get("/")).headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-cache")
    assert (await site.get("/icon.svg")).headers["Content-Type"] == "image/svg+xml"


async def test_it_is_told_where_supabase_is_and_no_secret(
    site: httpx.AsyncClient, stack: StackInfo
) -> None:
    assert (await site.get("/config.json")).json() == {
        "supabase_url": stack.api_url,
        "publishable_key": stack.publishable_key,
        "job_families": ["training_plan"],
    }


@pytest.mark.parametrize(
    "path",
    [
        "/assets/missing.js",
        "/assets/..%2Findex.html",
        "/assets/..%2F..%2Fsecret.txt",
        "/assets/%2Fetc%2Fpasswd",
        "/assets/..%5C..%5Csecret.txt",
        "/index.html",
    ],
)
async def test_there_is_nothing_else(site: httpx.AsyncClient, path: str) -> None:
    answer = await site.get(path)
    assert answer.status_code == 404
    assert answer.headers["Content-Type"] == "application/problem+json"


async def test_without_the_setting_there_is_no_page(api: httpx.AsyncClient) -> None:
    for path in ("/", "/config.json", "/icon.svg", "/assets/index-1a.js"):
        answer = await api.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
