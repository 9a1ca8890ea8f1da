"""`supajobs local`: the embedded Supabase of a directory."""

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import psycopg
import typer
from pydantic import ValidationError

from supajobs.local.dev import Environment, run
from supajobs.local.dev_settings import DevSettings
from supajobs.local.errors import LocalStackError
from supajobs.local.greeting import LOCAL_ORIGINS, greet
from supajobs.local.page import find_page
from supajobs.local.processes import free_port
from supajobs.local.schedule import schedule_processing
from supajobs.local.stack import Stack, StackInfo
from supajobs.shipped_sql import find_migrations

app = typer.Typer(
    help="The embedded local Supabase: PostgreSQL, REST, Auth and cron, without Docker.",
    no_args_is_help=True,
)

Dir = Annotated[Path, typer.Option("--dir", help="The directory of the stack.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]
Purge = Annotated[bool, typer.Option("--purge", help="Also erase its data, keys and logs.")]
_DEFAULT = Path(".supajobs")


@contextmanager
def _plain_errors() -> Generator[None]:
    """Turn what can go wrong on a machine into a sentence and exit code 1."""
    try:
        yield
    except (LocalStackError, OSError, psycopg.Error) as error:
        typer.secho(str(error), fg=typer.colors.RED, err=True)
        raise typer.Exit(1) from None


@app.command()
@_plain_errors()
def up(directory: Dir = _DEFAULT, *, as_json: Json = False) -> None:
    """Start the stack, or what of it does not run, and apply new migrations."""
    stack = _open_stack(directory)
    was_running = stack.status() is not None
    info = stack.up()
    if not as_json:
        typer.echo("The local stack was already running." if was_running else "Started.")
    _show(info, as_json=as_json)


@app.command()
@_plain_errors()
def down(directory: Dir = _DEFAULT, *, purge: Purge = False) -> None:
    """Stop the stack; its data stays, unless it is purged."""
    if Stack(directory).down(purge=purge):
        typer.echo("Stopped and erased." if purge else "Stopped.")
    else:
        typer.echo(f"There is no local stack in {directory}.", err=True)


@app.command()
@_plain_errors()
def status(directory: Dir = _DEFAULT, *, as_json: Json = False) -> None:
    """Show how to reach the stack; exit with 1 if it does not run."""
    _show(_running(directory), as_json=as_json)


@app.command()
@_plain_errors()
def env(directory: Dir = _DEFAULT) -> None:
    """Print the stack's variables as lines of an .env file."""
    for name, value in _running(directory).environment.items():
        typer.echo(f"{name}={value}")


@_plain_errors()
def dev(
    directory: Dir = _DEFAULT,
    *,
    reload: Annotated[
        bool, typer.Option(help="Start API and worker anew when a file changes in this folder.")
    ] = True,
) -> None:
    """Run the local stack, the API and a worker in this terminal, until Ctrl-C.

    At the API's address is a page, where one signs up and asks for a training plan; at /dashboard
    is one for who runs the queue. Web apps on
    localhost may call the API, unless CORS_ORIGINS says which.
    """
    settings = _read_settings()
    _require_free(settings.port)
    address = f"http://127.0.0.1:{settings.port}"

    def schedule(info: StackInfo, environment: Environment) -> None:
        schedule_processing(
            info.db_url,
            process_url=f"{address}/v1/queue/process",
            cron_secret=environment["CRON_SECRET"],
        )
        greet(
            info,
            address,
            page=f"{address}/" if "PAGE_DIR" in environment else _explain_no_page(settings),
            dashboard_secret=environment["CRON_SECRET"] if settings.dashboard else None,
            is_default=directory == _DEFAULT,
        )

    given = {**os.environ}
    if page := settings.page_dir or _find_page(settings):
        given["PAGE_DIR"] = str(page)
    if settings.cron_secret:
        given["CRON_SECRET"] = settings.cron_secret.get_secret_value()
    given["DASHBOARD"] = str(settings.dashboard).lower()
    if not settings.cors_origins:
        given["CORS_ORIGINS"] = ",".join(LOCAL_ORIGINS)
    watched = Path.cwd() if reload else None
    raise typer.Exit(run(_open_stack(directory), given=given, prepare=schedule, watched=watched))


def _require_free(port: int) -> None:
    """The API's. Asked for before anything is touched on which a `dev` that runs here may live."""
    if free_port(port) != port:
        raise LocalStackError(
            f"Port {port} is taken, perhaps by a `supajobs dev` in another terminal: "
            "stop that, or set SUPAJOBS_PORT to another one."
        )


def _read_settings() -> DevSettings:
    try:
        return DevSettings()
    except ValidationError as error:
        wrong = error.errors()[0]  # of none that is secret: those are not looked at yet
        name = str(wrong["loc"][0]).upper()
        raise LocalStackError(f"{name} is {wrong['input']!r}: {wrong['msg']}") from None


def _find_page(settings: DevSettings) -> Path | None:
    """That of the families of jobs, where there are any."""
    return find_page() if settings.job_families else None


def _explain_no_page(settings: DevSettings) -> str:
    if settings.job_families:
        return "none: this package was built without one"
    return "none: it is that of the built-in families of jobs, and JOB_FAMILIES has none of them"


def _open_stack(directory: Path) -> Stack:
    """One that gets the migrations of the queue and of the families that the settings want."""
    return Stack(directory, shipped=find_migrations(_read_settings().job_families))


def _running(directory: Path) -> StackInfo:
    info = Stack(directory).status()
    if info is None:
        typer.echo(f"No local stack is running in {directory}.", err=True)
        raise typer.Exit(1)
    return info


def _show(info: StackInfo, *, as_json: bool) -> None:
    if as_json:
        typer.echo(info.model_dump_json(exclude={"cron_secret", "superuser_db_url"}))
        return
    for name, value in info.environment.items():
        typer.echo(f"{name}={value}")
    typer.echo(f"Logs: {info.dir / 'logs'}")
