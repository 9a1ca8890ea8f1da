"""`supajobs jobs cancel|retry|prioritise`: of jobs by their ids, or of all that filters find."""

import sys
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from typing import Annotated
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

from supajobs.cli.arguments import LEVEL
from supajobs.cli.asking import OpenProject, ask
from supajobs.cli.job_changes import JobChange, change_jobs
from supajobs.cli.job_filters import (
    InStates,
    JobFilters,
    JobIds,
    OfProject,
    OfSystem,
    OfType,
    OfUser,
    Since,
    WithError,
)
from supajobs.cli.job_lines import tell_change, tell_outcome
from supajobs.cli.screen import AsJson, print_json
from supajobs.jobs import JobStatus
from supajobs.queue.answers import Cancelled, Retried
from supajobs.queue.bulk import DONE, Change, Prioritised
from supajobs.queue.job_queue import JobQueue

Yes = Annotated[bool, typer.Option("--yes", help="With filters: do not ask.")]
ToPriority = Annotated[int, LEVEL]

ChangeOne = Callable[[UUID, UUID | None], Awaitable[Cancelled | Retried | Prioritised]]
UNFINISHED = (JobStatus.PENDING, JobStatus.PROCESSING)


def cancel(  # noqa: PLR0913 - one argument per filter
    job_ids: JobIds = None,
    *,
    status: InStates = None,
    job_type: OfType = None,
    error: WithError = None,
    user: OfUser = None,
    system: OfSystem = False,
    project: OfProject = None,
    since: Since = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Cancel jobs: those that wait at once, those that run through their worker.

    With filters: all of these that wait or run, unless --status says which.
    """
    filters = JobFilters(status, job_type, error, user, system, project, since)
    wish = Wish("cancel", lambda queue: queue.cancel, UNFINISHED)
    wish.fulfil(job_ids or [], filters, yes=yes, as_json=as_json)


def retry(  # noqa: PLR0913 - one argument per filter
    job_ids: JobIds = None,
    *,
    status: InStates = None,
    job_type: OfType = None,
    error: WithError = None,
    user: OfUser = None,
    system: OfSystem = False,
    project: OfProject = None,
    since: Since = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Run failed or cancelled jobs again. The limits of their users hold.

    With filters: all of these that have failed, unless --status says which.
    """
    filters = JobFilters(status, job_type, error, user, system, project, since)
    wish = Wish("retry", lambda queue: queue.retry, (JobStatus.FAILED,))
    wish.fulfil(job_ids or [], filters, yes=yes, as_json=as_json)


def prioritise(  # noqa: PLR0913 - one argument per filter
    job_ids: JobIds = None,
    *,
    priority: ToPriority,
    status: InStates = None,
    job_type: OfType = None,
    error: WithError = None,
    user: OfUser = None,
    system: OfSystem = False,
    project: OfProject = None,
    since: Since = None,
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Have jobs come earlier, or later: those that wait now, and those that run if they come again.

    With filters: all of these that wait or run, unless --status says which.
    """

    def choose(queue: JobQueue) -> ChangeOne:
        return lambda job_id, _user_id: queue.bulk.prioritise(job_id, priority)

    filters = JobFilters(status, job_type, error, user, system, project, since)
    wish = Wish("prioritise", choose, UNFINISHED, priority)
    wish.fulfil(job_ids or [], filters, yes=yes, as_json=as_json)


@dataclass(frozen=True)
class Wish:
    """What somebody wants done to jobs; `status`: of those that filters let through."""

    change: Change
    choose: Callable[[JobQueue], ChangeOne]
    status: Sequence[JobStatus]
    priority: int | None = None

    def fulfil(
        self, job_ids: Sequence[UUID], filters: JobFilters, *, yes: bool, as_json: bool
    ) -> None:
        """Reports what is done on stdout, what is refused on stderr, and then exits with 1.

        Raises:
            typer.BadParameter: it is not said for which jobs, or in two ways.
        """
        is_filtered = filters != JobFilters()
        if bool(job_ids) == is_filtered:
            raise typer.BadParameter(
                "name jobs by their ids, or by filters such as --status and --type: one of both.",
                param_hint="ID",
            )
        if is_filtered:
            self._change_all(filters, yes=yes, as_json=as_json)
        else:
            self._change_some(job_ids, as_json=as_json)

    def _change_some(self, job_ids: Sequence[UUID], *, as_json: bool) -> None:
        changes: list[JobChange] = []

        def tell(change: JobChange) -> None:
            changes.append(change)
            if not change.is_done or not as_json:
                typer.echo(tell_change(change), err=not change.is_done)

        wanted = list(dict.fromkeys(job_ids))
        try:
            ask(
                lambda project: change_jobs(
                    project.database, wanted, self.choose(project.queue), tell
                )
            )
        finally:  # also of what broke off
            if as_json and changes:
                print_json({"jobs": [change.document for change in changes]})
        if not all(change.is_done for change in changes):
            raise typer.Exit(1)

    def _change_all(self, filters: JobFilters, *, yes: bool, as_json: bool) -> None:
        if not filters.status:
            filters = replace(filters, status=self.status)
        if as_json and not yes:
            raise typer.BadParameter("asks nothing: add --yes.", param_hint="'--json'")
        count = ask(lambda project: project.queue.bulk.count(filters.describe()))
        if count and not yes:
            question = f"{self.change.capitalize()} {count:,} job{'s' * (count > 1)}?"
            typer.confirm(question, abort=True, err=True)
        outcomes = Counter[str]()
        try:
            if count:
                ask(lambda project: self._step(project, filters, count, outcomes))
        finally:  # also of what broke off
            if as_json:
                print_json({"jobs": count, "outcomes": dict(outcomes)})
            elif not count:
                typer.echo("No such jobs.", err=True)
            else:
                for outcome, number in outcomes.most_common():
                    typer.echo(f"{number:,}  {tell_outcome(outcome)}", err=outcome not in DONE)
        if outcomes.keys() - DONE:
            raise typer.Exit(1)

    async def _step(
        self, project: OpenProject, filters: JobFilters, count: int, outcomes: Counter[str]
    ) -> None:
        """Adds to `outcomes` what it has done, while it does."""
        columns = BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
        console = Console(stderr=True)
        with Progress(*columns, console=console, disable=not sys.stderr.isatty()) as progress:
            bar = progress.add_task("", total=count)
            steps = project.queue.bulk.change(
                self.change, filters.describe(), priority=self.priority
            )
            async for some in steps:
                outcomes.update(some)
                progress.update(bar, completed=outcomes.total())
