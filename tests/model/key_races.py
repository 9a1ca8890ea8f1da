"""What has to hold where a limited number of a user's or a project's jobs runs."""

import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from uuid import UUID

from tests.model.client import Client
from tests.model.flow_races import (
    ask,
    complete,
    fail,
    flow,
    look,
    retry,
    start,
    take,
    take_one,
    wait_until_it_waits,
)
from tests.model.races import NEIGHBOUR, USER, enqueue, lock_job, sweep

if TYPE_CHECKING:
    from collections.abc import Callable

PROJECTS = [UUID(int=11), UUID(int=12), None]
_RUNNING = "select user_id, project_id from plan_generation_jobs where status = 'processing'"
_LEFT = "select id from plan_generation_jobs where status <> 'completed'"
_OVERLAPS = """
    select max(running) as most
    from (
        select (
            select count(*) from plan_job_attempts as other
            inner join plan_generation_jobs as its on other.job_id = its.id
            where
                its.user_id = job.user_id
                and other.started_at <= attempt.started_at
                and other.ended_at > attempt.started_at
        ) as running
        from plan_job_attempts as attempt
        inner join plan_generation_jobs as job on attempt.job_id = job.id
    ) as counted
"""


def limits_per_key_hold_and_hold_nobody_for_ever(url: str) -> None:
    """Whatever becomes of the jobs, while more come in, and four workers claim."""
    with flow(url, max_running_per_user=2, max_running_per_project=1, max_retries=9) as (client, _):

        def bring(user_id: UUID) -> None:
            dice = random.Random(user_id.int)  # noqa: S311 - it chooses what to try
            with Client.connect(url) as racer:
                for _ in range(25):
                    enqueue(racer, user_id, p_project_id=dice.choice(PROJECTS))

        def work(number: int) -> Counter[str]:
            dice = random.Random(number)  # noqa: S311
            most: Counter[str] = Counter()
            with Client.connect(url) as racer:
                idle = 0
                while idle < 40:
                    with racer.connection.transaction():
                        runs = take(racer, dice.randint(1, 5))
                        running = racer.connection.execute(_RUNNING).fetchall()
                    for key in ("user_id", "project_id"):
                        counted = Counter(row[key] for row in running if row[key])
                        most[key] = max(most[key], *counted.values(), 0)
                    for run in runs:
                        end(racer, run, dice)
                    idle = 0 if runs else idle + 1
                    if not runs:
                        sweep_now(racer)
                        time.sleep(0.02)
            return most

        with ThreadPoolExecutor(6) as pool:
            bringing = [pool.submit(bring, user_id) for user_id in (USER, NEIGHBOUR)]
            found = list(pool.map(work, range(4)))
            for each in bringing:
                each.result()
        for most in found:
            assert most["user_id"] <= 2
            assert most["project_id"] <= 1
        assert client.connection.execute(_LEFT).fetchall() == []
        [row] = client.connection.execute(_OVERLAPS).fetchall()
        # Two run side by side. By the clock it may be more: a claim reads that before it waits for
        # the end that makes room.
        assert row["most"] >= 2


def end(client: Client, run: dict[str, str], dice: random.Random) -> None:
    """Well, mostly; a job that comes again is due at once."""
    settle = dice.choice(["complete", "complete", "complete", "fail", "release", "suspend"])
    how: dict[str, Any] = {
        "fail": {"error": {"code": "no"}, "retry_after": 0},
        "suspend": {"kind": "snooze", "seconds": 0},
    }.get(settle, {})
    while client.call(f"{settle}_plan_jobs", p_jobs=[{**run, **how}])[0]["outcome"] == "busy":
        time.sleep(0.01)


def sweep_now(client: Client) -> None:
    client.execute(
        "update supajobs.sweeps set swept_at = '-infinity', pause = '0 s' where name = 'lanes'"
    )


def room_is_taken_once(url: str) -> None:
    with flow(url, max_running_per_user=1) as (client, _):
        for _ in range(3):
            ask(client)
            assert len(take(client)) <= 1
        assert len(running(client)) == 1
        [run] = running(client)
        for left in (2, 1, 0):
            assert complete(client, run) == "completed"
            runs = take(client)
            assert len(runs) == min(1, left)
            run = runs[0] if runs else run


def running(client: Client) -> list[dict[str, str]]:
    return [
        {"job_id": str(row["id"]), "claim_id": str(row["claim_id"])}
        for row in client.connection.execute(
            "select id, claim_id from plan_generation_jobs where status = 'processing'"
        ).fetchall()
    ]


def a_retry_that_meets_the_news_of_its_end_is_not_held_for_ever(url: str) -> None:
    with flow(url, max_running_per_user=1) as (client, other):
        ask(client)
        run = take_one(client)
        assert fail(client, run) == "failed"
        with other.connection.transaction():
            assert retry(other, run) == "retried"
            assert take(client) == []
        assert take_one(client)["job_id"] == run["job_id"]

        [run] = running(client)
        assert fail(client, run) == "failed"
        with ThreadPoolExecutor(1) as pool:
            with other.connection.transaction():
                assert take(other) == []
                retrying = pool.submit(retry, client, run)
                wait_until_it_waits(other, client, retrying)
            assert retrying.result() == "retried"
        assert take_one(client)["job_id"] == run["job_id"]


def a_revived_child_is_held_to_the_limit(url: str) -> None:
    with flow(url, max_running_per_user=1) as (client, _):
        parent = ask(client)
        run = take_one(client)
        children = [ask(client, parent) for _ in range(2)]
        assert fail(client, run) == "failed"
        assert take(client) == []
        assert retry(client, parent) == "retried"
        for left in (2, 1, 0):
            run = take_one(client)
            assert len(running(client)) == 1
            assert complete(client, run) == "completed"
            if left == 2:
                assert {look(client, child)["status"] for child in children} == {"pending"}


def a_held_job_does_not_run_before_its_time(url: str) -> None:
    with flow(url, max_running_per_user=1) as (client, _):
        parent = ask(client)
        run = take_one(client)
        child = ask(client, parent, p_run_at="2099-01-01Z")
        assert complete(client, run) == "completed"
        assert take(client) == []
        client.execute(
            "update plan_generation_jobs set run_at = now() where id = %s", child["job_id"]
        )
        assert take_one(client)["job_id"] == child["job_id"]


def jobs_that_come_due_run_with_one_claim(url: str) -> None:
    """Who claims but once a minute does not need two of them."""
    with flow(url, max_running_per_user=1) as (client, _):
        for _ in range(2):
            ask(client, p_run_at="2099-01-01Z")
        client.execute("update plan_generation_jobs set run_at = now()")
        assert len(take(client)) == 1
        assert len(take(client)) == 0


def a_locked_job_holds_no_other_up(url: str) -> None:
    with flow(url, max_running_per_user=1) as (client, other):
        locked = [ask(client) for _ in range(30)]
        client.execute("set statement_timeout = '2 s'")
        with other.connection.transaction():
            lock_job(other, locked[0])
            run = take_one(client)
            assert run["job_id"] != locked[0]["job_id"]
            enqueue(client, NEIGHBOUR)
            assert len(take(client)) == 1
        assert complete(client, run) == "completed"
        sweep(client)
        assert take_one(client)["job_id"] == locked[0]["job_id"]


def a_job_that_is_edited_takes_the_place_of_its_new_priority(url: str) -> None:
    with flow(url, max_running_per_user=1) as (client, _):
        ask(client)
        run = take_one(client)
        _, last = ask(client), ask(client)
        take(client)
        client.execute("update plan_generation_jobs set priority = 9 where id = %s", last["job_id"])
        assert complete(client, run) == "completed"
        assert take_one(client)["job_id"] == last["job_id"]


def a_limit_that_is_taken_away_holds_nobody(url: str) -> None:
    """Not even who came in, or is tried again, at that moment."""
    with flow(url, max_running_per_user=1, max_enqueues=9, enqueue_window_seconds=9) as (
        client,
        other,
    ):
        run = start(client)
        assert fail(client, run) == "failed"
        again: list[Callable[[Client], str]] = [enqueue, lambda racer: retry(racer, run)]
        for ask_again in again:
            client.execute("update plan_job_types set max_running_per_user = 1")
            with Client.connect(url) as operator, ThreadPoolExecutor(1) as pool:
                with other.connection.transaction():
                    enqueue(other)  # which has the lock of the rate limit
                    lock_job(other, run)
                    asking = pool.submit(ask_again, client)
                    wait_until_it_waits(operator, client, asking)
                    operator.execute("update plan_job_types set max_running_per_user = null")
                asking.result()
            assert len(take(client)) == 2


def a_job_whose_type_is_edited_leaves_its_place(url: str) -> None:
    with flow(url, max_running_per_user=1) as (client, _):
        client.insert("public", "plan_job_types", {"job_type": "second"})
        first, last = ask(client), ask(client)
        run = take_one(client)
        client.call("release_plan_jobs", p_jobs=[run])
        client.execute(
            "update plan_generation_jobs set job_type = 'second' where id = %s", first["job_id"]
        )
        assert {each["job_id"] for each in take(client)} >= {last["job_id"]}
