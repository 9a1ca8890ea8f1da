import re
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI, Response
from tests.parts import PROJECT, Person, enqueue, make_processor
from tests.serving import serve_plain
from tests.shown import GUIDE

import supajobs
from supajobs.outcomes import Failed, JobError
from supajobs.queue.job_queue import JobQueue
from supajobs.worker import verdicts
from supajobs.worker.verdicts import classify

SOURCES = PROJECT / "src" / "supajobs"
ROW = re.compile(r"^\| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)
KNOWN: Mapping[str, Any] = {
    **{name: getattr(supajobs, name) for name in supajobs.__all__ if name.endswith("Error")},
    "httpx": httpx,
}


def read_table() -> list[tuple[str, str, str]]:
    """What is raised, what the user reads, and when it is tried again; one exception a row."""
    _, *rows = ROW.findall((GUIDE / "errors.md").read_text())
    return [
        (raised, read, again)
        for cell, read, again in rows
        for raised in re.findall(r"`raise_for_status\(\)` of \d+|`[^`]+`", cell)
    ]


def make_error(raised: str) -> Exception:
    if "raise_for_status" not in raised:
        return eval(raised.strip("`"), dict(KNOWN))  # noqa: S307 - our own page
    answer = httpx.Response(
        int(raised.rsplit(maxsplit=1)[-1]),
        headers={"Retry-After": "7"},
        request=httpx.Request("GET", "https://example.com"),
    )
    with pytest.raises(httpx.HTTPStatusError) as caught:
        answer.raise_for_status()
    return caught.value


def tell_when(failed: Failed) -> str:
    if not failed.retryable:
        return "no"
    if failed.retry_after == 0:
        return "at once"
    told: dict[float | None, str] = {
        None: "after the backoff",
        7: "after the backoff, and not before its `Retry-After`",
        30: "after the backoff, and not within 30 s",
    }
    return told[failed.not_before]


@pytest.mark.parametrize(("raised", "read", "again"), read_table())
def test_the_table_is_true(raised: str, read: str, again: str) -> None:
    failed = classify(make_error(raised))
    assert tell_when(failed) == again
    assert read in (f"`{failed.error.code}`", "your message and code")
    if read.startswith("your"):
        assert (failed.error.code, failed.error.message) == ("…", "…")


def test_the_table_has_rows() -> None:
    assert len(read_table()) == 11


def list_codes() -> set[str]:
    """Of errors that jobs end with, but for those of handlers."""
    codes = {
        each.error.code if isinstance(each, Failed) else each.code
        for each in vars(verdicts).values()
        if isinstance(each, Failed | JobError)
    }
    for name in ("waits.py", "queue/job_queue.py"):
        codes.update(re.findall(r'code="(\w+)"', (SOURCES / name).read_text()))
    for name in ("13_settle", "14_sweep", "23_flows", "26_follow_ups"):
        sql = (PROJECT / "supabase" / "schemas" / f"{name}.sql").read_text()
        codes.update(re.findall(r"'code', '(\w+)'", sql))
        for listed in re.findall(r"'code' in \(([^)]+)\)", sql):
            codes.update(re.findall(r"\w+", listed))
    return codes - {"parent_"} | {f"parent_{end}" for end in ("failed", "cancelled", "deleted")}


def test_each_code_of_a_failed_job_has_a_row() -> None:
    codes = list_codes()
    _, after = (GUIDE / "errors.md").read_text().split("## What each code means")
    rows = re.findall(r"^\| (`.+?`) \| ", after.partition("\n## ")[0], re.MULTILINE)
    assert {"worker_lost", "nothing_stores_it", "provider_key_gone", "internal_error"} <= codes
    assert {code for row in rows for code in re.findall(r"`(\w+)`", row)} == codes


async def answer_translation(wish: dict[str, str], response: Response) -> str:
    """A translator that is busy in French, and has no Klingon."""
    response.status_code = {"fr": 429, "tlh": 422}.get(wish["language"], 200)
    response.headers["Retry-After"] = "100"
    return f"{wish['text']}, in {wish['language']}"


@pytest.mark.usefixtures("rows")
async def test_the_handler_ends_as_its_page_says(
    load: Callable[[str], Any],
    queue: JobQueue,
    person: Person,
    read_job: Callable[[UUID], Mapping[str, Any]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    translator = FastAPI()
    translator.post("/translate")(answer_translation)
    async with serve_plain(translator) as client:
        monkeypatch.setenv("TRANSLATOR_URL", str(client.base_url))
        translation = load("translations").translation
        well, busy, refused = [
            await enqueue(queue, person, translation.name, text="Fox", language=language)
            for language in ("de", "fr", "tlh")
        ]
        await make_processor(queue, translation).drain()
    assert (read_job(well)["status"], read_job(well)["result"]) == ("completed", "Fox, in de")
    waits = read_job(busy)
    assert (waits["status"], waits["retry_count"], waits["error"]["code"]) == (
        "pending",
        1,
        "rate_limited",
    )
    assert waits["run_at"] - waits["updated_at"] > timedelta(seconds=99)
    assert read_job(refused)["status"] == "failed"
    assert read_job(refused)["error"]["code"] == "language_unknown"
