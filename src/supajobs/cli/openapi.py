"""`supajobs openapi`."""

import json

import typer

from supajobs.app import create_app
from supajobs.settings import Settings
from supajobs.shipped_sql import FAMILIES


def openapi() -> None:
    """Print the OpenAPI description of the HTTP API."""
    # The same for every project: all that there is.
    settings = Settings.model_construct(job_families=tuple(FAMILIES))
    description = create_app(settings).openapi()
    typer.echo(json.dumps(description, indent=2, sort_keys=True, ensure_ascii=False))
