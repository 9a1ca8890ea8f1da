"""`supajobs setup`."""

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import stamina.instrumentation
import typer
from rich.console import Console

from supajobs.cli.doctor import print_finding, print_line
from supajobs.cli.refusals import explain
from supajobs.cli.screen import open_console
from supajobs.cli.setup.canary import CanaryError, send_canary
from supajobs.cli.setup.migrating import bring_migrations
from supajobs.cli.setup.scheduling import DEFAULT_SCHEDULE, schedule_processing
from supajobs.cli.setup.settings import settle_settings
from supajobs.cli.setup.steps import Options, StopError
from supajobs.cli.wording import tell_seconds
from supajobs.doctor.examination import CHECKS, examine, open_project
from supajobs.doctor.finding import FindingStatus
from supajobs.doctor.project import Project
from supajobs.errors import SupajobsError

BASICS = CHECKS[:3]  # the address and the keys


def setup(
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Ask nothing; fail where one must.")] = False,
    process_url: Annotated[
        str | None,
        typer.Option(help="Where the trigger reaches the API: https://<your api>/v1/queue/process"),
    ] = None,
    schedule: Annotated[
        str | None,
        typer.Option(help=f"How often. (As it is; at first '{DEFAULT_SCHEDULE}'.)"),
    ] = None,
    env_file: Annotated[
        Path, typer.Option(help="Where settings are read from, and new ones are written to.")
    ] = Path(".env"),
    canary_timeout: Annotated[
        float, typer.Option(help="Seconds that the canary may take.", min=1)
    ] = 90,
) -> None:
    """Set the queue up in your Supabase project, and try it.

    Checks address and keys, pushes the migrations, writes the trigger's secrets into Vault,
    schedules it, and sends a job the whole way. What is done already is left as it is.
    """
    stamina.instrumentation.set_on_retry_hooks(())  # stdout is for what was asked for
    settings = settle_settings(env_file, yes=yes)
    options = Options(yes, process_url, schedule, env_file, canary_timeout)

    async def run() -> bool:
        async with open_project(settings) as project:
            return await _set_up(project, options, open_console())

    try:
        is_well = asyncio.run(run())
    except StopError as reason:
        typer.echo(str(reason), err=True)
        raise typer.Exit(1) from None
    except SupajobsError as error:
        typer.echo(explain(error, settings.supabase_origin), err=True)
        raise typer.Exit(1) from None
    raise typer.Exit(0 if is_well else 1)


async def _set_up(project: Project, options: Options, console: Console) -> bool:
    """Whether all is well in the end."""
    async for finding in examine(project, BASICS):
        print_finding(console, finding)
        if finding.status == FindingStatus.ERROR:
            return False
    await bring_migrations(project, options, console)
    await schedule_processing(project, options, console)
    is_through = await _try_canary(project, options, console)
    if is_through:
        await _wait_for_trigger(project, options, console)
    return await _sum_up(project, console) and is_through


async def _try_canary(project: Project, options: Options, console: Console) -> bool:
    if not (await project.describe_triggers()).has_living_processor:
        print_line(
            console,
            FindingStatus.WARNING,
            "No processor runs.",
            "Start `supajobs api` or `supajobs work` now, with these settings; the canary waits.",
        )
    try:
        with console.status("Waiting for the canary, a job that goes the whole way …"):
            job = await send_canary(project.database, timeout=options.canary_timeout)
    except CanaryError as error:
        print_line(console, FindingStatus.ERROR, str(error), error.remedy)
        return False
    waited = ((job.started_at or job.created_at) - job.created_at).total_seconds()
    print_line(
        console,
        FindingStatus.OK,
        f"The canary got through: {job.worker_id} took it after {tell_seconds(waited)}.",
    )
    return True


async def _wait_for_trigger(project: Project, options: Options, console: Console) -> None:
    """Until it has forgotten that nobody answered it before this."""
    with console.status("Waiting for the trigger's next call …"), suppress(TimeoutError):
        async with asyncio.timeout(options.canary_timeout):
            project.forget()
            while not all(each.is_alive for each in (await project.describe_triggers()).schedules):
                await asyncio.sleep(1)
                project.forget()


async def _sum_up(project: Project, console: Console) -> bool:
    """Tells what the doctor finds; whether it is no error."""
    project.forget()
    findings = [finding async for finding in examine(project)]
    for finding in findings:
        if finding.status != FindingStatus.OK:
            print_finding(console, finding)
    well = sum(finding.status == FindingStatus.OK for finding in findings)
    typer.echo(f"{well} of {len(findings)} checks are well (supajobs doctor).")
    return all(finding.status != FindingStatus.ERROR for finding in findings)
