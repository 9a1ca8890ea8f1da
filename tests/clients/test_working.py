"""A worker in TypeScript, with the real queue, and with what goes wrong around it."""

import asyncio
import signal
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from tests.clients.saying import Saying, saying
from tests.faults.proxy import Loss, LossyProxy, lossy_proxy
from tests.parts import Person, Sql, enqueue, expire_lease, make_settings
from tests.serving import eventually, serve

from supajobs.app import create_app
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue

Start = Callable[..., AbstractAsyncContextManager[Saying]]
Ask = Callable[..., Awaitable[UUID]]
Read = Callable[[UUID], Mapping[str, Any]]


@pytest.fixture
def job_type(make_job_type: Callable[..., str]) -> str:
    """One whose lease outlasts a slow machine: what a test calls a crash, it has caused."""
    return make_job_type(lease_seconds=15)


Noted = Callable[[str], bool]


@pytest.fixture
def noted(sql: Sql) -> Noted:
    """Whether a worker in TypeScript is up that runs jobs of this type."""

    def noted(job_type: str) -> bool:
        query = (
            "select from supajobs.processors "
            "where worker_id like 'typescript:%%' and %s = any(job_types)"
        )
        return bool(sql.execute(query, [job_type]).fetchall())

    return noted


@pytest.fixture
async def proxy(stack: StackInfo) -> AsyncGenerator[LossyProxy]:
    async with lossy_proxy(stack.api_url, Counter()) as proxy:
        yield proxy


@pytest.fixture
def start(stack: StackInfo, built: Path, job_type: str) -> Start:
    def start(**environment: str) -> AbstractAsyncContextManager[Saying]:
        given = {**stack.environment, "JOB_TYPES": job_type, **environment}
        return saying("working.mjs", built, **given)

    return start


@pytest.fixture
def ask(queue: JobQueue, person: Person, job_type: str) -> Ask:
    async def ask(act: str, **params: Any) -> UUID:
        return await enqueue(queue, person, job_type, **{"as": act, **params})

    return ask


@pytest.fixture
def ends(read_job: Read, sql: Sql) -> Callable[..., Awaitable[Mapping[str, Any]]]:
    """The row of a job that has this status, with the outcomes of its attempts."""

    async def ends(job_id: UUID, status: str = "completed") -> Mapping[str, Any]:
        await eventually(lambda: read_job(job_id)["status"] == status, within=60)
        attempts = sql.execute(
            "select outcome, cause from plan_job_attempts where job_id = %s order by started_at",
            [job_id],
        ).fetchall()
        return {
            **read_job(job_id),
            "outcomes": [each["outcome"] for each in attempts],
            "causes": [each["cause"] for each in attempts],
        }

    return ends


Ends = Callable[..., Awaitable[Mapping[str, Any]]]


async def test_a_drain_ends_when_there_is_nothing_left(start: Start, ask: Ask, ends: Ends) -> None:
    job_ids = [await ask("double", number=number, seconds=0) for number in range(7)]
    job_ids.append(await ask("refuse"))
    async with start(DRAIN="60000") as worker:
        await worker.ended()
    assert worker.all_of("counts") == [[{"completed": 7, "failed": 1}]]
    jobs = [await ends(job_id) for job_id in job_ids[:7]]
    doubled = [{"doubled": 2 * number, "language": "typescript"} for number in range(7)]
    assert [job["result"] for job in jobs] == doubled


async def test_a_drain_gives_back_what_its_time_does_not_do_for(
    start: Start, ask: Ask, ends: Ends
) -> None:
    job_ids = [await ask("hold"), await ask("finishAfterAll"), await ask("hang")]
    async with start(DRAIN="1500") as worker:
        await worker.ended()
    assert worker.all_of("counts") == [[{"released": 2, "completed": 1}]]
    assert worker.all_of("aborts") == [["worker_stopping"]]
    assert (await ends(job_ids[0], "pending"))["retry_count"] == 0
    assert (await ends(job_ids[1]))["result"] == "paid for"
    assert (await ends(job_ids[2], "pending"))["outcomes"] == ["released"]


async def test_a_worker_stops_gently(
    start: Start, ask: Ask, ends: Ends, job_type: str, noted: Noted
) -> None:
    job_id = await ask("hold")
    async with start() as worker:
        await worker.says("holds")
        await eventually(lambda: noted(job_type))
        worker.process.send_signal(signal.SIGTERM)
        await worker.ended()
    job = await ends(job_id, "pending")
    assert (job["outcomes"], job["retry_count"], job["crash_count"]) == (["released"], 0, 0)
    assert not noted(job_type)


async def test_a_user_asks_the_api_for_what_only_typescript_runs(
    make_job_type: Callable[..., str],
    start: Start,
    stack: StackInfo,
    person: Person,
    noted: Noted,
) -> None:
    name = make_job_type(open_to_users=True)
    params = {"as": "double", "number": 21, "seconds": 0}
    async with serve(create_app(make_settings(stack))) as api, start(JOB_TYPES=name):
        await eventually(lambda: noted(name))
        answer = await api.post(
            "/v1/jobs",
            json={"job_type": name, "params": params},
            headers={**person.headers, "Prefer": "wait=60"},
            timeout=90,
        )
    assert answer.status_code == 201, answer.text
    assert answer.json()["result"] == {"doubled": 42, "language": "typescript"}


async def test_a_type_without_a_row_is_named(start: Start, job_type: str) -> None:
    async with start(JOB_TYPES=f"{job_type},rowless") as worker:
        await worker.says("log", "job_type_without_row", "rowless")
    named = [each for each in worker.all_of("log") if each[0] == "job_type_without_row"]
    assert named == [["job_type_without_row", "rowless"]]


async def test_how_jobs_end_that_went_wrong(
    start: Start, ask: Ask, ends: Ends, read_job: Read, sql: Sql, job_type: str
) -> None:
    sql.execute(  # so late that no test sees it
        "update plan_job_types set backoff_base_seconds = 900 where job_type = %s", [job_type]
    )
    acts = ["refuse", "number", "circle", "text", "later", "busy", "crash"]
    ids = dict(zip(acts, [await ask(act) for act in acts], strict=True))
    async with start() as worker:
        refused = await ends(ids["refuse"], "failed")
        number, circle = await ends(ids["number"], "failed"), await ends(ids["circle"], "failed")
        text = await ends(ids["text"])
        for act in ("later", "busy", "crash"):
            await eventually(lambda act=act: read_job(ids[act])["retry_count"])
        retries = {act: await ends(ids[act], "pending") for act in ("later", "busy", "crash")}
        await eventually(lambda: len(worker.all_of("log")) >= 6)
    assert refused["error"] == {
        "code": "no",
        "message": "There are no stories of [secret].",
        "detail": {"why": "token=[secret]"},
    }
    assert (
        number["error"]
        == circle["error"]
        == {
            "code": "outcome_refused",
            "message": "The result could not be stored.",
            "detail": {"where": "result", "why": "it is no value of JSON"},
        }
    )
    assert text["result"] == {"a�": ["half � of a pair", "a whole 🦊", "1970-01-01T00:00:00.000Z"]}
    codes = {act: job["error"]["code"] for act, job in retries.items()}
    assert codes == {"later": "rate_limited", "busy": "rate_limited", "crash": "internal_error"}
    assert {job["retry_count"] for job in retries.values()} == {1}
    waits = retries["later"]["run_at"] - retries["later"]["updated_at"]
    assert waits.total_seconds() >= 3599
    cause = retries["crash"]["causes"][0]
    assert (cause["exception"], cause["message"]) == ("TypeError", 'password: "[secret]"')
    assert "working.mjs" in cause["frames"][-1]
    assert "sb_secret_a" not in str(worker.said)
    assert "correct-horse" not in str(worker.said)


async def test_steps_survive_a_kill(
    start: Start, ask: Ask, ends: Ends, proxy: LossyProxy, sql: Sql
) -> None:
    gate = proxy.hold_answer("save_plan_job_step")
    job_id = await ask("climb")
    async with start(SUPABASE_URL=proxy.url) as worker:
        await gate.reached.wait()
        assert worker.all_of("step") == [[1]]
        worker.process.kill()
        gate.open()
        await worker.process.wait()
    expire_lease(sql, job_id)
    async with start() as another:
        job = await ends(job_id)
    assert another.all_of("step") == [[2], [3]]
    assert job["result"] == [{"number": 1}, {"number": 2}, {"number": 3}]
    assert job["outcomes"] == ["crashed", "completed"]


@pytest.mark.parametrize("loss", [Loss.REQUEST, Loss.ANSWER, Loss.HALF])
async def test_lost_calls_are_made_again(
    loss: Loss, start: Start, ask: Ask, ends: Ends, proxy: LossyProxy
) -> None:
    functions = ["claim_plan_jobs", "get_plan_job_steps", "save_plan_job_step"]
    for function in [*functions, "complete_plan_jobs", "heartbeat_plan_jobs"]:
        proxy.lose(function, loss)
    job_ids = [await ask("climb") for _ in range(3)]
    async with start(SUPABASE_URL=proxy.url) as worker:
        jobs = [await ends(job_id) for job_id in job_ids]
        worker.process.send_signal(signal.SIGTERM)
        await worker.ended()
    assert [job["outcomes"] for job in jobs] == [["completed"]] * 3
    assert sorted(worker.all_of("step")) == sorted([[1], [2], [3]] * 3)
    assert proxy.lost.total() == 5


async def test_a_job_is_lost_under_a_live_worker(
    start: Start, ask: Ask, ends: Ends, sql: Sql
) -> None:
    job_id = await ask("hold")
    async with start() as worker:
        await worker.says("holds")
        with sql.transaction():
            expire_lease(sql, job_id)
            sql.execute("select supajobs.sweep(1000)")
            sql.execute(
                "update plan_generation_jobs set run_at = now() + interval '1 hour', "
                "turn = null where id = %s",
                [job_id],
            )
        await worker.says("aborts", "job_lost")
        worker.process.send_signal(signal.SIGTERM)
        await worker.ended()
    assert ["goes on"] not in worker.said
    assert (await ends(job_id, "pending"))["outcomes"] == ["crashed"]


async def test_a_cancellation_is_heard(
    start: Start, ask: Ask, ends: Ends, queue: JobQueue, person: Person, read_job: Read
) -> None:
    job_id = await ask("hold")
    async with start() as worker:
        await eventually(lambda: read_job(job_id)["progress"])
        progress = {"phase": "", "percentage": 50, "message": "holds"}
        assert read_job(job_id)["progress"] == progress
        await queue.cancel(job_id, person.id)
        await worker.says("aborts", "job_cancelled")
        job = await ends(job_id, "cancelled")
    assert job["outcomes"] == ["cancelled"]


async def test_a_job_takes_too_long(
    make_job_type: Callable[..., str], start: Start, queue: JobQueue, person: Person, ends: Ends
) -> None:
    brief = make_job_type(max_runtime_seconds=1, max_retries=0)
    job_id = await enqueue(queue, person, brief, **{"as": "hold"})
    async with start(JOB_TYPES=brief) as worker:
        job = await ends(job_id, "failed")
    assert job["error"]["code"] == "timeout"
    assert worker.all_of("aborts") == [["timeout"]]


async def test_a_job_waits_and_asks_for_another_one(
    start: Start, ask: Ask, ends: Ends, queue: JobQueue, person: Person, read_job: Read
) -> None:
    job_id = await ask("wait")
    async with start():
        await eventually(lambda: read_job(job_id)["waiting_for"] == "the answer", within=60)
        await queue.signals.send(job_id, person.id, "the answer", {"is": 42})
        job = await ends(job_id)
        next_job = await ends(UUID(job["result"]["asked"]))
    assert job["result"]["answer"] == {"is": 42}
    assert next_job["params"] == {"as": "text"}
    assert job["outcomes"] == ["suspended", "suspended", "completed"]


async def test_a_job_reads_what_came_before(
    start: Start, ask: Ask, ends: Ends, queue: JobQueue, person: Person, job_type: str
) -> None:
    before = await ask("text")
    after = await queue.enqueue(
        user_id=person.id, job_type=job_type, params={"as": "parents"}, after={"before": before}
    )
    async with start():
        job = await ends(after.job.id)
    assert job["result"] == (await ends(before))["result"]


async def test_a_drain_says_that_the_queue_does_not_answer(start: Start) -> None:
    async with start(DRAIN="60000", SUPABASE_URL="http://127.0.0.1:9") as worker:
        await worker.ended()
    assert worker.all_of("counts") == [["no_answer"]]


async def test_an_outage_costs_nothing(
    make_job_type: Callable[..., str],
    start: Start,
    queue: JobQueue,
    person: Person,
    ends: Ends,
    proxy: LossyProxy,
) -> None:
    brief = make_job_type(lease_seconds=3, max_crashes=20)
    job_ids = [await enqueue(queue, person, brief, **{"as": "climb"}) for _ in range(8)]
    proxy.lose_some(0.3, seed=1)
    async with start(SUPABASE_URL=proxy.url, JOB_TYPES=brief) as worker:
        jobs = [await ends(job_id) for job_id in job_ids]
        assert proxy.lost.total() > 0
        await asyncio.sleep(0)
        worker.process.kill()
    assert {job["status"] for job in jobs} == {"completed"}
    assert {tuple(job["outcomes"][-1:]) for job in jobs} == {("completed",)}
