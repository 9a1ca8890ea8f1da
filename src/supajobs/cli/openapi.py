"""`supajobs openapi`."""

import json

import typer

from supajobs.app import create_app
from supajobs.settings import Settings


def openapi() -> None:
    """Print the OpenAPI description of the HTTP API."""
    description = create_app(Settings.model_construct()).openapi()  # the same for every project
    typer.echo(json.dumps(description, indent=2, sort_keys=True, ensure_ascii=False))
