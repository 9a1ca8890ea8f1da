"""The page that `supajobs dev` serves, and how it gets there."""

from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from hatchling.builders.wheel import WheelBuilder
from tests.parts import PROJECT

from supajobs.local.page import WEB, build_page, find_page
from supajobs.local.stack import StackInfo

pytestmark = pytest.mark.timeout(600)  # the first time, it is built


def test_a_checkout_has_it_built_from_its_code() -> None:
    page = build_page()
    assert find_page() == page == (WEB / "dist").resolve()
    assert (page / "index.html").is_file()


def test_the_wheel_takes_it_along(tmp_path: Path) -> None:
    page = build_page()
    [wheel] = WheelBuilder(str(PROJECT)).build(directory=str(tmp_path), versions=["standard"])
    with ZipFile(wheel) as archive:
        shipped = {
            name.removeprefix("supajobs/local/page/"): archive.read(name)
            for name in archive.namelist()
            if name.startswith("supajobs/local/page/")
        }
        assert not [name for name in archive.namelist() if "node_modules" in name]
    files = [file for file in page.rglob("*") if file.is_file()]
    assert shipped == {str(file.relative_to(page)): file.read_bytes() for file in files}


@pytest.mark.parametrize(
    "path",
    [
        "/auth/v1/signup",
        "/auth/v1/token",
        "/auth/v1/token?grant_type=password",
        "/auth/v1/logout",
        "/auth/v1/user",
        "/rest/v1/weekly_base_plans",
    ],
)
def test_pages_from_elsewhere_may_call_supabase(stack: StackInfo, path: str) -> None:
    asked = {
        "Origin": "http://127.0.0.1:8000",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "apikey,content-type,x-supabase-api-version",
    }
    allowed = httpx.options(stack.api_url + path, headers=asked)
    assert allowed.status_code == 204
    assert allowed.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in allowed.headers["Access-Control-Allow-Methods"]
    assert (
        allowed.headers["Access-Control-Allow-Headers"] == asked["Access-Control-Request-Headers"]
    )
    nobody = {"email": "nobody@example.com", "password": "a wrong one"}
    keys = {"Origin": asked["Origin"], "apikey": stack.publishable_key}
    answer = httpx.post(stack.api_url + path, headers=keys, json=nobody)
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
