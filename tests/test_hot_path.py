"""What a claim and a heartbeat cost the database, whatever else lies in the table."""

import json
from collections.abc import Generator
from typing import Any, LiteralString
from uuid import UUID, uuid4

import pytest
from psycopg.rows import dict_row
from tests.parts import PROJECT, Sql

from supajobs.local.stack import Stack, StackInfo

BATCH = 10
FILL = """
    insert into plan_generation_jobs (
        user_id, job_type, priority, status, run_at, completed_at, expires_at, max_retries,
        max_crashes, backoff_base_seconds, backoff_cap_seconds, lease_seconds,
        max_runtime_seconds, ttl_hours
    )
    select
        %(user)s, 'hot', n %% 11, %(status)s, now() + %(wait)s, %(ended)s, %(ended)s, 3, 3, 5, 900,
        60, 900, 72
    from generate_series(1, 100000) as n
"""


@pytest.fixture
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[StackInfo]:
    """Its statistics are of this test alone."""
    stack = Stack(tmp_path_factory.mktemp("hot"), project=PROJECT)
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)


@pytest.fixture
def sql(own_stack: StackInfo) -> Generator[Sql]:
    with Sql.connect(own_stack.db_url, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("insert into plan_job_types (job_type) values ('hot')")
        yield connection


@pytest.fixture
def user_id(sql: Sql) -> UUID:
    user_id = uuid4()
    sql.execute("insert into auth.users (id) values (%s)", [user_id])
    return user_id


def enqueue(sql: Sql, user_id: UUID | None, jobs: int) -> None:
    sql.execute(
        "select enqueue_plan_job(%s, 'hot', '{}') from generate_series(1, %s)", [user_id, jobs]
    )


def measure_claim(sql: Sql) -> tuple[int, int]:
    """Rows read and pages touched by one claim of a batch, of a session with cached plans."""
    for _ in range(6):  # from the sixth execution on, plpgsql settles for its cached plan
        sql.execute("select claim_plan_jobs(gen_random_uuid(), 'warm-up', %s)", [BATCH])
    sql.execute("select pg_stat_force_next_flush()")  # the counts below start at zero
    with sql.transaction():
        plan: Any = sql.execute(
            "explain (analyze, buffers, format json) "
            "select claim_plan_jobs(gen_random_uuid(), 'w', %s)",
            [BATCH],
        ).fetchone()
        read = sql.execute(
            "select sum(seq_tup_read + coalesce(idx_tup_fetch, 0))::int as rows "
            "from pg_stat_xact_user_tables where relname = 'plan_generation_jobs'"
        ).fetchone()
    [explained] = plan["QUERY PLAN"]
    assert read
    return read["rows"], explained["Plan"]["Shared Hit Blocks"] + explained["Plan"][
        "Shared Read Blocks"
    ]


def test_a_claim_reads_what_it_takes_among_200_000_others(sql: Sql, user_id: UUID) -> None:
    enqueue(sql, user_id, 7 * BATCH)
    _, pages_alone = measure_claim(sql)

    ended = "2026-01-01"
    for status, wait, ended_at in [("cancelled", "0 s", ended), ("pending", "1 day", None)]:
        sql.execute(FILL, {"user": user_id, "status": status, "wait": wait, "ended": ended_at})
    sql.execute("analyze plan_generation_jobs")
    enqueue(sql, user_id, 7 * BATCH)
    rows, pages = measure_claim(sql)
    # Each job is read to be picked and to be updated.
    assert 2 * BATCH <= rows <= 3 * BATCH + 20
    assert pages <= 2 * pages_alone


def test_with_nothing_due_a_claim_reads_nothing_of_200_000(sql: Sql, user_id: UUID) -> None:
    sql.execute(FILL, {"user": user_id, "status": "pending", "wait": "1 day", "ended": None})
    sql.execute("analyze plan_generation_jobs")
    rows, pages = measure_claim(sql)
    assert rows == 0
    assert pages < 100


def test_a_limited_job_that_ends_has_its_users_waiting_jobs_read_alone(sql: Sql) -> None:
    sql.execute("update plan_job_types set max_running_per_user = 2 where job_type = 'hot'")
    sql.execute("insert into auth.users (id) select gen_random_uuid() from generate_series(1, 50)")
    sql.execute(
        "select enqueue_plan_job(id, 'hot', '{}') from auth.users cross join generate_series(1, 40)"
    )
    assert count_keyed_jobs_read(sql) < 100, "of 1,900 that wait"


@pytest.mark.parametrize("project_id", [None, UUID(int=1)])
def test_a_limited_job_that_ends_has_its_successor_read_alone(
    sql: Sql, user_id: UUID, project_id: UUID | None
) -> None:
    sql.execute("update plan_job_types set max_running_per_user = 2 where job_type = 'hot'")
    sql.execute(
        "select enqueue_plan_job(%s, 'hot', '{}', p_project_id => %s) "
        "from generate_series(1, 2000)",
        [user_id, project_id],
    )
    assert count_keyed_jobs_read(sql) < 100, "of 2,000 that wait for the same"


def count_keyed_jobs_read(sql: Sql) -> int:
    """By one job that ends, and the claim after it."""
    sql.execute("analyze supajobs.keyed_jobs")  # when none is known to wait: no claim has come yet
    sql.execute("select claim_plan_jobs(gen_random_uuid(), 'w', 100)")
    for _ in range(6):  # from the sixth execution on, plpgsql settles for its cached plan
        end_and_claim(sql)
    sql.execute("select pg_stat_force_next_flush()")  # the counts below start at zero
    with sql.transaction():
        end_and_claim(sql)
        read = sql.execute(
            "select (coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0))::int as rows "
            "from pg_stat_xact_user_tables where relname = 'keyed_jobs'"
        ).fetchone()
    assert read
    return read["rows"]


def end_and_claim(sql: Sql) -> None:
    sql.execute(
        "select complete_plan_job(id, claim_id, '{}') from plan_generation_jobs "
        "where status = 'processing' limit 1"
    )
    sql.execute("select claim_plan_jobs(gen_random_uuid(), 'w', 1)")


REQUESTS: dict[str, LiteralString] = {
    "bulk": "select enqueue_plan_jobs(%s::jsonb)",
    "one": "select enqueue_plan_job(%s, 'hot', '{}')",
    "of nobody": "select enqueue_plan_job(null, 'hot', '{}')",
    "put off": "select enqueue_plan_job(%s, 'hot', '{}', p_run_at => now() + interval '1 hour')",
}
PAGES = 300  # with those of the catalog; the lane has more


@pytest.mark.parametrize("first", REQUESTS)
def test_a_session_from_when_the_queue_was_empty_reads_no_lane(
    sql: Sql, own_stack: StackInfo, user_id: UUID, first: str
) -> None:
    jobs = json.dumps([{"user_id": str(user_id), "job_type": "hot"}] * BATCH)
    given = {"bulk": [jobs], "one": [user_id], "of nobody": [], "put off": [user_id]}
    order = [first, *(name for name in REQUESTS if name != first)]  # who plans what all call
    for _ in range(7):  # from the sixth execution on, plpgsql settles for its cached plan
        for name in order:
            sql.execute(REQUESTS[name], given[name])
        sql.execute("delete from plan_generation_jobs")
        with Sql.connect(own_stack.db_url, autocommit=True) as other:
            other.execute("vacuum analyze plan_generation_jobs")
    with Sql.connect(own_stack.db_url, autocommit=True) as other:
        for whose in (user_id, None):
            enqueue(other, whose, 5000)

    pages = {
        name: explained["Shared Hit Blocks"] + explained["Shared Read Blocks"]
        for name in order
        for row in sql.execute(
            "explain (analyze, buffers, format json) " + REQUESTS[name], given[name]
        )
        for explained in [row["QUERY PLAN"][0]["Plan"]]
    }
    assert max(pages.values()) < PAGES, pages


def test_heartbeats_are_hot_updates(sql: Sql, user_id: UUID) -> None:
    enqueue(sql, user_id, 200)
    sql.execute("select claim_plan_jobs(gen_random_uuid(), 'w', 200)")
    before = read_updates(sql)
    for beat in range(30):
        sql.execute(
            "select heartbeat_plan_jobs(jsonb_agg(jsonb_build_object("
            "'job_id', id, 'claim_id', claim_id, "
            "'progress', jsonb_build_object('phase', 'base', 'percentage', %s, 'message', '…')))) "
            "from plan_generation_jobs",
            [beat],
        )
    after = read_updates(sql)
    beats = after["updates"] - before["updates"]
    hot = after["hot"] - before["hot"]
    assert beats == 6000
    assert hot / beats >= 0.95


def read_updates(sql: Sql) -> dict[str, int]:
    sql.execute("select pg_stat_force_next_flush()")
    row = sql.execute(
        "select n_tup_upd as updates, n_tup_hot_upd as hot from pg_stat_user_tables "
        "where relname = 'plan_generation_jobs'"
    ).fetchone()
    assert row
    return row
