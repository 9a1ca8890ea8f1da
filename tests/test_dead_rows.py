"""Dead rows that nobody removes are said, and who keeps them."""

from collections.abc import Generator

import pytest
from psycopg.rows import dict_row
from tests.parts import PROJECT, Sql

from supajobs.local.stack import Stack, StackInfo

AGE = "'00:15:00'::interval"


@pytest.fixture
def own_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[StackInfo]:
    """Its statistics are of this test alone."""
    stack = Stack(tmp_path_factory.mktemp("dead"), project=PROJECT)
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)


@pytest.fixture
def sql(own_stack: StackInfo) -> Generator[Sql]:
    with Sql.connect(own_stack.db_url, autocommit=True, row_factory=dict_row) as connection:
        connection.execute("update supajobs.sweeps set swept_at = now() + interval '1 hour'")
        yield connection


def check(sql: Sql) -> list[dict[str, str]]:
    sql.execute("select pg_stat_force_next_flush()")
    [row] = sql.execute("select check_plan_queue() as health").fetchall()
    return row["health"]["reasons"]


def make_dead_rows(sql: Sql, rows: int) -> None:
    sql.execute(
        "insert into auth.users (id) values ('00000000-0000-0000-0000-000000000001') "
        "on conflict do nothing"
    )
    sql.execute(
        """
        insert into plan_generation_jobs (
            user_id, job_type, status, completed_at, expires_at, max_retries, max_crashes,
            backoff_base_seconds, backoff_cap_seconds, lease_seconds, max_runtime_seconds, ttl_hours
        )
        select
            '00000000-0000-0000-0000-000000000001', 'x', 'cancelled', now(), now(), 3, 3, 5, 900,
            60, 900, 72
        from generate_series(1, %s)
        """,
        [rows],
    )
    sql.execute("delete from plan_generation_jobs")


def test_dead_rows_that_are_not_removed_are_trouble(own_stack: StackInfo, sql: Sql) -> None:
    sql.execute("alter table plan_generation_jobs set (autovacuum_enabled = false)")
    make_dead_rows(sql, 19_000)
    assert check(sql) == []
    make_dead_rows(sql, 2_000)
    [reason] = check(sql)
    assert (reason["code"], reason["status"]) == ("dead_tuples", "degraded")
    assert reason["message"].startswith(
        "plan_generation_jobs has 21000 dead rows to 0 live ones, and was last vacuumed never: "
    )

    with Sql.connect(own_stack.db_url, application_name="a report", row_factory=dict_row) as report:
        report.execute("set transaction isolation level repeatable read")
        report.execute("select 1")
        pid = report.info.backend_pid
        [row] = sql.execute("select supajobs.find_vacuum_blocker('0 s') as found").fetchall()
        assert row["found"].pop("since")
        assert row["found"] == {"kind": "session", "name": "a report", "pid": pid}
        [row] = sql.execute("select supajobs.find_vacuum_blocker() as found").fetchall()
        assert row["found"] is None

        as_it_is = make_old(sql)
        [reason] = check(sql)
        assert (reason["code"], reason["status"]) == ("old_snapshot", "degraded")
        assert reason["message"].startswith(
            "A session (a report) keeps 21000 dead rows of plan_generation_jobs from being removed"
        )
        assert f"select pg_terminate_backend({pid});" in reason["message"]

    # The service, to whom Postgres does not show others' transactions, is told as well.
    with Sql.connect(own_stack.db_url, application_name="a report") as report:
        report.execute("set transaction isolation level repeatable read")
        report.execute("select 1")
        sql.execute("set role service_role")
        assert [reason["code"] for reason in check(sql)] == ["old_snapshot"]
        sql.execute("reset role")
    sql.execute(as_it_is)  # or any session of the stack's own that is amid a statement is one

    sql.execute("vacuum plan_generation_jobs")
    assert check(sql) == []
    make_dead_rows(sql, 21_000)
    assert check(sql) == [], "the last vacuum is not ten minutes ago"


def make_old(sql: Sql) -> bytes:
    """From now on, any transaction is an old one, until the statement is executed."""
    [row] = sql.execute(
        "select pg_get_functiondef('supajobs.find_vacuum_blocker'::regproc) as source"
    ).fetchall()
    assert AGE in row["source"]
    sql.execute(row["source"].replace(AGE, "'0 s'::interval").encode())
    return row["source"].encode()
