"""Asking for jobs, and for those that recur."""

import typer

from supajobs.cli.asking import OpenProject
from supajobs.client import Client
from supajobs.handlers.families import create_job_types
from supajobs.handlers.job_modules import JobModuleError


def make_client(project: OpenProject) -> Client:
    """Who asks. Exits with 2 where a module that the settings name has no job types."""
    settings = project.database.settings
    try:
        job_types = create_job_types(settings)
    except JobModuleError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    return Client(project.queue, job_types, max_params_bytes=settings.max_params_bytes)
