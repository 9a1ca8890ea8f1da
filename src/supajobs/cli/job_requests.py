"""Asking for jobs."""

from collections.abc import Mapping
from typing import Unpack
from uuid import UUID

import typer
from pydantic import JsonValue

from supajobs.cli.asking import Project
from supajobs.client import Client, JobOptions
from supajobs.handlers.families import create_job_types
from supajobs.handlers.job_modules import JobModuleError
from supajobs.queue.answers import Enqueued


async def request_job(
    project: Project,
    job_type: str,
    params: Mapping[str, JsonValue],
    *,
    user_id: UUID | None,
    **options: Unpack[JobOptions],
) -> Enqueued:
    """See Supajobs.enqueue. Exits with 2 where a module that the settings name has no job types."""
    settings = project.database.settings
    try:
        job_types = create_job_types(settings)
    except JobModuleError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from None
    client = Client(project.queue, job_types, max_params_bytes=settings.max_params_bytes)
    return await client.enqueue(job_type, params, user_id=user_id, **options)
