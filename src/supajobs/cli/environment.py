"""What commands find in the environment: their settings."""

from pathlib import Path

import typer
from pydantic import ValidationError

from supajobs.settings import Settings


def read_settings(env_file: Path = Path(".env")) -> Settings:
    """The settings; names those that are missing or wrong, and exits with 2."""
    try:
        return Settings(_env_file=env_file)  # pyright: ignore[reportCallIssue] - the fields come from the environment
    except ValidationError as error:
        for each in error.errors():
            name = str(each["loc"][0]).upper()
            typer.echo(f"{name}: {each['msg'].removeprefix('Value error, ')}", err=True)
        typer.echo("Settings come from the environment and .env; see .env.example.", err=True)
        raise typer.Exit(2) from error
