"""What commands find in the environment: their settings, where logs go and traces."""

import contextlib
from collections.abc import Generator
from pathlib import Path

import typer
from pydantic import ValidationError

from supajobs.handlers.job_modules import JobModuleError
from supajobs.settings import Settings
from supajobs.telemetry.logs import configure_logs
from supajobs.telemetry.tracing import TracingError, tracing


def read_settings(env_file: Path = Path(".env")) -> Settings:
    """The settings; names those that are missing or wrong, and exits with 2."""
    try:
        return Settings(_env_file=env_file)  # pyright: ignore[reportCallIssue] - the fields come from the environment
    except ValidationError as error:
        for each in error.errors():
            name = "_".join(str(part) for part in each["loc"]).upper()
            typer.echo(f"{name}: {each['msg']}", err=True)
        typer.echo("Set these in the environment or in .env; see .env.example.", err=True)
        raise typer.Exit(2) from error


@contextlib.contextmanager
def starting() -> Generator[Settings]:
    """The settings of a process whose logs and traces go where they should."""
    settings = read_settings()
    configure_logs(settings)
    try:
        with tracing():
            yield settings
    except (TracingError, JobModuleError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
