"""A function of the project's own stores what jobs came to: once, whatever happens to the call."""

import asyncio
from collections import Counter
from collections.abc import Callable, Generator, Sequence
from typing import Any
from uuid import UUID

import psycopg
import pytest
from structlog.testing import capture_logs
from tests.faults.calls import Call, Connections
from tests.faults.proxy import Loss, LossyProxy
from tests.faults.scene import Scene
from tests.parts import NoParams, Sql, make_processor

from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import ClaimedJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

# Does as it is told, after it has written its row.
FUNCTION = """
create schema app;
grant usage on schema app to service_role;
create table app.shelves (name text primary key, books int not null default 0);
insert into app.shelves (name) values ('left'), ('right');
create table app.stories (job_id uuid, claimed int);
grant select, insert, update on app.stories, app.shelves to service_role;
create function app.store_story(p_job jsonb, p_store jsonb) returns jsonb language plpgsql as $$
begin
  insert into app.stories (job_id) values ((p_job ->> 'id')::uuid);
  if p_store ? 'raises' then
    raise 'broken' using errcode = p_store ->> 'raises';
  end if;
  perform pg_sleep((p_store ->> 'sleeps')::float);
  for shelf in 0 .. coalesce(jsonb_array_length(p_store -> 'shelves'), 0) - 1 loop
    update app.shelves set books = books + 1 where name = p_store -> 'shelves' ->> shelf;
    perform pg_sleep(0.5);
  end loop;
  return '{"is": "stored"}';
end
$$;
revoke execute on function app.store_story from public;
grant execute on function app.store_story to service_role;
"""

NOTHING_ELSE: dict[str, Any] = {}


@pytest.fixture(scope="module", autouse=True)
def app(stack: StackInfo) -> Generator[None]:
    with psycopg.connect(stack.db_url, autocommit=True) as database:
        database.execute(FUNCTION.encode())
        yield
        database.execute("drop schema app cascade")


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    return make_scene(stored_by="app.store_story")


def complete(jobs: Sequence[ClaimedJob], *stores: dict[str, Any] | None) -> Call:
    entries = [
        {"job_id": job.id, "claim_id": job.claim_id, "store": store}
        for job, store in zip(jobs, stores, strict=True)
    ]
    return Call("complete_plan_jobs", {"p_jobs": entries})


def count_stored(sql: Sql, jobs: Sequence[ClaimedJob]) -> list[int]:
    """How many rows each of them has."""
    found = Counter[UUID](row["job_id"] for row in sql.execute("select job_id from app.stories"))
    return [found[job.id] for job in jobs]


async def start(scene: Scene, count: int) -> list[ClaimedJob]:
    """In the order in which they are stored."""
    return sorted(await scene.start(count), key=lambda job: job.id)


def outcomes(jobs: Sequence[ClaimedJob], answer: Any) -> list[str]:
    by_job = {told["job_id"]: told["outcome"] for told in answer}
    return [by_job[str(job.id)] for job in jobs]


@pytest.mark.parametrize("loss", list(Loss))
async def test_an_answer_is_lost(
    scene: Scene, proxy: LossyProxy, lossy_queue: JobQueue, loss: Loss
) -> None:
    good, bad, plain = await start(scene, 3)
    proxy.lose("complete_plan_jobs", loss)
    ended = [
        (good, Completed(store=NOTHING_ELSE)),
        (bad, Completed(store={"raises": "22003"})),
        (plain, Completed()),
    ]
    await lossy_queue.complete(ended)
    await proxy.twins_to_end()
    told = await lossy_queue.complete(ended)  # who met the late twin was told busy
    assert [each.outcome for each in told] == ["completed", "failed", "completed"]
    assert count_stored(scene.sql, [good, bad, plain]) == [1, 0, 0]


@pytest.mark.parametrize(
    ("state", "outcome"),
    [
        ("22012", "failed"),
        ("23503", "failed"),
        ("PT422", "failed"),
        ("40001", "retrying"),
        ("40P01", "retrying"),
        ("57014", "retrying"),
        ("P0004", "retrying"),
        ("P0001", "retrying"),
    ],
)
async def test_an_error_is_its_own_jobs(
    scene: Scene, database: Database, faults: Counter[str], state: str, outcome: str
) -> None:
    jobs = await start(scene, 3)
    answer = await complete(jobs, NOTHING_ELSE, {"raises": state}, None).ask(database)
    faults["store failed"] += 1
    assert outcomes(jobs, answer) == ["completed", outcome, "completed"]
    assert count_stored(scene.sql, jobs) == [1, 0, 0]
    [row] = scene.sql.execute(
        "select cause ->> 'exception' as state from plan_job_attempts where job_id = %s",
        [jobs[1].id],
    ).fetchall()
    assert row["state"] == state


async def test_one_that_takes_too_long_costs_the_others_no_attempt(
    scene: Scene, connections: Connections, faults: Counter[str]
) -> None:
    jobs = await start(scene, 3)
    call = complete(jobs, NOTHING_ELSE, {"sleeps": 60}, NOTHING_ELSE)
    with connections.open() as connection:
        connection.execute("set statement_timeout = '300ms'")
        connection.commit()
        first = call.execute(connection)
        connection.execute("set statement_timeout = 0")
        connection.commit()
        again = call.execute(connection)
        connection.commit()
    faults["store failed"] += 1
    assert outcomes(jobs, first) == ["completed", "retrying", "busy"]
    assert outcomes(jobs, again) == ["completed", "retrying", "completed"]
    assert count_stored(scene.sql, jobs) == [1, 0, 1]


async def test_slow_ones_are_asked_for_again(scene: Scene, database: Database) -> None:
    jobs = await start(scene, 4)
    call = complete(jobs, *[{"sleeps": 1.1}] * 4)
    assert outcomes(jobs, await call.ask(database)) == ["completed", "completed", "busy", "busy"]
    assert outcomes(jobs, await call.ask(database)) == ["completed"] * 4
    assert count_stored(scene.sql, jobs) == [1, 1, 1, 1]


async def test_two_that_wait_for_each_other(
    scene: Scene, database: Database, faults: Counter[str]
) -> None:
    jobs = await start(scene, 4)
    answers = await asyncio.gather(
        complete(jobs[:2], {"shelves": ["left", "right"]}, None).ask(database),
        complete(jobs[2:], {"shelves": ["right", "left"]}, None).ask(database),
    )
    faults["store failed"] += 1
    told = outcomes(jobs, [*answers[0], *answers[1]])
    assert sorted(told[::2]) == ["completed", "retrying"]
    assert told[1::2] == ["completed", "completed"]
    assert sorted(count_stored(scene.sql, jobs)) == [0, 0, 0, 1]
    [row] = scene.sql.execute("select array_agg(books) as books from app.shelves").fetchall()
    assert row["books"] == [1, 1]


async def test_a_call_that_is_killed_stores_nothing(
    scene: Scene, connections: Connections, database: Database, faults: Counter[str]
) -> None:
    jobs = await start(scene, 1)
    call = complete(jobs, NOTHING_ELSE)
    with connections.open() as connection:
        assert outcomes(jobs, call.execute(connection)) == ["completed"]
        assert outcomes(jobs, await call.ask(database)) == ["busy"]
        scene.sql.execute("select pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
    faults["connection killed"] += 1
    assert count_stored(scene.sql, jobs) == [0]
    assert outcomes(jobs, await call.ask(database)) == ["completed"]
    assert count_stored(scene.sql, jobs) == [1]


async def test_a_worker_says_that_it_was_not_stored(
    make_scene: Callable[..., Scene], queue: JobQueue, faults: Counter[str]
) -> None:
    scene = make_scene(stored_by="app.store_story", backoff_base_seconds=0)

    async def write(job: RunningJob, _params: NoParams) -> Completed:
        return Completed(result={"n": 1}, store={} if job.attempt > 1 else {"raises": "55000"})

    [job_id] = await scene.enqueue(1)
    handler = JobType(scene.job_type, NoParams, write)
    with capture_logs() as logs:
        assert await make_processor(queue, handler).drain() == {"retrying": 1, "completed": 1}
    faults["store failed"] += 1
    assert [line["log_level"] for line in logs if line["event"] == "store_failed"] == ["error"]
    look = scene.look(job_id)
    assert look
    assert look["result"] == {"n": 1, "is": "stored"}
