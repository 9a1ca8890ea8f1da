"""Accounts that are deleted while their jobs end: neither waits for the other for ever."""

import asyncio
import contextlib
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from tests.parts import Sql
from tests.serving import eventually

from supajobs.local.stack import StackInfo

COMPLETE = "select complete_plan_job(%s, %s, '{}', %s, %s) ->> 'outcome' as outcome"
PLAN, USAGE = Jsonb({"title": "a plan"}), Jsonb({"model": "m", "cost_usd": 1})
DELETE = "delete from auth.users where id = %s"
DELETE_ALL = "delete from auth.users where id = any(%s)"


@pytest.fixture
def connections(stack: StackInfo) -> Generator[tuple[Sql, Sql]]:
    with contextlib.ExitStack() as stack_of:
        one, two = (
            stack_of.enter_context(Sql.connect(stack.db_url, row_factory=dict_row))
            for _ in range(2)
        )
        yield one, two


def start_job(sql: Sql, job_type: str) -> tuple[UUID, UUID, UUID]:
    """A running job of a user of its own: the user, the job and the claim."""
    user_id, claim_id = uuid4(), uuid4()
    sql.execute("insert into auth.users (id) values (%s)", [user_id])
    sql.execute("select enqueue_plan_job(%s, %s, '{}')", [user_id, job_type])
    [row] = sql.execute(
        "select claim_plan_jobs(%s, 'worker', 1, %s) #>> '{0,id}' as id", [claim_id, [job_type]]
    ).fetchall()
    return user_id, UUID(row["id"]), claim_id


def is_waiting(sql: Sql, other: Sql) -> bool:
    return sql.execute(
        "select cardinality(pg_blocking_pids(%s)) > 0 as waits", [other.info.backend_pid]
    ).fetchall() == [{"waits": True}]


def end_well(*jobs: tuple[UUID, UUID, UUID]) -> Jsonb:
    outcome = {"plan": {"title": "a plan"}, "usage": {"model": "m", "cost_usd": 1}}
    return Jsonb(
        [
            {"job_id": str(job_id), "claim_id": str(claim_id), **outcome}
            for _, job_id, claim_id in jobs
        ]
    )


def refuse_to_wait(sql: Sql) -> None:
    sql.execute("set lock_timeout = '300 ms'")


@pytest.mark.parametrize(("plan", "usage"), [(PLAN, None), (None, USAGE)])
def test_a_completion_asks_again_after_the_deletion_and_finds_nothing(
    sql: Sql,
    connections: tuple[Sql, Sql],
    make_job_type: Callable[..., str],
    plan: Jsonb | None,
    usage: Jsonb | None,
) -> None:
    user_id, job_id, claim_id = start_job(sql, make_job_type(notifies=True))
    deletion, completion = connections
    # The deletion has the user's row, and is on its way to the jobs.
    deletion.execute("select from auth.users where id = %s for update", [user_id])
    refuse_to_wait(completion)
    ended = completion.execute(COMPLETE, [job_id, claim_id, plan, usage])
    assert ended.fetchall() == [{"outcome": "busy"}]
    deletion.execute(DELETE, [user_id])
    deletion.commit()
    ended = completion.execute(COMPLETE, [job_id, claim_id, plan, usage])
    assert ended.fetchall() == [{"outcome": "stale"}]


async def test_users_who_are_deleted_together_wait_for_no_completion_that_waits_for_them(
    sql: Sql, connections: tuple[Sql, Sql], make_job_type: Callable[..., str]
) -> None:
    job_type = make_job_type()
    jobs = [start_job(sql, job_type) for _ in range(2)]
    users = [user_id for user_id, _, _ in jobs]
    deletion, completion = connections
    # The deletion has the second of them, and is on its way to the first.
    deletion.execute("select from auth.users where id = %s for update", [users[1]])
    refuse_to_wait(completion)
    complete = "select json_array_elements(complete_plan_jobs(%s)) ->> 'outcome' as outcome"
    ended = completion.execute(complete, [end_well(*jobs)])
    assert ended.fetchall() == [{"outcome": "completed"}, {"outcome": "busy"}]
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(asyncio.to_thread(deletion.execute, DELETE_ALL, [users]))
        await eventually(lambda: is_waiting(sql, deletion))
        completion.commit()
    deletion.commit()
    ended = completion.execute(complete, [end_well(*jobs)])
    assert ended.fetchall() == [{"outcome": "stale"}, {"outcome": "stale"}]


async def test_a_deletion_waits_for_the_completion(
    sql: Sql, connections: tuple[Sql, Sql], make_job_type: Callable[..., str]
) -> None:
    user_id, job_id, claim_id = start_job(sql, make_job_type(notifies=True))
    deletion, completion = connections
    done = completion.execute(COMPLETE, [job_id, claim_id, PLAN, USAGE])
    assert done.fetchall() == [{"outcome": "completed"}]
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(asyncio.to_thread(deletion.execute, DELETE, [user_id]))
        await eventually(lambda: is_waiting(sql, deletion))
        completion.commit()
    deletion.commit()
    assert not sql.execute("select from weekly_base_plans where user_id = %s", [user_id]).fetchall()


async def test_a_sweep_leaves_the_job_of_a_user_who_is_being_deleted(
    sql: Sql, connections: tuple[Sql, Sql], make_job_type: Callable[..., str]
) -> None:
    user_id, job_id, claim_id = start_job(sql, make_job_type())
    step = "select save_plan_job_step(%s, %s, 'draft', '{}', %s)"
    sql.execute(step, [job_id, claim_id, USAGE])
    sql.execute(
        "update plan_generation_jobs set lease_expires_at = '-infinity' where id = %s", [job_id]
    )
    deletion, sweep = connections
    deletion.execute("select from auth.users where id = %s for update", [user_id])
    sql.execute("update supajobs.sweeps set swept_at = '-infinity', pause = '1 s'")
    warnings = list[str | None]()  # of what it waited for in vain
    sweep.add_notice_handler(lambda notice: warnings.append(notice.message_primary))
    assert sweep.execute("select supajobs.sweep() as swept").fetchall() == [{"swept": 0}]
    sweep.commit()
    assert warnings == []
    deletion.execute(DELETE, [user_id])
    deletion.commit()


async def test_a_device_that_is_gone_is_left_to_the_deletion_of_its_user(
    sql: Sql, connections: tuple[Sql, Sql]
) -> None:
    user_id, claim_id = uuid4(), uuid4()
    sql.execute("insert into auth.users (id) values (%s)", [user_id])
    sql.execute("select register_plan_push_token(%s, 'expo', %s)", [user_id, str(user_id)])
    sql.execute(
        "insert into supajobs.notifications (job_id, user_id, job_type, event, occurred_at) "
        "values (%s, %s, 'any', 'job.completed', now())",
        [uuid4(), user_id],
    )
    sql.execute("select address_plan_job_notifications('{expo}')")
    [row] = sql.execute(
        "select claim_plan_job_deliveries(%s, 'expo') #>> '{0,id}' as id", [claim_id]
    ).fetchall()
    deletion, settle = connections
    # The settle has the delivery, and is on its way to the device.
    settle.execute("select from supajobs.deliveries where id = %s for update", [row["id"]])
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(asyncio.to_thread(deletion.execute, DELETE, [user_id]))
        await eventually(lambda: is_waiting(sql, deletion))
        gone = Jsonb([{"id": row["id"], "outcome": "gone"}])
        settle.execute("select settle_plan_job_deliveries(%s, %s)", [claim_id, gone])
        settle.commit()
    deletion.commit()
    left = "select from supajobs.notifications where user_id = %s"
    assert not sql.execute(left, [user_id]).fetchall()


async def test_a_retry_waits_for_the_deletion_with_empty_hands(
    sql: Sql, connections: tuple[Sql, Sql], make_job_type: Callable[..., str]
) -> None:
    user_id, job_id, claim_id = start_job(sql, make_job_type())
    sql.execute("select fail_plan_job(%s, %s, '{}', false)", [job_id, claim_id])
    deletion, retry = connections
    deletion.execute("select from auth.users where id = %s for update", [user_id])
    retrying = asyncio.to_thread(
        retry.execute, "select retry_plan_job(%s, %s) ->> 'outcome' as outcome", [job_id, user_id]
    )
    async with asyncio.TaskGroup() as tasks:
        retried = tasks.create_task(retrying)
        await eventually(lambda: is_waiting(sql, retry))
        await asyncio.to_thread(deletion.execute, DELETE, [user_id])
        deletion.commit()
    assert retried.result().fetchall() == [{"outcome": "not_found"}]


@pytest.mark.parametrize("together", [1, 2])
def test_none_of_many_fails(
    stack: StackInfo, sql: Sql, make_job_type: Callable[..., str], together: int
) -> None:
    """Completions of two jobs at a time, while the users of both are deleted."""
    job_type = make_job_type(notifies=True)
    jobs = [start_job(sql, job_type) for _ in range(60)]

    def run(statement: str, args: list[Any]) -> None:
        with psycopg.connect(stack.db_url, autocommit=True) as connection:
            connection.execute(statement.encode(), args)

    with ThreadPoolExecutor(8) as pool:
        calls = [
            pool.submit(run, *call)
            for place, job in enumerate(jobs)
            for call in (
                ("select complete_plan_jobs(%s)", [end_well(job, jobs[place - 1])]),
                (DELETE_ALL, [[user_id for user_id, _, _ in jobs[place : place + together]]]),
            )
        ]
    assert [call.exception() for call in calls if call.exception()] == []
