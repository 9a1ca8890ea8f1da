from collections.abc import Generator
from datetime import UTC, datetime

import pytest
from tests.doctor.findings import Diagnose, not_ok, schedule
from tests.parts import Sql
from tests.serving import eventually

from supajobs.local.stack import StackInfo

LONG_AGO = datetime(2026, 1, 2, tzinfo=UTC)


@pytest.fixture
def rescheduled(stack: StackInfo, process_url: str) -> Generator[None]:
    """Afterwards the extensions, secrets and schedules are again as they should be."""
    yield
    with Sql.connect(stack.db_url, autocommit=True) as sql:
        sql.execute("create extension if not exists pg_cron")
        sql.execute("create extension if not exists pg_net with schema extensions")
        schedule(stack, process_url)
        sql.execute(
            "delete from supajobs.trigger_calls"
        )  # of an extension that is gone, or refused


@pytest.mark.usefixtures("rescheduled")
@pytest.mark.parametrize("extension", ["pg_cron", "pg_net"])
async def test_an_extension_is_off(
    diagnose: Diagnose, diagnose_unseen: Diagnose, sql: Sql, extension: str
) -> None:
    sql.execute(f"drop extension {extension}".encode())
    findings = await diagnose()
    assert not_ok(findings) == {extension: "warning", "schedules": "skipped"}
    assert f"Enable {extension}" in str(findings[extension].remedy)

    findings = await diagnose_unseen(LONG_AGO)
    assert not_ok(findings) == {
        extension: "error",
        "schedules": "skipped",
        "processors": "warning",
    }
    assert "crontab" in str(findings[extension].remedy)


@pytest.mark.usefixtures("rescheduled")
@pytest.mark.parametrize("secret", ["supajobs_process_url", "supajobs_cron_secret"])
async def test_a_secret_is_missing(
    diagnose: Diagnose, diagnose_unseen: Diagnose, sql: Sql, secret: str
) -> None:
    sql.execute("delete from vault.secrets where name = %s", [secret])
    findings = await diagnose()
    also = {"processor_endpoint": "skipped"} if secret == "supajobs_process_url" else {}
    assert not_ok(findings) == {
        "vault_secrets": "warning",
        "schedules": "skipped",
        "queue": "warning",  # says it, too, in its own words
        **also,
    }
    assert findings["vault_secrets"].message.startswith(f"Vault lacks {secret}.")

    findings = await diagnose_unseen(LONG_AGO)
    assert findings["vault_secrets"].status == "error"


@pytest.mark.usefixtures("rescheduled")
async def test_nothing_is_scheduled(
    diagnose: Diagnose, diagnose_unseen: Diagnose, sql: Sql
) -> None:
    sql.execute("select cron.unschedule('supajobs_process')")
    findings = await diagnose()
    assert not_ok(findings) == {"schedules": "warning"}
    assert findings["schedules"].message.startswith("supajobs_process is not scheduled")

    findings = await diagnose_unseen(LONG_AGO)
    assert not_ok(findings)["schedules"] == "error"
    assert "supajobs setup" in str(findings["schedules"].remedy)


@pytest.mark.usefixtures("rescheduled")
async def test_a_schedule_is_switched_off(diagnose: Diagnose, sql: Sql) -> None:
    sql.execute(
        "select cron.alter_job(jobid, active := false) from cron.job "
        "where jobname = 'supajobs_process'"
    )
    findings = await diagnose()
    assert not_ok(findings) == {"schedules": "error", "queue": "warning"}
    assert (
        "supajobs_process does not do its work. It is switched off" in findings["schedules"].message
    )


@pytest.mark.usefixtures("rescheduled")
async def test_pg_cron_stands_still(diagnose: Diagnose, sql: Sql) -> None:
    sql.execute("update supajobs.trigger_schedules set scheduled_at = now() - interval '10 days'")
    sql.execute("delete from cron.job_run_details")
    findings = await diagnose()
    assert not_ok(findings) == {"schedules": "error", "queue": "warning"}
    assert "pg_cron has not run it yet" in findings["schedules"].message


@pytest.mark.usefixtures("rescheduled")
async def test_vault_has_another_secret_than_the_processor(
    diagnose: Diagnose, stack: StackInfo, process_url: str, sql: Sql
) -> None:
    schedule(stack, process_url, cron_secret="another-secret-than-it-has", every="1 second")
    await eventually(
        lambda: sql.execute(
            "select from net._http_response where status_code = 401 offset 1"
        ).fetchall()
    )
    findings = await diagnose()
    assert not_ok(findings) == {"schedules": "error", "queue": "warning"}
    assert "refuses its secret (401)" in findings["schedules"].message
