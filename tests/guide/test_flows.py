from collections.abc import Callable
from typing import Any

import pytest
from pydantic import JsonValue
from tests.parts import Person, Sql, make_processor, make_settings

from supajobs.app import find_wiring
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue
from supajobs.testing import run_inline

pytestmark = pytest.mark.usefixtures("rows")

TOLD: dict[str, JsonValue] = {"told": {"text": "Once upon a time, there was a Fox."}}


async def test_the_audio_comes_after_the_story(
    load: Callable[[str], Any],
    stack: StackInfo,
    person: Person,
    sql: Sql,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)
    flow = load("flow")
    flow.jobs.settings = make_settings(stack, api_runs_jobs=False)
    async with flow.jobs, find_wiring(flow.jobs).open_worker() as worker:
        sound = await flow.order(person.id)
        assert sound.is_held
        at_once = await flow.order_at_once(person.id)
        assert (await worker.processor.drain())["completed"] == 4
    rows = sql.execute(
        "select id, result from plan_generation_jobs where user_id = %s", [person.id]
    ).fetchall()
    results = {row["id"]: row["result"] for row in rows}
    assert (results[sound.id], results[at_once[1]]["told"]) == (TOLD, TOLD["told"])


async def test_a_book_asks_for_its_picture_and_its_audio(
    load: Callable[[str], Any],
    stack: StackInfo,
    person: Person,
    sql: Sql,
    queue: JobQueue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)
    flow, page = load("flow"), load("picture_book")
    await queue.enqueue(user_id=person.id, job_type="flow.book", params={"hero": "Fox"})
    processor = make_processor(queue, page.book, page.picture, flow.audio)
    assert await processor.drain() == {"completed": 3}
    rows = sql.execute(
        "select id, job_type, result from plan_generation_jobs where user_id = %s", [person.id]
    ).fetchall()
    results = {row["job_type"]: row["result"] for row in rows}
    ids = {row["job_type"]: str(row["id"]) for row in rows}
    assert results["flow.picture"] == "https://example.com/Fox.png"
    assert results["flow.book"]["picture"] == ids["flow.picture"]
    assert results["flow.audio"] == {"told": results["flow.book"]}


async def test_a_unit_test_sees_what_was_asked_for(
    load: Callable[[str], Any], stack: StackInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)
    page = load("picture_book")
    run = await run_inline(page.book, page.StoryRequest(hero="Fox"))
    assert [request["job_type"] for request in run.then] == ["flow.audio"]
    assert run.enqueued["picture"]["params"] == {"hero": "Fox"}


async def test_a_unit_test_gives_the_text(
    load: Callable[[str], Any], stack: StackInfo, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)
    flow = load("flow")
    run = await run_inline(flow.audio, flow.AudioRequest(), parents={"text": TOLD["told"]})
    assert run.result == TOLD
