"""Which jobs a command is about: by their ids, or by what they have in common."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

import typer

from supajobs.cli.arguments import read_id, read_since
from supajobs.jobs import JobStatus
from supajobs.queue.bulk import JobFilter

JobId = Annotated[UUID, typer.Argument(parser=read_id, metavar="ID")]
JobIds = Annotated[list[UUID] | None, typer.Argument(parser=read_id, metavar="[ID]...")]
InStates = Annotated[
    list[JobStatus] | None,
    typer.Option(
        "--status",
        metavar="STATUS",
        help=f"In this state: {', '.join(JobStatus)}. May be repeated.",
    ),
]
OfType = Annotated[str | None, typer.Option("--type", "--job-type", help="Of this job type.")]
WithError = Annotated[
    str | None, typer.Option("--error", metavar="CODE", help="With this error: its code.")
]
OfUser = Annotated[UUID | None, typer.Option("--user", help="Of the user with this id.")]
OfSystem = Annotated[bool, typer.Option("--system", help="Without a user: jobs of the system.")]
OfProject = Annotated[UUID | None, typer.Option("--project", help="Of the project with this id.")]
Since = Annotated[
    datetime | None,
    typer.Option(
        "--since",
        parser=read_since,
        metavar="TIME",
        help="Created since: 90s, 30m, 2h, 1d, 1w, or 2026-11-22T14:00.",
    ),
]


@dataclass(frozen=True)
class JobFilters:
    """Jobs of which all of it holds.

    Raises:
        typer.BadParameter: the system is no user.
    """

    status: Sequence[JobStatus] | None = None
    job_type: str | None = None
    error: str | None = None
    user_id: UUID | None = None
    has_no_user: bool = False
    project_id: UUID | None = None
    since: datetime | None = None

    def __post_init__(self) -> None:
        """Looks for what contradicts itself."""
        if self.user_id and self.has_no_user:
            raise typer.BadParameter("has no users: leave --user out.", param_hint="'--system'")

    def describe(self) -> JobFilter:
        """The same as the queue has it."""
        said: JobFilter = {}
        if self.status:
            said["status"] = self.status
        if self.job_type is not None:
            said["job_type"] = self.job_type
        if self.error is not None:
            said["error"] = self.error
        if self.user_id or self.has_no_user:
            said["user_id"] = self.user_id
        if self.project_id:
            said["project_id"] = self.project_id
        if self.since:
            said["since"] = self.since
        return said
