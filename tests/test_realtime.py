"""Broadcasts, in databases of their own that have what Realtime makes in a project."""

from collections.abc import Generator
from typing import Any
from uuid import UUID, uuid4

import psycopg
import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from tests.model.databases import Databases
from tests.parts import Sql

from supajobs.local.stack import StackInfo

# The parts of Realtime that the migration uses, which behave as in a hosted project.
REALTIME = """
    create or replace function auth.uid() returns uuid language sql stable as
    $$select (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')::uuid$$;
    grant usage on schema auth to authenticated;

    create schema realtime;
    create table realtime.messages (
        id uuid primary key default gen_random_uuid(),
        topic text not null,
        extension text not null,
        event text,
        payload jsonb,
        private boolean default false,
        inserted_at timestamptz not null default clock_timestamp()
    );
    alter table realtime.messages enable row level security;
    create function realtime.topic() returns text language sql stable as
    $$select nullif(current_setting('realtime.topic', true), '')$$;
    create function realtime.send(
        payload jsonb, event text, topic text, private boolean default true
    ) returns void language plpgsql as $$
    begin
        insert into realtime.messages (payload, event, topic, private, extension)
        values (payload, event, topic, private, 'broadcast');
    exception when others then
        raise warning 'ErrorSendingBroadcastMessage: %', sqlerrm;
    end
    $$;
    grant usage on schema realtime to anon, authenticated, service_role;
    grant select, insert on realtime.messages to anon, authenticated, service_role;
"""

BROKEN_SEND = """
    create or replace function realtime.send(
        payload jsonb, event text, topic text, private boolean default true
    ) returns void language plpgsql as $$begin raise 'out of order'; end$$
"""

Broadcast = dict[str, Any]


@pytest.fixture(scope="module")
def databases(stack: StackInfo) -> Databases:
    return Databases(stack, REALTIME)


@pytest.fixture
def sql(databases: Databases) -> Generator[Sql]:
    with (
        databases.copy() as url,
        Sql.connect(url, autocommit=True, row_factory=dict_row) as connection,
    ):
        connection.execute("insert into plan_job_types (job_type) values ('t')")
        connection.execute("set role service_role")
        yield connection


def enqueue(sql: Sql, user_id: UUID) -> UUID:
    sql.execute("reset role")
    sql.execute("insert into auth.users values (%s) on conflict do nothing", [user_id])
    sql.execute("set role service_role")
    return answer(sql, "enqueue_plan_job(%s, 't', '{\"secret\": 1}')", user_id)["job"]["id"]


def answer(sql: Sql, call: str, *arguments: Any) -> Any:
    row = sql.execute(f"select {call} as answer".encode(), arguments).fetchone()
    assert row
    return row["answer"]


def take(sql: Sql) -> list[Broadcast]:
    """The broadcasts since the last look."""
    sql.execute("reset role")
    taken = sql.execute("delete from realtime.messages returning *").fetchall()
    sql.execute("set role service_role")
    return taken


def beat(sql: Sql, job: Any, progress: Any = None) -> None:
    entry = {"job_id": job["id"], "claim_id": job["claim_id"], "progress": progress}
    answer(sql, "heartbeat_plan_jobs(%s)", Jsonb([entry]))


def test_each_change_of_status_or_progress_is_broadcast(sql: Sql) -> None:
    user_id = uuid4()
    enqueue(sql, user_id)
    assert take(sql) == []

    [job] = answer(sql, "claim_plan_jobs(gen_random_uuid(), 'w')")
    [started] = take(sql)
    assert (started["topic"], started["event"]) == (f"user:{user_id}", "job")
    assert (started["extension"], started["private"]) == ("broadcast", True)
    assert started["payload"].pop("updated_at")
    assert started["payload"] == {
        "id": job["id"],
        "job_type": "t",
        "status": "processing",
        "progress": None,
        "plan_id": None,
    }

    progress = {"phase": "base", "percentage": 10, "message": "…"}
    beat(sql, job, progress)
    [moved] = take(sql)
    assert (moved["payload"]["status"], moved["payload"]["progress"]) == ("processing", progress)
    beat(sql, job)
    beat(sql, job, progress)
    assert take(sql) == []

    settle = "complete_plan_job(%s, %s, '{\"secret\": 2}', '{\"secret\": 3}')"
    answer(sql, settle, job["id"], job["claim_id"])
    answer(sql, settle, job["id"], job["claim_id"])
    [ended] = take(sql)
    assert ended["payload"]["status"] == "completed"
    assert ended["payload"]["plan_id"]
    assert "secret" not in str([started, moved, ended])


def test_a_job_without_a_user_is_broadcast_to_nobody(sql: Sql) -> None:
    with_user = uuid4()
    enqueue(sql, with_user)
    answer(sql, "enqueue_plan_job(null, 't', '{}')")
    claimed = answer(sql, "claim_plan_jobs(gen_random_uuid(), 'w', 10)")
    assert len(claimed) == 2
    assert [each["topic"] for each in take(sql)] == [f"user:{with_user}"]


def test_a_batch_is_broadcast_job_by_job(sql: Sql) -> None:
    users = [uuid4() for _ in range(3)]
    for user_id in users:
        enqueue(sql, user_id)
    answer(sql, "claim_plan_jobs(gen_random_uuid(), 'w', 10)")
    assert {each["topic"] for each in take(sql)} == {f"user:{user_id}" for user_id in users}


def test_users_hear_their_own_topic_alone(sql: Sql) -> None:
    user_a, user_b = uuid4(), uuid4()
    for user_id in (user_a, user_b):
        enqueue(sql, user_id)
    answer(sql, "claim_plan_jobs(gen_random_uuid(), 'w', 10)")

    def listen(role: str, user_id: UUID, topic: str) -> int:
        """What Realtime sees as this user when it decides whether they may join a topic."""
        sql.execute("reset role")
        with sql.transaction(force_rollback=True):
            sql.execute("select set_config('role', %s, true)", [role])
            sql.execute(
                "select set_config('request.jwt.claims', %s, true), "
                "set_config('realtime.topic', %s, true)",
                [f'{{"sub": "{user_id}"}}', topic],
            )
            return len(sql.execute("select from realtime.messages").fetchall())

    assert listen("authenticated", user_a, f"user:{user_a}") > 0
    assert listen("authenticated", user_a, f"user:{user_b}") == 0
    assert listen("authenticated", user_a, "user:") == 0
    assert listen("anon", user_a, f"user:{user_a}") == 0


@pytest.mark.parametrize(
    "fault",
    [
        BROKEN_SEND,
        "drop function realtime.send",
        "drop table realtime.messages cascade",
        "revoke all on schema realtime from service_role",
    ],
)
def test_a_broadcast_that_fails_touches_no_job(sql: Sql, fault: str) -> None:
    enqueue(sql, uuid4())
    sql.execute("reset role")
    sql.execute(fault.encode())
    sql.execute("set role service_role")
    [job] = answer(sql, "claim_plan_jobs(gen_random_uuid(), 'w')")
    beat(sql, job, {"phase": "base", "percentage": 10, "message": "…"})
    settled = answer(sql, "complete_plan_job(%s, %s)", job["id"], job["claim_id"])
    assert settled["outcome"] == "completed"


def test_broadcasts_start_when_realtime_has_come(stack: StackInfo) -> None:
    without = Databases(stack)
    with (
        without.copy() as url,
        Sql.connect(url, autocommit=True, row_factory=dict_row) as sql,
    ):
        sql.execute("insert into plan_job_types (job_type) values ('t')")
        start = "start_plan_job_broadcasts()"
        assert answer(sql, start) == {"outcome": "unavailable"}
        sql.execute(REALTIME)
        for _ in range(2):
            assert answer(sql, start) == {"outcome": "started"}
        enqueue(sql, uuid4())
        answer(sql, "claim_plan_jobs(gen_random_uuid(), 'w')")
        assert len(take(sql)) == 1


def note(
    sql: Sql, name: str, *, running: int = 0, listens: bool = True, job_type: str = "t"
) -> None:
    answer(
        sql,
        "note_plan_processor(%s, '1', 2, %s, array[%s], %s)",
        name,
        running,
        job_type,
        listens,
    )


def forget_calls(sql: Sql) -> None:
    """Of the last second, and what they have sent."""
    sql.execute("reset role")
    sql.execute("truncate supajobs.worker_calls, realtime.messages")


@pytest.fixture
def calls(sql: Sql) -> Sql:
    """Workers that listen are called for new jobs."""
    sql.execute("reset role")
    assert answer(sql, "start_plan_worker_calls()") == {"outcome": "started"}
    sql.execute("set role service_role")
    return sql


def test_a_new_job_calls_workers_that_can_take_it(calls: Sql) -> None:
    note(calls, "free", running=1)
    note(calls, "full", running=2)
    for _ in range(2):
        enqueue(calls, uuid4())
    answer(calls, "claim_plan_jobs(gen_random_uuid(), 'full', 2)")
    note(calls, "deaf", listens=False)
    note(calls, "another", job_type="other")
    forget_calls(calls)
    enqueue(calls, uuid4())
    [call] = take(calls)
    assert (call["topic"], call["event"], call["private"]) == ("supajobs:workers", "jobs", True)
    assert call["payload"]["worker_ids"] == ["free"]


def test_who_has_filled_its_places_since_its_last_note_is_not_called(calls: Sql) -> None:
    for name in ("busy", "free"):
        note(calls, name, running=0)
    for _ in range(2):
        enqueue(calls, uuid4())
    answer(calls, "claim_plan_jobs(gen_random_uuid(), 'busy', 2)")
    note(calls, "long full", running=2)  # whose jobs have ended since
    forget_calls(calls)
    enqueue(calls, uuid4())
    [call] = take(calls)
    assert set(call["payload"]["worker_ids"]) == {"free", "long full"}


def test_many_jobs_at_once_call_as_many_workers_as_have_places_for_them(calls: Sql) -> None:
    for number in range(20):
        note(calls, f"worker {number}")  # each of which runs 2
    job: dict[str, Any] = {"user_id": None, "job_type": "t", "params": {}}
    answer(calls, "enqueue_plan_jobs(%s)", Jsonb([job] * 15))
    [call] = take(calls)
    assert len(set(call["payload"]["worker_ids"])) == 8


def test_who_changes_the_tables_of_realtime_keeps_no_request_waiting(calls: Sql) -> None:
    note(calls, "free")
    calls.execute("set role service_role")
    with psycopg.connect(calls.info.dsn) as other:
        other.execute("lock table realtime.messages in access exclusive mode")
        calls.execute("set statement_timeout = '10 s'")
        assert enqueue(calls, uuid4())


def test_a_few_of_a_fleet_are_called_at_most_once_a_second_for_each_type(calls: Sql) -> None:
    for number in range(10):
        note(calls, f"worker {number}")
    for _ in range(3):
        enqueue(calls, uuid4())
    [call] = take(calls)
    assert len(set(call["payload"]["worker_ids"])) == 3
    calls.execute("reset role")
    calls.execute("update supajobs.worker_calls set called_at = now() - interval '2 seconds'")
    enqueue(calls, uuid4())
    assert len(take(calls)) == 1
    calls.execute("reset role")
    row = calls.execute("select count(*) as rows from supajobs.worker_calls").fetchone()
    assert row == {"rows": 1}


def test_nobody_is_called_where_nobody_listens_or_nothing_is_due(calls: Sql) -> None:
    enqueue(calls, uuid4())
    assert take(calls) == []
    calls.execute("reset role")
    calls.execute("truncate supajobs.worker_calls")
    note(calls, "free")
    user_id = uuid4()
    calls.execute("insert into auth.users values (%s)", [user_id])
    calls.execute(
        "select enqueue_plan_job(%s, 't', '{}', p_run_at => now() + interval '1 hour')", [user_id]
    )
    assert take(calls) == []


def test_a_call_that_fails_fails_no_request(calls: Sql) -> None:
    note(calls, "free")
    calls.execute("reset role")
    calls.execute(BROKEN_SEND)
    assert enqueue(calls, uuid4())


def test_calls_that_were_stopped_are_not_made(calls: Sql) -> None:
    note(calls, "free")
    calls.execute("reset role")
    assert answer(calls, "stop_plan_worker_calls()") == {"outcome": "stopped"}
    enqueue(calls, uuid4())
    assert take(calls) == []


def test_users_neither_hear_calls_nor_send_them_whatever_else_lets_them(calls: Sql) -> None:
    note(calls, "free")
    enqueue(calls, uuid4())
    calls.execute("reset role")
    calls.execute("create policy all_of_it on realtime.messages to authenticated using (true)")
    send = (
        "insert into realtime.messages (topic, extension) values (%s, 'broadcast') returning topic"
    )
    calls.execute("set role authenticated")
    for topic, lets in (("supajobs:workers", False), ("a room of the app's", True)):
        calls.execute("select set_config('realtime.topic', %s, false)", [topic])
        seen = calls.execute("select topic from realtime.messages").fetchall()
        assert bool(seen) is lets
        if lets:
            assert calls.execute(send, [topic]).fetchall()
        else:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                calls.execute(send, [topic])
