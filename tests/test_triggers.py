"""A trigger that dies is seen to be dead within three of its periods, with the reason."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any
from uuid import uuid4

import httpx
import pytest
from psycopg.rows import dict_row
from tests.parts import CRON_SECRET, PROJECT, Sql, make_settings
from tests.serving import eventually, listening, serve

from supajobs.app import create_app
from supajobs.local.schedule import schedule_processing
from supajobs.local.stack import Stack, StackInfo
from supajobs.queue.job_queue import JobQueue

PERIOD = 2.0
NOBODY_LISTENS = "http://127.0.0.1:9/v1/queue/process"

Trigger = Callable[[], dict[str, Any]]


@pytest.fixture
def trigger(sql: Sql) -> Trigger:
    """What the dashboard shows of the schedule that starts jobs."""

    def trigger() -> dict[str, Any]:
        [row] = sql.execute(
            "select * from plan_trigger_health where name = 'supajobs_process'"
        ).fetchall()
        return row

    return trigger


@pytest.fixture
async def process_url(
    stack: StackInfo, api: httpx.AsyncClient, sql: Sql, trigger: Trigger
) -> AsyncGenerator[str]:
    """The address of a processor that the schedule calls, and that has answered."""
    sql.execute("delete from plan_generation_jobs")
    url = f"{api.base_url}/v1/queue/process"
    schedule(stack, url)
    await eventually(lambda: trigger()["last_answer_status"] == 202)
    assert trigger()["is_alive"]
    yield url
    sql.execute("select cron.unschedule(jobname) from cron.job")
    await asyncio.sleep(1.5)  # the last tick finds the server it was meant for
    sql.execute("delete from net._http_response")


def schedule(stack: StackInfo, url: str, secret: str = CRON_SECRET) -> None:
    schedule_processing(
        stack.db_url, process_url=url, cron_secret=secret, schedule=f"{PERIOD:.0f} seconds"
    )


async def test_a_server_that_is_gone(
    stack: StackInfo, process_url: str, trigger: Trigger, queue: JobQueue
) -> None:
    schedule(stack, NOBODY_LISTENS)
    await eventually(lambda: not trigger()["is_alive"])
    assert trigger()["reason"].startswith("The processor cannot be reached (")

    health = await queue.check()
    [reason] = [each for each in health.reasons if each.code == "dead_trigger"]
    assert trigger()["reason"] in reason.message
    assert reason.status == "degraded"

    schedule(stack, process_url)
    await eventually(lambda: trigger()["is_alive"])


async def test_a_secret_that_is_wrong(
    stack: StackInfo, process_url: str, trigger: Trigger, queue: JobQueue
) -> None:
    schedule(stack, process_url, secret="another-secret-than-the-one")
    await eventually(lambda: not trigger()["is_alive"])
    assert trigger()["reason"].startswith("The processor refuses its secret (401): ")
    assert "dead_trigger" in {each.code for each in (await queue.check()).reasons}


async def test_a_server_that_hangs(stack: StackInfo, process_url: str, trigger: Trigger) -> None:
    async def hang(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await reader.read()

    async with listening(hang) as address:
        schedule(stack, f"{address}/")
        await eventually(lambda: not trigger()["is_alive"])
        assert trigger()["reason"].startswith("The processor did not answer within 5 seconds: ")
        schedule(stack, process_url)


async def test_secrets_that_are_gone(process_url: str, trigger: Trigger, sql: Sql) -> None:
    sql.execute("delete from vault.secrets where name = 'supajobs_cron_secret'")
    await eventually(lambda: not trigger()["is_alive"])
    assert trigger()["reason"].startswith("Vault lacks its secrets: ")


async def test_a_schedule_that_is_switched_off_or_gone(
    process_url: str, trigger: Trigger, sql: Sql, queue: JobQueue
) -> None:
    switch = "select cron.alter_job(jobid, active := %s) from cron.job where jobname = %s"
    sql.execute(switch, [False, "supajobs_process"])
    await eventually(lambda: not trigger()["is_alive"])
    assert trigger()["reason"].startswith("It is switched off: ")

    sql.execute("select cron.unschedule('supajobs_process')")
    assert trigger()["reason"].startswith("It was never made: ")
    # That is no trouble by itself: the workers may be always on.
    assert "dead_trigger" not in {each.code for each in (await queue.check()).reasons}


async def test_the_cleanup_is_seen_too(process_url: str, trigger: Trigger, sql: Sql) -> None:
    sql.execute("select cron.schedule('supajobs_cleanup', '1 second', 'select no_such_function()')")
    query = "select * from plan_trigger_health where name = 'supajobs_cleanup'"
    [row] = await eventually(
        lambda: [row for row in sql.execute(query).fetchall() if not row["is_alive"]]
    )
    assert row["reason"].startswith("It fails: ERROR: function no_such_function() does not exist")
    assert trigger()["is_alive"]


@pytest.fixture
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[StackInfo]:
    """One whose parts can be taken away."""
    stack = Stack(tmp_path_factory.mktemp("triggers"), project=PROJECT)
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)


def check(sql: Sql) -> dict[str, str]:
    """What is wrong, {code: status}."""
    [row] = sql.execute("select check_plan_queue() as health").fetchall()
    return {reason["code"]: reason["status"] for reason in row["health"]["reasons"]}


async def test_a_pg_cron_that_stopped_while_jobs_wait_for_it(own_stack: StackInfo) -> None:
    query = "select * from plan_trigger_health where name = 'supajobs_process'"
    with Sql.connect(own_stack.db_url, autocommit=True, row_factory=dict_row) as sql:

        def read() -> dict[str, Any]:
            [row] = sql.execute(query).fetchall()
            return row

        async with serve(create_app(make_settings(own_stack, api_runs_jobs=False))) as api:
            schedule(own_stack, f"{api.base_url}/v1/queue/process")
            await eventually(lambda: read()["last_answer_status"] == 202)
            os.kill(own_stack.pids["worker"], signal.SIGSTOP)  # before what it calls is gone
        try:
            stopped_at = time.monotonic()
            await eventually(lambda: not read()["is_alive"])
            assert time.monotonic() - stopped_at > PERIOD, "a run may be late"
            assert read()["reason"].startswith("pg_cron has not run it since ")

            assert check(sql)["dead_trigger"] == "degraded"
            sql.execute("update supajobs.sweeps set swept_at = swept_at - interval '1 minute'")
            sql.execute("delete from supajobs.processors")  # its last note was on its way
            user_id = uuid4()
            sql.execute("insert into auth.users (id) values (%s)", [user_id])
            sql.execute("select enqueue_plan_job(%s, 'training_plan', '{}')", [user_id])
            assert check(sql)["dead_trigger"] == "unhealthy"
        finally:
            os.kill(own_stack.pids["worker"], signal.SIGCONT)
        await eventually(lambda: read()["last_run_status"] == "succeeded")


def test_a_project_without_the_extensions(own_stack: StackInfo) -> None:
    with Sql.connect(own_stack.superuser_db_url, autocommit=True) as superuser:
        superuser.execute("drop extension pg_cron, pg_net, supabase_vault cascade")
    with Sql.connect(own_stack.db_url, autocommit=True, row_factory=dict_row) as sql:
        [row] = sql.execute("select describe_plan_triggers() as told").fetchall()
        assert row["told"] == {
            "extensions": {"pg_cron": False, "pg_net": False, "supabase_vault": False},
            "secrets": {"supajobs_process_url": False, "supajobs_cron_secret": False},
            "process_url": None,
            "schedules": [],
            "processors": [],
        }
        assert len(sql.execute("select from plan_trigger_health").fetchall()) == 2
        assert check(sql) == {"nobody_claims": "degraded"}
        [row] = sql.execute("select start_plan_job_wakes() as told").fetchall()
        assert row["told"] == {"outcome": "unavailable"}
