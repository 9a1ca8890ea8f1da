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
        there = "" if env_file.exists() else ", which is not there"
        where = f"the environment and {env_file.absolute()}{there}"
        typer.echo(f"Settings come from {where}. See .env.example.", err=True)
        raise typer.Exit(2) from error
