"""The command line: `supajobs api`, `work`, `process`; with the extra `local`, also those."""

import asyncio
import importlib.util
import json
import signal
from collections.abc import Awaitable, Callable
from typing import Annotated

import typer
import uvicorn
from pydantic import ValidationError

from supajobs.app import WORKER_PATIENCE, create_app, create_processor
from supajobs.database import Database
from supajobs.errors import SupajobsError
from supajobs.handlers import create_job_types
from supajobs.logs import configure_logs
from supajobs.processor import Processor
from supajobs.settings import Settings

app = typer.Typer(
    help="Durable background jobs for Supabase apps.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


if importlib.util.find_spec("psycopg"):  # the extra `local`, which production goes without
    from supajobs.local import cli as local_cli

    app.add_typer(local_cli.app, name="local")
    app.command()(local_cli.dev)


def _read_settings() -> Settings:
    try:
        settings = Settings()  # pyright: ignore[reportCallIssue] - the fields come from the environment
    except ValidationError as error:
        for each in error.errors():
            name = "_".join(str(part) for part in each["loc"]).upper()
            typer.echo(f"{name}: {each['msg']}", err=True)
        typer.echo("Set these in the environment or in .env; see .env.example.", err=True)
        raise typer.Exit(2) from error
    configure_logs(settings)
    return settings


@app.command()
def api() -> None:
    """Serve the HTTP API."""
    settings = _read_settings()
    # uvicorn shuts down gently and then raises the signal again: as Ctrl-C it ends with exit 0.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    uvicorn.run(
        create_app(settings),
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,  # s; requests are short, and the jobs' grace comes after it
    )


@app.command()
def work() -> None:
    """Run jobs until stopped: SIGTERM or Ctrl-C releases what does not end in time."""
    settings = _read_settings()

    async def run(processor: Processor) -> None:
        processor.wake()
        await processor.work(poll_seconds=settings.worker_poll_seconds)

    asyncio.run(_with_processor(settings, run))


@app.command()
def process(
    *,
    once: Annotated[  # noqa: ARG001 - says in a crontab what this command does anyway
        bool, typer.Option("--once", help="Stop when the queue is empty (always the case).")
    ] = True,
    time_budget: Annotated[
        float | None, typer.Option(help="Seconds after which running jobs are released.")
    ] = None,
) -> None:
    """Run the jobs that are due, print how they ended as JSON, and exit."""
    settings = _read_settings()

    async def run(processor: Processor) -> None:
        typer.echo(json.dumps(await processor.drain(time_budget=time_budget)))

    try:
        asyncio.run(_with_processor(settings, run))
    except SupajobsError as error:
        typer.echo(f"{error.code}: {error}", err=True)
        raise typer.Exit(1) from error


async def _with_processor(settings: Settings, run: Callable[[Processor], Awaitable[None]]) -> None:
    """Runs a processor that SIGTERM and SIGINT stop gently."""
    database = Database(settings, patience=WORKER_PATIENCE)
    processor = create_processor(settings, database, create_job_types(settings))
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, processor.stop)
    try:
        await run(processor)
    finally:
        await database.close()
