import asyncio
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.guide.node import run_node
from tests.parts import Person, Sql
from tests.serving import serve_plain
from tests.shown import GUIDE, find_shown

from supajobs.local.stack import StackInfo

pytestmark = pytest.mark.usefixtures("rows")


@pytest.fixture
def _settings(stack: StackInfo, monkeypatch: pytest.MonkeyPatch) -> None:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    for name, value in stack.environment.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("_settings")
async def test_an_app_asks_for_jobs_and_runs_them(
    load: Callable[[str], Any], person: Person
) -> None:
    async with serve_plain(load("app").app) as client:
        refused = await client.post("/books")
        assert (refused.status_code, refused.json()["code"]) == (401, "not_authenticated")
        ordered = await client.post("/books", headers=person.headers)
        assert ordered.status_code == 200, ordered.text
        job = await wait_for_end(client, f"/background/v1/jobs/{ordered.json()}", person)
    assert job["status"] == "completed"
    assert job["result"]["chapters"][0] == "Chapter 1, in which Fox falls asleep."


@pytest.mark.usefixtures("_settings")
async def test_the_newest_draft_wins(
    load: Callable[[str], Any],
    person: Person,
    sql: Sql,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    sql.execute("update plan_job_types set dedupe_by = 'user' where job_type = 'story'")
    async with serve_plain(load("app").app) as client:
        drafts = [
            await client.put("/draft", json={"hero": hero}, headers=person.headers)
            for hero in ("Fox", "Bear")
        ]
    first, second = [draft.json() for draft in drafts]
    assert first == second
    assert read_job(UUID(first))["params"] == {"hero": "Bear", "chapters": 2}
    sql.execute("update plan_job_types set dedupe_by = null where job_type = 'story'")
    sql.execute("delete from plan_generation_jobs where id = %s", [first])


@pytest.mark.usefixtures("_settings")
async def test_an_app_looks_after_its_jobs(
    load: Callable[[str], Any], person: Person, sql: Sql
) -> None:
    app, shelf = load("app"), load("shelf")
    async with app.jobs as jobs:
        later = datetime.now(UTC) + timedelta(hours=1)
        enqueued = await jobs.enqueue(
            app.story, app.StoryRequest(hero="Fox"), user_id=person.id, run_at=later
        )
        job_id = enqueued.job.id
        assert await shelf.read_story(job_id, person.id) == "pending"
        assert await shelf.read_story(job_id, uuid4()) == "There is no such story."
        assert await jobs.queue.get_active(person.id, "story") == await jobs.get(
            job_id, user_id=person.id
        )
        again = await shelf.tell_another(job_id, person.id)
        assert (again.id, again.status) == (job_id, "pending")
    sql.execute(
        "update plan_generation_jobs set status = 'completed', completed_at = now(),"
        " result = '\"Once upon a time\"' where id = %s",
        [job_id],
    )
    async with app.jobs:
        assert await shelf.read_story(job_id, person.id) == "Once upon a time"


async def wait_for_end(client: httpx.AsyncClient, path: str, person: Person) -> Any:
    async with asyncio.timeout(60):
        while True:
            answer = await client.get(path, headers=person.headers, params={"wait": 10})
            if answer.json()["completed_at"]:
                return answer.json()


@pytest.mark.usefixtures("_settings")
async def test_a_program_asks_for_jobs(
    load: Callable[[str], Any],
    person: Person,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    [job_id] = await asyncio.to_thread(load("orders").order_for, [person.id])
    assert read_job(job_id)["params"] == {"hero": "Owl", "chapters": 2}


def test_an_order_becomes_a_job(sql: Sql, person: Person) -> None:
    order = "insert into public.orders (hero) values ('Hare')"
    with sql.transaction(force_rollback=True):
        for statement in find_shown(GUIDE / "enqueue.md", "sql"):
            sql.execute(statement.encode())
        sql.execute("update plan_job_types set max_enqueues = 1, enqueue_window_seconds = 60")
        claims = json.dumps({"sub": str(person.id)})
        sql.execute("select set_config('request.jwt.claims', %s, true)", [claims])
        sql.execute("set local role authenticated")
        sql.execute(order)
        with pytest.raises(Exception, match="You have ordered enough for now"), sql.transaction():
            sql.execute(order)
        sql.execute("reset role")
        [job] = sql.execute("select * from plan_generation_jobs where params ->> 'hero' = 'Hare'")
        assert (job["user_id"], job["job_type"], job["status"]) == (person.id, "story", "pending")


EDGE = """
import { registerHooks } from 'node:module'

registerHooks({
  resolve: (name, context, next) => next(name.replace(/^npm:(@?[^@]+)@.*$/, '$1'), context),
})
let handle
globalThis.Deno = {
  env: { get: (name) => process.env[name] },
  serve: (given) => { handle = given },
}
await import('./supabase/functions/order-story/index.ts')
for (const Authorization of [`Bearer ${process.env.TOKEN}`, 'Bearer none']) {
  const answer = await handle(
    new Request('http://edge/order-story', {
      method: 'POST',
      headers: { Authorization, 'Idempotency-Key': 'order 1' },
      body: JSON.stringify({ hero: 'Badger' }),
    }),
  )
  console.log(JSON.stringify({ status: answer.status, ...(await answer.json()) }))
}
"""


async def test_an_edge_function_asks_for_a_job(
    stack: StackInfo,
    handbook: Path,
    person: Person,
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    output = await run_node(
        handbook,
        EDGE,
        SUPABASE_URL=stack.api_url,
        SUPABASE_SECRET_KEYS=json.dumps({"default": stack.secret_key}),
        TOKEN=person.access_token,
    )
    ordered, refused = map(json.loads, output.splitlines())
    assert (ordered["status"], refused["status"]) == (202, 401)
    job = read_job(UUID(ordered["id"]))
    assert (job["user_id"], job["params"]) == (person.id, {"hero": "Badger"})
