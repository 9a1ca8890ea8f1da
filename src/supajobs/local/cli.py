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
from supajobs.local.errors import LocalStackError
from supajobs.local.processes import free_port
from supajobs.local.schedule import schedule_processing
from supajobs.local.stack import Stack, StackInfo
from supajobs.settings import FamilySettings
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
    Stack(directory).down(purge=purge)
    typer.echo("Stopped and erased." if purge else "Stopped.")


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
def dev(directory: Dir = _DEFAULT) -> None:
    """Run the local stack, the API and a worker in this terminal, until Ctrl-C."""
    port = _find_port()

    def schedule(info: StackInfo, environment: Environment) -> None:
        api = f"http://127.0.0.1:{port}"
        schedule_processing(
            info.db_url,
            process_url=f"{api}/v1/queue/process",
            cron_secret=environment["CRON_SECRET"],
        )
        typer.echo(f"The API will serve {api}. Users sign up at {info.api_url}/auth/v1/signup.")
        typer.echo("Keys and addresses, in another terminal: supajobs local env")

    raise typer.Exit(run(_open_stack(directory), prepare=schedule))


def _find_port() -> int:
    """The API's. Asked for before anything is touched on which a `dev` that runs here may live."""
    told = os.environ.get("PORT") or "8000"
    if not told.isdecimal():
        raise LocalStackError(f"PORT is {told!r}, which is no number.")
    if free_port(port := int(told)) != port:
        raise LocalStackError(
            f"Port {port} is taken, perhaps by a `supajobs dev` in another terminal: "
            "stop that, or set PORT to another one."
        )
    return port


def _open_stack(directory: Path) -> Stack:
    """One that gets the migrations of the queue and of the families that the settings want."""
    try:
        families = FamilySettings().job_families
    except ValidationError as error:
        raise LocalStackError(f"JOB_FAMILIES: {error.errors()[0]['msg']}") from None
    return Stack(directory, shipped=find_migrations(families))


def _running(directory: Path) -> StackInfo:
    info = Stack(directory).status()
    if info is None:
        typer.echo(f"No local stack is running in {directory}.", err=True)
        raise typer.Exit(1)
    return info


def _show(info: StackInfo, *, as_json: bool) -> None:
    if as_json:
        typer.echo(info.model_dump_json(exclude={"superuser_db_url"}))
        return
    for name, value in info.environment.items():
        typer.echo(f"{name}={value}")
    typer.echo(f"Logs: {info.dir / 'logs'}")
