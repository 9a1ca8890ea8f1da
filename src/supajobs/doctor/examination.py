import contextlib
import traceback
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from pathlib import Path
from typing import NamedTuple

import httpx

from supajobs.doctor.connection import check_clock, check_reachable
from supajobs.doctor.finding import Finding, FindingStatus, Verdict, error, skipped
from supajobs.doctor.git import check_git
from supajobs.doctor.job_types import check_job_types
from supajobs.doctor.jwks import check_jwks
from supajobs.doctor.keys import check_publishable_key, check_secret_key
from supajobs.doctor.migrations import check_migrations, check_schema
from supajobs.doctor.privileges import check_privileges
from supajobs.doctor.processors import check_processor_endpoint, check_processors
from supajobs.doctor.project import ANSWER_SECONDS, Project
from supajobs.doctor.queue_health import check_queue
from supajobs.doctor.stores import check_stores
from supajobs.doctor.triggers import (
    check_pg_cron,
    check_pg_net,
    check_schedules,
    check_vault_secrets,
)
from supajobs.errors import SupabaseRefusedError, SupabaseUnavailableError, SupajobsError
from supajobs.queue.database import HOW_TO_WRITE, READ_ONLY
from supajobs.settings import Settings


class Check(NamedTuple):
    """What is looked at, and which checks must not have failed for it to make sense.

    `family`: who does not want it is told nothing.
    """

    name: str
    run: Callable[[Project], Awaitable[Verdict]]
    needs: tuple[str, ...] = ()
    family: str | None = None


CHECKS = (
    Check("supabase_reachable", check_reachable),
    Check("publishable_key", check_publishable_key, ("supabase_reachable",)),
    Check("secret_key", check_secret_key, ("supabase_reachable",)),
    Check("clock", check_clock, ("supabase_reachable",)),
    Check("jwks", check_jwks, ("supabase_reachable",)),
    Check("migrations", check_migrations, ("secret_key",)),
    Check("schema", check_schema, ("migrations",)),
    Check("privileges", check_privileges, ("publishable_key", "migrations")),
    Check("job_types", check_job_types, ("migrations",)),
    Check("stores", check_stores, ("migrations",)),
    Check("git", check_git, family="projects"),
    Check("pg_cron", check_pg_cron, ("migrations",)),
    Check("pg_net", check_pg_net, ("migrations",)),
    Check("vault_secrets", check_vault_secrets, ("migrations",)),
    Check("schedules", check_schedules, ("migrations",)),
    Check("processor_endpoint", check_processor_endpoint, ("migrations",)),
    Check("processors", check_processors, ("migrations",)),
    Check("queue", check_queue, ("migrations",)),
)


async def examine(project: Project, checks: Iterable[Check] = CHECKS) -> AsyncGenerator[Finding]:
    """Runs the checks one after the other, and gives each finding as it is made."""
    failed: set[str] = set()
    for check in checks:
        if check.family and check.family not in project.settings.job_families:
            continue
        if blocking := [name for name in check.needs if name in failed]:
            verdict = skipped(f"Not before {' and '.join(blocking)} is well.")
        else:
            verdict = await _run(check, project)
        if verdict.status in {FindingStatus.ERROR, FindingStatus.SKIPPED}:
            failed.add(check.name)
        yield Finding(
            check=check.name,
            status=verdict.status,
            message=verdict.message,
            remedy=verdict.remedy,
        )


async def _run(check: Check, project: Project) -> Verdict:
    try:
        return await check.run(project)
    except (SupabaseUnavailableError, SupabaseRefusedError) as refusal:
        return _tell_refusal(refusal)
    except SupajobsError as failure:
        return error(failure.message, failure.hint or "Try again.")
    # The words of what follows may quote a key.
    except httpx.HTTPError as failure:
        return error(
            f"The project did not answer: {type(failure).__name__}.",
            "Try again; see the Dashboard's logs, and status.supabase.com.",
        )
    except Exception as failure:  # noqa: BLE001 - one broken check must not hide the others
        frame = traceback.extract_tb(failure.__traceback__)[-1]
        return error(
            f"The check itself failed: {type(failure).__name__} in "
            f"{Path(frame.filename).name}:{frame.lineno}.",
            "Report this line as a defect of supajobs.",
        )


def _tell_refusal(refusal: SupabaseRefusedError | SupabaseUnavailableError) -> Verdict:
    if refusal.sqlstate is None:
        return error(
            f"The database did not answer in time: {refusal.reason}",
            "Try again; see the Dashboard's reports, and status.supabase.com.",
        )
    if refusal.sqlstate == READ_ONLY:
        return error("The database is read-only: it takes no changes.", HOW_TO_WRITE)
    return error(
        f"The database refused: {refusal.reason}",
        "See `migrations`, `schema` and `privileges`, and the Dashboard's Postgres logs.",
    )


@contextlib.asynccontextmanager
async def open_project(settings: Settings) -> AsyncGenerator[Project]:
    """The project of these settings, for examination."""
    async with httpx.AsyncClient(timeout=httpx.Timeout(ANSWER_SECONDS, connect=3.0)) as http:
        project = Project(settings, http)
        try:
            yield project
        finally:
            await project.close()
