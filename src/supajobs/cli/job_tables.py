"""Jobs as people see them in a terminal."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from pydantic import JsonValue
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from supajobs.causes import Cause
from supajobs.cli.flow_trees import draw_flow
from supajobs.cli.job_lines import tell_duration, tell_error, tell_progress, tell_status
from supajobs.cli.job_records import JobRecord
from supajobs.cli.screen import make_sheet, make_table
from supajobs.cli.wording import clean, tell_cost, tell_distance, tell_seconds, tell_time
from supajobs.jobs import JobStatus
from supajobs.queue.attempts import Attempt
from supajobs.queue.job_rows import JobRow, Notification, StepRow

# From how wide a terminal on these columns are there.
_WIDTH_FOR_RETRIES = 100
_WIDTH_FOR_REASONS = 130
_WIDTH_FOR_USERS = 190
_WIDTH_FOR_COSTS = 130


def list_jobs(jobs: Iterable[JobRow], width: int) -> Table:
    """A job in each line, with as many columns as fit in."""
    columns = ["id", "status", "job_type", "created_at"]
    columns += ["duration", "retry_count"] * (width >= _WIDTH_FOR_RETRIES)
    columns += ["user_id"] * (width >= _WIDTH_FOR_USERS)
    columns += ["progress / error"] * (width >= _WIDTH_FOR_REASONS)
    table = make_table(*columns)
    for column in table.columns:
        column.no_wrap = column.header not in {"job_type", "progress / error"}
    for job in jobs:
        cells: dict[str, RenderableType] = {
            "id": str(job.id),
            "status": tell_status(job.status),
            "job_type": _crop(clean(job.job_type)),
            "created_at": tell_distance(job.created_at),
            "duration": tell_duration(job),
            "retry_count": f"{job.retry_count} of {job.max_retries}",
            "user_id": str(job.user_id or ""),
            "progress / error": _crop(tell_progress(job.progress) or tell_error(job.error)),
        }
        table.add_row(*(cells[column] for column in columns))
    return table


def show_job(record: JobRecord, width: int) -> list[RenderableType]:
    """All about a job, part for part."""
    parts: list[RenderableType] = [make_sheet(_list_fields(record))]
    for part in (
        *_draw_flow(record),
        *_list_attempts(record.attempts, width),
        *_list_causes(record.attempts),
        *_list_steps(record.steps),
        *_list_notifications(record.notifications),
    ):
        parts += ["", part]
    for name, value in record.contents.items():
        parts += ["", Text(name, "bold"), _show_json(value)]
    return parts


def _draw_flow(record: JobRecord) -> Iterable[Tree]:
    if record.flow:
        yield draw_flow(record.flow, record.job.id)


def _list_fields(record: JobRecord) -> Iterable[tuple[str, RenderableType]]:
    job, position = record.job, record.position
    yield "id", str(job.id)
    yield "job_type", job.job_type
    yield "status", tell_status(job.status)
    if job.cancel_requested_at and not job.has_ended:
        yield "cancel_requested_at", tell_time(job.cancel_requested_at)
    if job.progress:
        yield "progress", tell_progress(job.progress)
    if job.error:
        yield "error", tell_error(job.error)
        if job.error.detail is not None:
            yield "detail", json.dumps(job.error.detail, ensure_ascii=False)
    if position and position.position_in_queue is not None:
        yield "position_in_queue", str(position.position_in_queue)
    if position and position.estimated_completion_at:
        yield "estimated_completion_at", tell_time(position.estimated_completion_at)
    if position and position.estimated_duration is not None:
        yield "estimated_duration", tell_seconds(position.estimated_duration)
    yield from _list_times(job)
    yield "retry_count", f"{job.retry_count} of {job.max_retries}"
    yield "crash_count", f"{job.crash_count} of {job.max_crashes}"
    yield "priority", str(job.priority)
    for name in ("user_id", "project_id", "plan_id", "idempotency_key", "trace_id"):
        if value := getattr(job, name):
            yield name, str(value)


def _list_times(job: JobRow) -> Iterable[tuple[str, RenderableType]]:
    yield "created_at", tell_time(job.created_at)
    if job.status == JobStatus.PENDING and job.run_at > job.created_at:
        yield "run_at", tell_time(job.run_at)
    if job.started_at:
        yield "started_at", tell_time(job.started_at)
    if job.completed_at:
        yield "completed_at", tell_time(job.completed_at)
    if duration := tell_duration(job):
        yield "duration", duration
    if job.expires_at:
        yield "expires_at", tell_time(job.expires_at)
    if job.lease_expires_at:
        yield "lease_expires_at", tell_time(job.lease_expires_at)
        yield "worker_id", job.worker_id or ""


def _list_attempts(attempts: Sequence[Attempt], width: int) -> Iterable[Table]:
    """With what they have cost, if anything: beside it or, where that is too wide, below."""
    if not attempts:
        return
    table = make_table("started_at", "outcome", "duration", title="attempts")
    costs: Table | None = None
    if any(map(_has_cost, attempts)):
        narrow = width < _WIDTH_FOR_COSTS
        costs = make_table("started_at", title="costs of the attempts") if narrow else table
        _add_cost_columns(costs)
    table.add_column("error", overflow="fold")
    for attempt in attempts:
        started_at = _tell_time(attempt.started_at)
        cells = [started_at, tell_status(attempt.outcome), tell_seconds(attempt.seconds)]
        if costs is table:
            cells += _tell_cost(attempt)
        elif costs:
            costs.add_row(started_at, *_tell_cost(attempt))
        table.add_row(*cells, tell_error(attempt.error))
    yield table
    if costs and costs is not table:
        yield costs


def _list_causes(attempts: Sequence[Attempt]) -> Iterable[Text]:
    """What raised the errors of the attempts: what was the same, once."""
    counts = Counter(attempt.cause for attempt in attempts if attempt.cause)
    for cause, count in counts.items():
        title = "cause of the error" if count == 1 else f"cause of {count} errors"
        lines = "\n".join(map(clean, _tell_cause(cause)))
        yield Text.assemble((title, "bold"), "\n", lines, overflow="fold")


def _tell_cause(cause: Cause) -> Iterable[str]:
    yield f"{cause.exception}: {cause.message}"
    for frame in cause.frames:
        yield f"  {frame}"
    if cause.cause:
        yield "raised from"
        yield from _tell_cause(cause.cause)


def _list_steps(steps: Sequence[StepRow]) -> Iterable[Table]:
    if not steps:
        return
    table = make_table("saved_at", title="steps")
    table.add_column("name", overflow="fold")
    if has_cost := any(map(_has_cost, steps)):
        _add_cost_columns(table)
    for step in steps:
        cost = _tell_cost(step) if has_cost else ()
        table.add_row(_tell_time(step.saved_at), clean(step.name), *cost)
    yield table


def _list_notifications(notifications: Sequence[Notification]) -> Iterable[Table]:
    if not notifications:
        return
    table = make_table(
        "occurred_at", "event", "channel", "status", "attempts", "error", title="notifications"
    )
    for notification in notifications:
        start = (_tell_time(notification.occurred_at), clean(notification.event))
        if not notification.deliveries:
            table.add_row(*start, "nobody" if notification.addressed_at else "not yet addressed")
        for each in notification.deliveries:
            attempts, error = str(each.attempts), clean(each.error or "")
            table.add_row(*start, each.channel, tell_status(each.status), attempts, error)
    yield table


def _crop(text: str) -> Text:
    """As much as there is room for in one line."""
    return Text(text, no_wrap=True, overflow="ellipsis")


def _tell_time(time: datetime) -> str:
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S}"


def _has_cost(spent: Attempt | StepRow) -> bool:
    return any((spent.model, spent.input_tokens, spent.output_tokens, spent.cost_usd))


def _add_cost_columns(table: Table) -> None:
    table.add_column("model", overflow="fold")
    for name in ("input_tokens", "output_tokens", "cost_usd"):
        table.add_column(name, justify="right", no_wrap=True)


def _tell_cost(spent: Attempt | StepRow) -> list[str]:
    tokens = ["" if n is None else f"{n:,}" for n in (spent.input_tokens, spent.output_tokens)]
    return [clean(spent.model or ""), *tokens, tell_cost(spent.cost_usd)]


def _show_json(value: JsonValue) -> Text:
    lines = json.dumps(value, indent=2, ensure_ascii=False).split("\n")
    return Text("\n".join(map(clean, lines)), overflow="fold")
