import shutil
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from tests.doctor.findings import Break, Diagnose, Findings, not_ok
from tests.parts import PROJECT, make_settings

from supajobs.doctor.examination import examine, open_project
from supajobs.doctor.schema_description import read_snapshot
from supajobs.local.migrating import apply_migrations
from supajobs.local.stack import Stack

QUEUE = "20261129000000"
TRAINING_PLANS = "20261129000050"
AFTER_MIGRATIONS = dict.fromkeys(
    [
        "schema",
        "privileges",
        "job_types",
        "stores",
        "pg_cron",
        "pg_net",
        "vault_secrets",
        "schedules",
        "processor_endpoint",
        "processors",
        "queue",
    ],
    "skipped",
)

Migrate = Callable[..., Awaitable[Findings]]


@pytest.fixture
async def migrate(tmp_path: Path) -> AsyncGenerator[Migrate]:
    """Applies the migrations up to a version to a project without any, and examines it."""
    folder = tmp_path / "supabase" / "migrations"
    folder.mkdir(parents=True)
    stack = Stack(tmp_path / "stack", project=tmp_path)
    info = stack.up()

    async def migrate(last: str, **settings: Any) -> Findings:
        for migration in (PROJECT / "supabase" / "migrations").glob("*.sql"):
            if migration.name <= f"{last}_~":
                shutil.copy(migration, folder)
        apply_migrations(tmp_path, info.db_url)
        async with open_project(make_settings(info, **settings)) as project:
            return {finding.check: finding async for finding in examine(project)}

    try:
        yield migrate
    finally:
        stack.down(purge=True)


async def test_migrations_are_missing(migrate: Migrate) -> None:
    findings = await migrate("0")
    assert not_ok(findings) == {"migrations": "error", **AFTER_MIGRATIONS}
    assert "supajobs setup" in str(findings["migrations"].remedy)

    findings = await migrate(QUEUE)
    assert not_ok(findings) == {"migrations": "error", **AFTER_MIGRATIONS}
    known = read_snapshot().migrations or {}
    missing = [f"{version}_{name}" for version, name in known.items() if version > QUEUE]
    assert missing[0] == f"{TRAINING_PLANS}_create_training_plans"
    said = findings["migrations"].message
    assert said.startswith(f"Migrations are not applied: {missing[0]}")


async def test_without_a_family_the_queue_is_all_there_is_to_be(migrate: Migrate) -> None:
    findings = await migrate(QUEUE, job_families="none")
    assert findings["migrations"].message == "All migrations are applied: create_plan_queue."
    assert {findings[check].status for check in ("migrations", "schema", "privileges")} == {"ok"}

    findings = await migrate(TRAINING_PLANS, job_families="none")  # as one wanted it once
    assert {findings[check].status for check in ("migrations", "schema", "privileges")} == {"ok"}


async def test_a_migration_was_applied_by_hand(diagnose: Diagnose, broken: Break) -> None:
    with broken(
        "create table kept as select * from supabase_migrations.schema_migrations "
        "where version = '20261129000050'; "
        "delete from supabase_migrations.schema_migrations where version = '20261129000050'",
        "insert into supabase_migrations.schema_migrations select * from kept; drop table kept",
    ):
        findings = await diagnose()
    assert not_ok(findings) == {"migrations": "warning"}
    assert "20261129000050_create_training_plans" in findings["migrations"].message
    repair = "npx supabase migration repair --status applied 20261129000050"
    assert findings["migrations"].remedy == repair


async def test_there_is_no_history(diagnose: Diagnose, broken: Break) -> None:
    with broken(
        "alter table supabase_migrations.schema_migrations rename to elsewhere",
        "alter table supabase_migrations.elsewhere rename to schema_migrations",
    ):
        findings = await diagnose()
    assert not_ok(findings) == {"migrations": "warning"}
    assert "no history" in findings["migrations"].message


async def test_the_database_is_newer_than_the_package(diagnose: Diagnose, broken: Break) -> None:
    with broken(
        "insert into supabase_migrations.schema_migrations (version, name) "
        "values ('20991231000000', 'improve_plan_jobs'); "
        "alter table supajobs.provider_keys alter ciphertext drop not null",
        "delete from supabase_migrations.schema_migrations where version = '20991231000000'; "
        "alter table supajobs.provider_keys alter ciphertext set not null",
    ):
        findings = await diagnose()
    assert not_ok(findings) == {"migrations": "warning", "schema": "warning"}
    assert "20991231000000_improve_plan_jobs" in findings["migrations"].message
    assert findings["migrations"].remedy == "Upgrade the package to the version that wrote them."


async def test_later_migrations_of_the_projects_own_are_its_business(
    diagnose: Diagnose, broken: Break
) -> None:
    with broken(
        "insert into supabase_migrations.schema_migrations (version, name) "
        "values ('20991231000000', 'add_meal_plans')",
        "delete from supabase_migrations.schema_migrations where version = '20991231000000'",
    ):
        assert not_ok(await diagnose()) == {}
