"""Step 2: the migrations are in the project."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import typer
from rich.console import Console

from supajobs.cli.doctor import print_line
from supajobs.cli.setup.env_file import read_env
from supajobs.cli.setup.push import Push, plan_push, tell_commands
from supajobs.cli.setup.steps import Options, StopError
from supajobs.doctor.connection import read_object
from supajobs.doctor.finding import FindingStatus, Verdict, enumerate_some
from supajobs.doctor.migrations import check_migrations
from supajobs.doctor.project import Project
from supajobs.settings import Settings
from supajobs.shipped_sql import FAMILIES, copy_migrations

NO_SUCH_COLUMN, NO_SUCH_RIGHT = "42703", "42501"
RELOAD_SECONDS = 15  # in which PostgREST notices new functions


async def bring_migrations(project: Project, options: Options, console: Console) -> None:
    """Pushes what is missing, by the official CLI.

    Raises:
        StopError: it is for somebody else to push it, or it failed, or a table is in the way.
        SupajobsError: the database refused, or did not answer.
    """
    verdict = await check_migrations(project)
    if verdict.status == FindingStatus.ERROR:
        print_line(console, FindingStatus.WARNING, verdict.message)
        await _require_free_tables(project)
        await asyncio.to_thread(_push, project.settings, options, console)
        verdict = await _wait_for_migrations(project)
    if verdict.status == FindingStatus.ERROR:
        raise StopError(
            f"{verdict.message} Was it the same project? Compare SUPABASE_URL with "
            "SUPABASE_DB_URL or supabase/.temp/project-ref."
        )
    print_line(console, verdict.status, verdict.message, verdict.remedy)


async def _require_free_tables(project: Project) -> None:
    for name in project.settings.job_families:
        for table, columns in FAMILIES[name].tables.items():
            if await _is_somebody_elses(project, table, columns):
                raise StopError(
                    f"Nothing was changed: the family {name} needs a table {table}, and the "
                    "project has another one of that name. Rename that one, or leave the family "
                    "out (JOB_FAMILIES=none)."
                )


async def _is_somebody_elses(project: Project, table: str, columns: Sequence[str]) -> bool:
    """Whether there is such a table without these columns, or out of our reach."""
    path = f"/rest/v1/{table}?select={','.join(columns)}&limit=0"
    key = project.settings.supabase_secret_key.get_secret_value()
    answer = read_object(await project.get(path, key=key))
    return answer.get("code") in {NO_SUCH_COLUMN, NO_SUCH_RIGHT}


def _push(settings: Settings, options: Options, console: Console) -> None:
    directory = Path.cwd()
    try:
        copied = copy_migrations(directory / "supabase" / "migrations", settings.job_families)
    except OSError as error:
        raise StopError(f"./supabase/migrations cannot be filled: {error}") from None
    if copied:
        names = enumerate_some(copied)
        print_line(console, FindingStatus.OK, f"Copied to ./supabase/migrations: {names}.")
    supabase_url = settings.supabase_origin
    push = plan_push(directory, supabase_url, read_env(options.env_file))
    if push is None or not _may_push(push, options):
        commands = "\n".join(f"  {command}" for command in tell_commands(supabase_url))
        raise StopError(f"Push the migrations, then run `supajobs setup` again:\n{commands}")
    typer.echo(f"$ {push.shown}")
    if not push.run(directory):
        raise StopError(f"`{push.shown}` failed. Do what it says, then run `supajobs setup` again.")


def _may_push(push: Push, options: Options) -> bool:
    return options.yes or typer.confirm(
        f"Push what is in ./supabase/migrations and not yet in the project ({push.shown})?",
        default=True,
    )


async def _wait_for_migrations(project: Project) -> Verdict:
    for _ in range(RELOAD_SECONDS):
        project.forget()
        if (verdict := await check_migrations(project)).status != FindingStatus.ERROR:
            return verdict
        await asyncio.sleep(1)
    return await check_migrations(project)
