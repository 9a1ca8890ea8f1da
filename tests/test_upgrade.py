"""A project that has the first of our migrations, with work in hand, and gets the rest."""

import shutil
from collections.abc import Generator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from psycopg.rows import dict_row
from psycopg.types.json import Jsonb
from tests.parts import PROJECT, Sql

from supajobs.local.migrating import apply_migrations
from supajobs.local.stack import Stack, StackInfo

FIRST = "*_create_plan_queue.sql"


@pytest.fixture
def old_stack(tmp_path: Path) -> Generator[StackInfo]:
    project = tmp_path / "project"
    migrations = project / "supabase" / "migrations"
    migrations.mkdir(parents=True)
    shutil.copy(PROJECT / "supabase" / "config.toml", project / "supabase")
    for migration in (PROJECT / "supabase" / "migrations").glob(FIRST):
        shutil.copy(migration, migrations)
    stack = Stack(tmp_path / "stack", project=project)
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)


def test_jobs_of_before_go_on(old_stack: StackInfo) -> None:
    users = [uuid4(), uuid4()]
    with Sql.connect(old_stack.db_url, autocommit=True, row_factory=dict_row) as sql:
        for user_id in users:
            sql.execute("insert into auth.users (id) values (%s)", [user_id])
        sql.execute("insert into plan_job_types (job_type) values ('old')")
        paid = enqueue(sql, users[1])
        sql.execute("select claim_plan_jobs(%s, 'w')", [paid])
        sql.execute(
            "select complete_plan_job(%s, %s, p_usage => %s)",
            [paid, paid, Jsonb({"model": "m", "input_tokens": 7, "cost_usd": 0.5})],
        )
        given_back = enqueue(sql, users[1])
        sql.execute("select claim_plan_jobs(%s, 'w')", [given_back])
        sql.execute("select release_plan_job(%s, %s)", [given_back, given_back])
        sql.execute("select cancel_plan_job(%s, %s)", [given_back, users[1]])
        running, *waiting = [enqueue(sql, user_id) for user_id in [users[0]] * 3 + [users[1]]]
        scheduled = enqueue(sql, users[0], run_at="1 hour")
        [claim] = sql.execute(
            "select claim_plan_jobs(gen_random_uuid(), 'w') -> 0 as job"
        ).fetchall()
        sql.execute(
            "select save_plan_job_step(%s, %s, 'outline', '1')",
            [running, claim["job"]["claim_id"]],
        )

        attempts = read_attempts(sql)
        assert [attempt["outcome"] for attempt in attempts] == ["completed", "released"]

        apply_migrations(PROJECT, old_stack.db_url)

        assert read_attempts(sql) == attempts
        assert UUID(claim["job"]["id"]) == running
        completed = sql.execute(
            "select complete_plan_job(%s, %s) ->> 'outcome' as outcome, "
            "(select count(*) from supajobs.steps) as steps",
            [running, claim["job"]["claim_id"]],
        ).fetchone()
        assert completed
        assert completed["outcome"] == "completed"
        assert sql.execute("select from supajobs.steps").fetchall() == []
        assert sql.execute("select user_id, cost_usd::float from plan_user_costs").fetchall() == [
            {"user_id": users[1], "cost_usd": 0.5}
        ]
        taken = sql.execute(
            "select (jsonb_array_elements(claim_plan_jobs(gen_random_uuid(), 'w', 10)::jsonb) "
            "->> 'id')::uuid as id"
        ).fetchall()
        first, second, others = waiting
        # Users take turns: the second user's only job comes before what is left of the first one's.
        assert [row["id"] for row in taken] == [others, first, second]
        sql.execute("update plan_generation_jobs set run_at = now() where id = %s", [scheduled])
        assert sql.execute(
            "select claim_plan_jobs(gen_random_uuid(), 'w') -> 0 ->> 'id' as id"
        ).fetchall() == [{"id": str(scheduled)}]


def read_attempts(sql: Sql) -> list[dict[str, Any]]:
    return sql.execute("select * from plan_job_attempts order by job_id").fetchall()


def enqueue(sql: Sql, user_id: UUID, *, run_at: str = "0 s") -> UUID:
    row = sql.execute(
        "select (enqueue_plan_job(%s, 'old', '{}', p_run_at => now() + %s) #>> '{job, id}')::uuid "
        "as id",
        [user_id, run_at],
    ).fetchone()
    assert row
    return row["id"]
