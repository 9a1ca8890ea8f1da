"""What commands find in the environment: their settings."""

from pathlib import Path

import typer

from supajobs import environment
from supajobs.settings import Settings


def read_settings(env_file: Path = Path(".env")) -> Settings:
    """The settings; names those that are missing or wrong, and exits with 2."""
    try:
        return environment.read_settings(env_file)
    except environment.SettingsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error
