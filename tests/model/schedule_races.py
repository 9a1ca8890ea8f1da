"""What has to hold when several take the same schedules."""

from collections import Counter
from typing import Any

from tests.model.client import Client
from tests.model.races import NEIGHBOUR, RACERS, USER, enqueue, prepare, race, refuse_to_wait


def make_schedule(client: Client, name: str = "weekly", user_id: Any = USER) -> None:
    """Due since an hour ago, and three more times since."""
    client.execute(
        """
        insert into plan_job_schedules (
            user_id, name, job_type, interval_seconds, starts_at, next_run_at, period_seconds,
            overlap
        )
        values (%s, %s, 'raced', 900, '2026-01-01Z', now() - interval '1 hour', 900, 'queue')
        """,
        user_id,
        name,
    )


def read_due(client: Client) -> list[dict[str, Any]]:
    """What a processor makes of what is due: an occurrence of each, and the next one."""
    return client.connection.execute(
        """
        select
            id::text as schedule_id,
            to_json(next_run_at) as expected_run_at,
            to_json(array[next_run_at]) as occurrences,
            to_json(next_run_at + interval '15 minutes') as next_run_at
        from plan_job_schedules
        order by name
        """
    ).fetchall()


def run(client: Client, runs: list[dict[str, Any]]) -> list[str]:
    taken = client.call("run_plan_job_schedules", p_runs=runs)
    return [each["outcome"] for each in taken]


def count_jobs(client: Client) -> int:
    row = client.connection.execute("select count(*) as jobs from plan_generation_jobs").fetchone()
    assert row
    return row["jobs"]


def an_occurrence_is_enqueued_once(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client)
        make_schedule(client)
        runs = read_due(client)
        outcomes = race(url, lambda racer: run(racer, runs))
        assert Counter(outcome for [outcome] in outcomes) == {"created": 1, "stale": RACERS - 1}
        assert count_jobs(client) == 1


def a_late_run_moves_no_schedule_back(url: str) -> None:
    """Of a processor that has slept since it looked, not even where the job is gone by now."""
    with Client.connect(url) as client:
        prepare(client)
        make_schedule(client)
        seen = read_due(client)
        for _ in range(2):
            assert run(client, read_due(client)) == ["created"]
        client.execute("delete from plan_generation_jobs")
        following = read_due(client)
        assert run(client, seen) == ["stale"]
        assert read_due(client) == following
        assert count_jobs(client) == 0


def an_occurrence_is_one_job_whoever_moved_its_schedule(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client)
        make_schedule(client)
        seen = read_due(client)
        assert run(client, seen) == ["created"]
        client.execute(
            "update plan_job_schedules set next_run_at = next_run_at - interval '15 min'"
        )
        assert run(client, seen) == ["existing"]
        assert count_jobs(client) == 1


def a_schedule_waits_for_no_other(url: str) -> None:
    """Nor for the deletion of its user, which waits for it."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client)
        make_schedule(client)
        make_schedule(client, "zealous", NEIGHBOUR)
        runs = read_due(client)
        refuse_to_wait(client)
        with other.connection.transaction():
            assert run(other, runs[:1]) == ["created"]
            assert run(client, runs) == ["stale", "created"]
        for _ in range(2):
            runs = read_due(client)
            with other.connection.transaction():
                other.execute("select from auth.users where id = %s for update", USER)
                assert run(client, runs) == ["busy", "created"]
        assert count_jobs(client) == 4


def what_somebody_else_has_locked_is_busy(url: str) -> None:
    """And no other schedule waits for it."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, max_enqueues=9, enqueue_window_seconds=9)
        make_schedule(client)
        make_schedule(client, "zealous", NEIGHBOUR)
        client.execute("set lock_timeout = 0")
        client.execute("set statement_timeout = '2 s'")
        with other.connection.transaction():
            enqueue(other)  # which has the lock of the rate limit of the first one's user
            assert run(client, read_due(client)) == ["busy", "created"]
        assert run(client, read_due(client))[0] == "created"
