"""New jobs that wake a processor: requested by SQL, started at once, with no schedule at all."""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from typing import Any
from uuid import UUID

import pytest
from psycopg.rows import dict_row
from tests.parts import CRON_SECRET, NoParams, Person, Sql, make_settings
from tests.serving import eventually, serve
from tests.stand_in import Reply, StandIn, stand_in

from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed

NAMES = ("supajobs_process_url", "supajobs_cron_secret")


async def succeed(job: RunningJob, params: NoParams) -> Completed:
    return Completed()


@pytest.fixture
def wakes(sql: Sql) -> Generator[Callable[[str], None]]:
    """Starts the wakes of a processor at this address, for the time of the test."""

    def start(url: str) -> None:
        for name, secret in zip(NAMES, (url, CRON_SECRET), strict=True):
            sql.execute("delete from vault.secrets where name = %s", [name])
            sql.execute("select vault.create_secret(%s, %s)", [secret, name])
        sql.execute("update supajobs.wake set woken_at = '-infinity'")
        sql.execute("select start_plan_job_wakes()")

    sql.execute("delete from plan_generation_jobs")
    yield start
    sql.execute("select stop_plan_job_wakes()")
    sql.execute("delete from vault.secrets where name = any(%s)", [list(NAMES)])
    sql.execute("delete from net._http_response")


@pytest.fixture
async def job_type(
    stack: StackInfo, wakes: Callable[[str], None], make_job_type: Callable[..., str]
) -> AsyncGenerator[str]:
    """A type whose jobs a processor runs that looks for them only when it is woken: else never."""
    name = make_job_type()
    job_types = {name: JobType(name, NoParams, succeed)}
    async with serve(create_app(make_settings(stack, api_runs_jobs=False), job_types)) as api:
        wakes(f"{api.base_url}/v1/queue/process")
        yield name
        await asyncio.sleep(0.5)  # a call that is under way finds the server it was meant for


@pytest.fixture
async def counter(wakes: Callable[[str], None]) -> AsyncGenerator[StandIn]:
    """A server that only counts the calls."""
    async with stand_in() as counter:
        counter.reply = Reply("{}")
        wakes(f"{counter.url}/v1/queue/process")
        yield counter


def enqueue(sql: Sql, person: Person, job_type: str) -> UUID:
    [row] = sql.execute(
        "select (enqueue_plan_job(%s, %s, '{}') #>> '{job, id}')::uuid as id", [person.id, job_type]
    ).fetchall()
    return row["id"]


async def test_a_job_that_was_requested_by_sql_starts_at_once(
    sql: Sql, person: Person, job_type: str, read_job: Callable[[UUID], Mapping[str, Any]]
) -> None:
    assert not sql.execute("select from cron.job where jobname = 'supajobs_process'").fetchall()
    job_id = enqueue(sql, person, job_type)
    await eventually(lambda: read_job(job_id)["status"] == "completed")


async def test_a_job_that_comes_right_after_a_wake_is_not_left_behind(
    sql: Sql, person: Person, job_type: str, read_job: Callable[[UUID], Mapping[str, Any]]
) -> None:
    first = enqueue(sql, person, job_type)
    await eventually(lambda: read_job(first)["status"] == "completed")
    await asyncio.sleep(0.3)  # the processor has seen that there is no more
    sql.execute("update supajobs.wake set woken_at = clock_timestamp()")
    second = enqueue(sql, person, job_type)
    assert sql.execute("select from net.http_request_queue").fetchall() == []
    await eventually(lambda: read_job(second)["status"] == "completed")


async def test_a_burst_of_200_jobs_calls_once_a_second(
    sql: Sql, person: Person, job_type: str
) -> None:
    since = sql.execute("select clock_timestamp() as now").fetchall()[0]["now"]
    started = time.monotonic()
    for _ in range(200):
        await asyncio.to_thread(enqueue, sql, person, job_type)
    seconds = time.monotonic() - started
    ended = "select count(*) from plan_generation_jobs where job_type = %s and status = 'completed'"
    await eventually(lambda: sql.execute(ended, [job_type]).fetchall() == [{"count": 200}])
    await asyncio.sleep(0.5)
    calls = sql.execute(
        "select status_code from net._http_response where created >= %s", [since]
    ).fetchall()
    assert 1 <= len(calls) <= 1 + seconds
    assert {call["status_code"] for call in calls} == {202}


async def test_a_request_that_is_rolled_back_calls_nobody(
    sql: Sql, person: Person, counter: StandIn, make_job_type: Callable[..., str]
) -> None:
    with sql.transaction(force_rollback=True):
        enqueue(sql, person, make_job_type())
    await asyncio.sleep(1)
    assert counter.calls["process"] == 0
    enqueue(sql, person, make_job_type())
    await eventually(lambda: counter.calls["process"] == 1)


async def test_requests_do_not_wait_for_each_other(
    stack: StackInfo,
    sql: Sql,
    person: Person,
    counter: StandIn,
    make_job_type: Callable[..., str],
) -> None:
    name = make_job_type()
    enqueue(sql, person, name)  # the first of a type makes its lane, for which others wait
    await eventually(lambda: counter.calls["process"] == 1)
    sql.execute("update supajobs.wake set woken_at = '-infinity'")
    with Sql.connect(stack.db_url, row_factory=dict_row) as slow:
        enqueue(slow, person, name)
        warnings: list[str] = []
        sql.add_notice_handler(lambda notice: warnings.append(notice.message_primary or ""))
        sql.execute("set lock_timeout = '100 ms'")
        for _ in range(3):
            enqueue(sql, person, name)
        assert not warnings, "a wake waited"
        # The wake of the slow one has not gone out, and may never.
        await eventually(lambda: counter.calls["process"] == 2)
        await asyncio.sleep(0.5)
        assert counter.calls["process"] == 2, "the first of the three has called for the others"
    await eventually(lambda: counter.calls["process"] == 3)


async def test_a_wake_that_is_refused_fails_no_request(
    stack: StackInfo,
    sql: Sql,
    person: Person,
    counter: StandIn,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Mapping[str, Any]],
) -> None:
    name, warnings = make_job_type(), list[str]()
    with Sql.connect(stack.db_url, row_factory=dict_row) as strict:
        strict.add_notice_handler(lambda notice: warnings.append(notice.message_primary or ""))
        strict.execute("set transaction isolation level repeatable read")
        strict.execute("select 1")
        # A wake that this transaction does not see: under this isolation that is an error.
        sql.execute("update supajobs.wake set woken_at = '-infinity'")
        job_id = enqueue(strict, person, name)
    assert read_job(job_id)["status"] == "pending"
    assert [warning.partition(":")[0] for warning in warnings] == ["supajobs"]
    assert counter.calls["process"] == 0
