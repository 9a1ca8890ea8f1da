"""Step 3: the trigger has its secrets and its schedule."""

import re
from typing import Literal

import typer
from pydantic import BaseModel, TypeAdapter
from rich.console import Console

from supajobs.cli.doctor import print_line
from supajobs.cli.setup.steps import Options, StopError
from supajobs.doctor.finding import FindingStatus
from supajobs.doctor.processors import is_loopback
from supajobs.doctor.project import Project
from supajobs.doctor.trigger_description import PROCESS_SCHEDULE, TriggerDescription
from supajobs.errors import SupabaseRefusedError

DEFAULT_SCHEDULE = "30 seconds"
INVALID_SCHEDULE = "22023"  # SQLSTATE: what pg_cron says to words it does not know


class _Answer(BaseModel):
    outcome: Literal["scheduled", "unavailable"]


_answer = TypeAdapter(_Answer)


async def schedule_processing(project: Project, options: Options, console: Console) -> None:
    """Writes the secrets into Vault and registers the schedules, as far as the project has them.

    Raises:
        StopError: it is not known where the trigger can reach the API, or how often it should.
        SupajobsError: the database refused, or did not answer.
    """
    triggers = await project.describe_triggers()
    if missing := [name for name, is_there in triggers.extensions.items() if not is_there]:
        print_line(
            console,
            FindingStatus.WARNING,
            f"Not scheduled: {' and '.join(missing)} not enabled.",
            "Enable what is missing (Dashboard → Database → Extensions) and run this again; or run "
            "`supajobs work`, or `supajobs process --once` from a crontab.",
        )
        return
    if not (url := _choose_url(project, triggers, options)):
        print_line(
            console, FindingStatus.WARNING, "Not scheduled.", "Keep `supajobs work` running."
        )
        return
    schedule = options.schedule or next(
        (each.schedule for each in triggers.schedules if each.name == PROCESS_SCHEDULE),
        DEFAULT_SCHEDULE,
    )
    await _set_up(project, url, schedule)
    project.forget()
    print_line(console, FindingStatus.OK, f"Scheduled: {url} ({schedule}).")


def _choose_url(project: Project, triggers: TriggerDescription, options: Options) -> str:
    """Where the trigger is to reach the API; empty: nowhere."""
    settings = project.settings
    is_local = is_loopback(settings.supabase_origin)
    url = options.process_url or triggers.process_url
    if url is None and options.yes:
        raise StopError("Give --process-url https://<your api>/v1/queue/process.")
    if url is None:
        url = typer.prompt(
            "Where does the trigger reach `supajobs api`? (https://<your api>/v1/queue/process; "
            "empty: nowhere)",
            default=f"http://127.0.0.1:{settings.port}/v1/queue/process" if is_local else "",
        )
    if url and not re.match(r"https?://[^\s/]", url):
        raise StopError(f"{url} is no address such as https://<your api>/v1/queue/process.")
    if url and not re.search(r"/queue/process/?$", url):
        raise StopError(
            f"{url} is not where the processor is called: add /v1/queue/process, as in "
            f"{url.rstrip('/')}/v1/queue/process."
        )
    if url and is_loopback(url) and not is_local:
        raise StopError(
            f"Supabase cannot reach {url}, which is this machine. Deploy the API and give "
            "--process-url its public address."
        )
    return url


async def _set_up(project: Project, url: str, schedule: str) -> None:
    secret = project.settings.cron_secret
    params = {
        "p_process_url": url,
        "p_cron_secret": secret.get_secret_value() if secret else None,
        "p_schedule": schedule,
    }
    try:
        await project.database.call("set_up_plan_job_processing", params, _answer)
    except SupabaseRefusedError as refusal:
        if refusal.sqlstate != INVALID_SCHEDULE:
            raise
        raise StopError(
            f"pg_cron does not know the schedule '{schedule}': write '30 seconds' (1 to 59; older "
            "versions know minutes only: '* * * * *')."
        ) from None
