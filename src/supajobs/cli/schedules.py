"""`supajobs schedules`: the recurring jobs of all users, for the people who run the queue."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer

from supajobs.cli.arguments import LEVEL, read_due, read_id, read_interval, read_params
from supajobs.cli.asking import OpenProject, ask
from supajobs.cli.job_lines import tell_enqueued
from supajobs.cli.job_requests import make_client
from supajobs.cli.schedule_records import list_schedules, tell_next
from supajobs.cli.screen import EXIT_CODES, AsJson, open_console, print_json, show
from supajobs.job_options import Priority
from supajobs.queue.answers import Enqueued
from supajobs.queue.schedule_rows import read_schedule, read_schedules
from supajobs.schedules import CatchUp, Overlap, Schedule

MAX_LIMIT = 500

app = typer.Typer(
    help="Have jobs recur: list, add, pause, run and remove them. " + EXIT_CODES,
    no_args_is_help=True,
)

_TIME = "2h, 1d, 1w from now, or 2026-11-22T14:00."
ScheduleId = Annotated[UUID, typer.Argument(parser=read_id, metavar="ID")]


@app.command("list", epilog=EXIT_CODES)
def list_(
    *,
    user: Annotated[UUID | None, typer.Option(help="Of the user with this id.")] = None,
    system: Annotated[bool, typer.Option("--system", help="Of the system.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=MAX_LIMIT, help="At most so many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """List schedules, newest first."""
    if user and system:
        raise typer.BadParameter("has no users: leave --user out.", param_hint="'--system'")
    found = ask(
        lambda project: read_schedules(project.database, user=user, system=system, limit=limit)
    )
    schedules, has_more = found[:limit], len(found) > limit
    if as_json:
        documents = [each.model_dump(exclude={"params"}) for each in schedules]
        print_json({"schedules": documents, "has_more": has_more})
        return
    if schedules:
        show(list_schedules(schedules, open_console().width))
    else:
        typer.echo("No such schedules.", err=True)
    if has_more:
        typer.echo("There are more: narrow them down, or raise --limit.", err=True)


@app.command(epilog=EXIT_CODES)
def add(  # noqa: PLR0913 - one argument per column
    job_type: Annotated[str, typer.Argument(metavar="TYPE", help="The type of its jobs.")],
    name: Annotated[str, typer.Argument(metavar="NAME", help="One schedule of each name.")],
    *,
    cron: Annotated[
        str | None, typer.Option(help="Minute, hour, day, month, weekday: '0 6 * * MON'.")
    ] = None,
    time_zone: Annotated[
        str | None, typer.Option(help="Whose time that is: Europe/Madrid, or UTC.")
    ] = None,
    every: Annotated[
        int | None,
        typer.Option(parser=read_interval, metavar="SPAN", help="Instead: 15m, 2h, 1d."),
    ] = None,
    user: Annotated[
        UUID | None, typer.Option(help="For the user with this id; else it is of the system.")
    ] = None,
    params: Annotated[
        dict[str, Any] | None,
        typer.Option(parser=read_params, metavar="JSON", help='Of its jobs: \'{"hero": "Fox"}\'.'),
    ] = None,
    priority: Annotated[int, LEVEL] = Priority.NORMAL,
    project_id: Annotated[
        UUID | None, typer.Option("--project", help="Its jobs are of the project with this id.")
    ] = None,
    ttl_hours: Annotated[
        int | None, typer.Option(metavar="HOURS", help="How long its finished jobs are kept.")
    ] = None,
    starts_at: Annotated[
        datetime | None, typer.Option(parser=read_due, metavar="TIME", help=f"Not before: {_TIME}")
    ] = None,
    ends_at: Annotated[
        datetime | None, typer.Option(parser=read_due, metavar="TIME", help=f"Not after: {_TIME}")
    ] = None,
    overlap: Annotated[
        Overlap, typer.Option(help="While the last job is on its way: skip the next, or queue it.")
    ] = "skip",
    catch_up: Annotated[
        CatchUp,
        typer.Option(
            help="Of those that were missed, run none, the latest one, or all: these come at once, "
            "so only with --overlap queue."
        ),
    ] = "one",
    as_json: AsJson = False,
) -> None:
    """Have a job recur.

    A schedule of this name is changed into this one: what is not said is no longer as it was.
    """

    async def request(project: OpenProject) -> Schedule:
        return await make_client(project).schedule(
            job_type,
            params or {},
            user_id=user,
            name=name,
            cron=cron,
            time_zone=time_zone,
            interval_seconds=every,
            starts_at=starts_at,
            ends_at=ends_at,
            priority=priority,
            project_id=project_id,
            ttl_hours=ttl_hours,
            overlap=overlap,
            catch_up=catch_up,
        )

    _tell(ask(request), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def pause(schedule_id: ScheduleId, *, as_json: AsJson = False) -> None:
    """Pause a schedule. What it misses meanwhile is not caught up with."""
    _tell(_change(schedule_id, is_paused=True), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def resume(schedule_id: ScheduleId, *, as_json: AsJson = False) -> None:
    """Let a paused schedule go on."""
    _tell(_change(schedule_id, is_paused=False), as_json=as_json)


@app.command(epilog=EXIT_CODES)
def run(schedule_id: ScheduleId, *, as_json: AsJson = False) -> None:
    """Ask for the job of a schedule now, besides its plan."""

    async def request(project: OpenProject) -> Enqueued:
        schedule = await read_schedule(project.database, schedule_id)
        return await make_client(project).enqueue(
            schedule.job_type,
            schedule.params_for_now,
            user_id=schedule.user_id,
            **schedule.options,
        )

    enqueued = ask(request)
    if as_json:
        job = enqueued.job.model_dump(exclude={"params", "result"})
        print_json({"outcome": enqueued.outcome, "job": job})
        return
    typer.echo(tell_enqueued(enqueued))


@app.command(epilog=EXIT_CODES)
def remove(schedule_id: ScheduleId) -> None:
    """End a schedule. Its jobs stay."""

    async def delete(project: OpenProject) -> None:
        schedule = await read_schedule(project.database, schedule_id)
        await project.queue.schedules.delete(schedule.id, schedule.user_id)

    ask(delete)
    typer.echo(f"{schedule_id} removed")


def _change(schedule_id: UUID, **changes: Any) -> Schedule:
    async def change(project: OpenProject) -> Schedule:
        schedule = await read_schedule(project.database, schedule_id)
        return await project.queue.schedules.change(schedule, changes)

    return ask(change)


def _tell(schedule: Schedule, *, as_json: bool) -> None:
    if as_json:
        print_json(schedule.model_dump(exclude={"params"}))
    else:
        typer.echo(f"{schedule.id} {tell_next(schedule)}")
