"""`supajobs jobs`: the jobs of all users, for the people who run the queue."""

import sys
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from supajobs.cli.arguments import (
    LEVEL,
    read_due,
    read_id,
    read_interval,
    read_json,
    read_params,
)
from supajobs.cli.asking import OpenProject, ask
from supajobs.cli.job_changes import signal_job
from supajobs.cli.job_commands import cancel, prioritise, retry
from supajobs.cli.job_filters import (
    InStates,
    JobFilters,
    JobId,
    OfProject,
    OfSystem,
    OfType,
    OfUser,
    Since,
    WithError,
)
from supajobs.cli.job_lines import tell_enqueued, tell_line, tell_signal
from supajobs.cli.job_records import read_jobs, read_record
from supajobs.cli.job_requests import make_client
from supajobs.cli.job_tables import list_jobs, show_job
from supajobs.cli.screen import EXIT_CODES, AsJson, open_console, print_json, show
from supajobs.cli.tail import follow_job, follow_queue
from supajobs.job_options import Priority
from supajobs.jobs import JobStatus, JobSummary
from supajobs.queue.answers import Enqueued

MAX_LIMIT = 500

app = typer.Typer(
    help="Ask for jobs, look at them, cancel them, and run them again. " + EXIT_CODES,
    no_args_is_help=True,
)


@app.command(epilog=EXIT_CODES)
def enqueue(  # noqa: PLR0913 - one argument per column
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="Its job type.")],
    *,
    user: Annotated[
        UUID | None,
        typer.Option(help="For the user with this id; else it is one of the system."),
    ] = None,
    params: Annotated[
        dict[str, Any] | None,
        typer.Option(parser=read_params, metavar="JSON", help='Its params: \'{"hero": "Fox"}\'.'),
    ] = None,
    priority: Annotated[int, LEVEL] = Priority.NORMAL,
    run_at: Annotated[
        datetime | None,
        typer.Option(
            parser=read_due, metavar="TIME", help="Not before: 30m, 2h, or 2026-11-22T14:00."
        ),
    ] = None,
    debounce: Annotated[
        int | None,
        typer.Option(
            parser=read_interval,
            metavar="SPAN",
            help="So long after the last request, which wins: 30s, 5m. Of a type with dedupe_by.",
        ),
    ] = None,
    debounce_max: Annotated[
        int | None,
        typer.Option(
            parser=read_interval, metavar="SPAN", help="So long after the first one at the latest."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Ask for a job of a user, or of the system.

    Where the settings name its job type's module, the params are checked by that.
    """

    async def request(project: OpenProject) -> Enqueued:
        return await make_client(project).enqueue(
            job_type,
            params or {},
            user_id=user,
            priority=priority,
            run_at=run_at,
            debounce_seconds=debounce,
            debounce_max_seconds=debounce_max,
        )

    enqueued = ask(request)
    if as_json:
        job = enqueued.job.model_dump(exclude={"params", "result"})
        print_json({"outcome": enqueued.outcome, "replaced": enqueued.replaced, "job": job})
        return
    typer.echo(tell_enqueued(enqueued))


@app.command("list", epilog=EXIT_CODES)
def list_(  # noqa: PLR0913 - one argument per filter
    *,
    status: InStates = None,
    job_type: OfType = None,
    error: WithError = None,
    user: OfUser = None,
    system: OfSystem = False,
    project: OfProject = None,
    since: Since = None,
    limit: Annotated[int, typer.Option(min=1, max=MAX_LIMIT, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List jobs, newest first."""
    filters = JobFilters(status, job_type, error, user, system, project, since)
    found = ask(lambda project: read_jobs(project.database, filters, limit))
    jobs, has_more = found[:limit], len(found) > limit
    if as_json:
        print_json({"jobs": [job.model_dump() for job in jobs], "has_more": has_more})
        return
    if jobs:
        show(list_jobs(jobs, open_console().width))
    else:
        typer.echo("No such jobs.", err=True)
    if has_more:
        typer.echo("There are more: narrow them down, or raise --limit.", err=True)


@app.command("show", epilog=EXIT_CODES)
def show_(
    job_id: JobId,
    *,
    params: Annotated[
        bool, typer.Option("--params", help="Also its params, which may be private.")
    ] = False,
    result: Annotated[
        bool, typer.Option("--result", help="Also its result, which may be private.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show all about a job: its state, flow, attempts with their cost, steps, notifications."""
    contents = ["params"] * params + ["result"] * result
    record = ask(lambda project: read_record(project, job_id, contents))
    if as_json:
        print_json(record.document)
        return
    show(*show_job(record, open_console().width))
    if not contents:
        typer.echo("What it was asked and has made: --params, --result.", err=True)


for change in (cancel, retry, prioritise):
    app.command(epilog=EXIT_CODES)(change)


@app.command(epilog=EXIT_CODES)
def signal(
    job_id: JobId,
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the job waits for.")],
    *,
    payload: Annotated[
        Any, typer.Option(parser=read_json, metavar="JSON", help="What it is told: '\"yes\"'.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Tell a job what it waits for, or will wait for."""
    told = ask(lambda project: signal_job(project, job_id, name, payload))
    is_done = told.outcome in {"stored", "existing"}
    if as_json:
        print_json(told.model_dump(include={"outcome", "payload"}))
    else:
        typer.echo(f"{job_id}  {tell_signal(told)}", err=not is_done)
    if not is_done:
        raise typer.Exit(1)


@app.command(
    epilog="With ID, exits with 1 when the job failed, was cancelled, or is gone. Ctrl-C is 0."
)
def tail(
    job_id: Annotated[UUID | None, typer.Argument(parser=read_id, metavar="[ID]")] = None,
    *,
    job_type: OfType = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object per line.")] = False,
) -> None:
    """Print new states of jobs as they come; of one job, until it has ended.

    It looks once a second: of states that come faster only the last is seen, and of a backlog of
    more than a thousand jobs not each that runs for less than a second.
    """
    if job_id and job_type:
        raise typer.BadParameter("is for following all jobs of a type.", param_hint="'--type'")
    ended: list[JobSummary] = []
    if not job_id and sys.stderr.isatty():
        typer.echo("Waiting for what is new; for what has been: supajobs jobs list.", err=True)

    async def run(project: OpenProject) -> None:
        states = follow_job(project, job_id) if job_id else follow_queue(project, job_type)
        async with aclosing(states):
            async for job in states:
                _print_state(job, as_json=as_json)
                ended[:] = [job] * (job.id == job_id and job.has_ended)

    with suppress(KeyboardInterrupt):
        ask(run)
    if ended and ended[0].status != JobStatus.COMPLETED:
        raise typer.Exit(1)


def _print_state(job: JobSummary, *, as_json: bool) -> None:
    if as_json:
        print_json(job.model_dump())
    else:
        open_console().print(tell_line(job), soft_wrap=True)
