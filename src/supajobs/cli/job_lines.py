"""Jobs in words: what fits into a line or a cell of a table."""

from datetime import UTC, datetime

from rich.text import Text

from supajobs.cli.job_changes import JobChange
from supajobs.cli.wording import clean, tell_distance, tell_seconds
from supajobs.jobs import JobStatus, JobSummary, Progress
from supajobs.outcomes import JobError
from supajobs.queue.answers import Enqueued, Signalled

_STYLES = {
    "pending": "yellow",
    "processing": "cyan",
    "completed": "green",
    "failed": "red",
    "cancelled": "dim",
    "retrying": "yellow",
    "crashed": "red",
    "delivered": "green",
}


def tell_status(status: str) -> Text:
    """The word, in its colour."""
    return Text(clean(status), style=_STYLES.get(status.strip(), ""))


def tell_line(job: JobSummary) -> Text:
    """A state of a job in one line."""
    return Text.assemble(
        f"{job.updated_at.astimezone():%H:%M:%S}  {job.id}  ",
        tell_status(f"{job.status:<10}"),
        f"  {clean(job.job_type)}  {tell_state(job)}".rstrip(),
    )


def tell_state(job: JobSummary) -> str:
    """What there is to say of a job besides its status; empty if there is nothing."""
    match job.status:
        case JobStatus.PENDING:
            waits = job.run_at > datetime.now(UTC)
            starts = f"starts {tell_distance(job.run_at)}" if waits else ""
            retries = f"retry {job.retry_count} of {job.max_retries}" if job.retry_count else ""
            waiting = f"waits for {clean(job.waiting_for)}" if job.waiting_for else ""
            parts = [retries, waiting, starts, tell_error(job.error)]
        case JobStatus.PROCESSING:
            asked = "cancel requested" if job.cancel_requested_at else ""
            parts = [asked, tell_progress(job.progress)]
        case _:
            parts = [tell_duration(job), tell_error(job.error)]
    return ", ".join(part for part in parts if part)


_CHANGES = {
    "requested": "cancel requested: its worker hears of it with its next heartbeat",
    "retried": "pending again",
    "prioritised": "has the new priority",
    "provider_key_required": (
        "not retried: its user's provider key was erased; the user has to retry it"
    ),
    "rate_limited": "not retried: its user has asked for as many of its type as they may for now",
    "monthly_cost_reached": (
        "not retried: its user's jobs of this type have cost what they may this month"
    ),
    "not_found": "there is no such job; is SUPABASE_URL the right project?",
}


def tell_change(change: JobChange) -> str:
    """What became of the wish to change a job, in one line."""
    job = change.job
    match change.outcome:
        case "existing" if job:
            what = f"not retried: job {job.id} is in its place, and {job.status}"
        case "finished" if job:
            what = f"not changed: it is {job.status} already"
        case "not_finished" if job and job.status == JobStatus.COMPLETED:
            what = "not retried: it is completed; only failed and cancelled jobs run again"
        case "not_finished" if job:
            what = f"not retried: it is {job.status}; wait for its end, or cancel it"
        case outcome:
            what = _CHANGES.get(outcome, outcome)
    return f"{change.job_id}  {what}"


_OUTCOMES = {
    "retried": "pending again",
    "cancelled": "cancelled",
    "requested": "cancel requested: their workers hear of it with their next heartbeats",
    "prioritised": "have the new priority",
    "existing": "not retried: another job of their user or project is in their place",
    "not_finished": "not retried: only failed and cancelled jobs run again",
    "finished": "not changed: they have ended",
    "provider_key_required": "not retried: their users' provider keys were erased",
    "rate_limited": "not retried: their users have asked for as many as they may for now",
    "cost_limited": "not retried: their users' jobs have cost what they may this month",
    "skipped": "left alone: locked, or changed in the meantime; ask again",
}


def tell_outcome(outcome: str) -> str:
    """What became of many jobs, in one line."""
    return _OUTCOMES.get(outcome, outcome)


_SIGNALS = {
    "stored": "told",
    "existing": "it had been told before, and the first signal counts",
    "too_late": "not told: its wait is over",
    "finished": "not told: it has ended",
    "not_found": _CHANGES["not_found"],
}


def tell_signal(signalled: Signalled) -> str:
    """What became of a signal, in words."""
    return _SIGNALS[signalled.outcome]


def tell_enqueued(enqueued: Enqueued) -> str:
    """What became of the wish for a job, in one line."""
    job = enqueued.job
    if enqueued.replaced:
        return f"{job.id}  requested: it was there, and takes this request"
    if enqueued.outcome == "existing":
        return f"{job.id}  not requested: this one is in its place, and {job.status}"
    return f"{job.id}  requested"


def tell_progress(progress: Progress | None) -> str:
    """In one line; empty if there is none."""
    if progress is None:
        return ""
    return clean(f"{progress.percentage} %, {progress.phase}: {progress.message}".rstrip(": "))


def tell_error(error: JobError | None) -> str:
    """In one line, without its detail; empty if there is none."""
    return "" if error is None else clean(f"{error.code}: {error.message}")


def tell_duration(job: JobSummary) -> str:
    """From the latest start to the end, or to now; empty before the first one."""
    if job.duration_ms is not None:
        return tell_seconds(job.duration_ms / 1000)
    if job.status == JobStatus.PROCESSING and job.started_at:
        return tell_seconds(max(0, (datetime.now(UTC) - job.started_at).total_seconds()))
    return ""
