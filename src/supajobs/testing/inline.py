"""Handlers run without Supabase, a queue, or anything to start."""

import contextlib
from collections.abc import Collection, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Self
from uuid import UUID, uuid4

import structlog
from pydantic import JsonValue, SecretStr
from structlog.testing import capture_logs
from structlog.typing import EventDict

from supajobs.follow_ups import JobRequest
from supajobs.job_types import JobType, Params, require_job_type
from supajobs.jobs import ClaimedJob, JobStatus, Parent, Progress
from supajobs.outcomes import Completed, Outcome, Usage
from supajobs.queue.answers import FoundSteps
from supajobs.worker.runs import Run


@dataclass(frozen=True)
class InlineRun:
    """How a handler ended, and what it did until then."""

    outcome: Outcome
    """Completed, Failed (with the `cause`), Released or Suspended, as it would be handed in."""
    reports: Sequence[Progress]
    steps: Mapping[str, JsonValue]
    """What a next run would find: the steps that were saved before, and those of this one."""
    spends: Sequence[Usage]
    enqueued: Mapping[str, JobRequest]
    """The jobs that it asked for in the middle, by their names."""
    logs: Sequence[EventDict]
    """All lines of the log, those of `job.log` among them."""

    @property
    def result(self) -> JsonValue:
        """The job's result.

        Raises:
            AssertionError: it has none, for it did not complete.
        """
        return self._require_completed().result

    @property
    def store(self) -> JsonValue:
        """What it wants stored, as the function in `stored_by` would be given it.

        Raises:
            AssertionError: it did not complete.
        """
        return self._require_completed().store

    @property
    def then(self) -> Sequence[JobRequest]:
        """The jobs that are to follow it, as the queue would be asked for them.

        Raises:
            AssertionError: it did not complete.
        """
        return self._require_completed().then or ()

    def _require_completed(self) -> Completed:
        if not isinstance(self.outcome, Completed):
            raise AssertionError(f"it has not completed: {self.outcome}")  # noqa: TRY004 - of a test
        return self.outcome


async def run_inline(  # noqa: PLR0913 - what a job may come with
    job_type: JobType[Params],
    params: Params,
    *,
    saved_steps: Mapping[str, JsonValue] | None = None,
    signals: Mapping[str, JsonValue] | None = None,
    ended_waits: Collection[str] = (),
    parents: Mapping[str, JsonValue] | None = None,
    provider_key: str | None = None,
    user_id: UUID | None = None,
    attempt: int = 1,
    max_runtime_seconds: int = 300,
) -> InlineRun:
    """Runs a job's handler here and now, as a worker does, with a queue in memory.

    In a test that is no coroutine, `asyncio.run(run_inline(...))`::

        async def test_a_story_goes_on_where_it_stopped() -> None:
            told = {"chapter 1": "Once upon a time"}
            run = await run_inline(story, StoryRequest(hero="Fox"), saved_steps=told)
            assert run.result == {"chapters": ["Once upon a time", "The end"]}

    `saved_steps` are those of an earlier run, by name; `provider_key` is what the user brought.
    Without a `user_id` the job is one of the system, as everywhere.
    At a wait the outcome is Suspended, and a next run goes on after it: `signals` are the payloads
    that the job was told, `ended_waits` the sleeps, and the waits for signals, that are over.
    `parents` are the results of the jobs that it came after.

    Raises:
        InvalidRequestError: the params cannot be kept as they are.
        ValueError: there is no such attempt, or no time to run.
        TypeError: they are of another model, or of one that does not take back what it writes.
    """
    require_job_type(job_type)
    if attempt < 1 or max_runtime_seconds < 0:
        raise ValueError("attempt is 1 or more, and max_runtime_seconds no less than 0")
    now = datetime.now(UTC)
    job = ClaimedJob(
        id=uuid4(),
        user_id=user_id,
        job_type=job_type.name,
        params=job_type.dump(params),
        project_id=None,
        trace_id=None,
        claim_id=uuid4(),
        retry_count=attempt - 1,
        max_retries=attempt,
        crash_count=0,
        lease_seconds=60,
        max_runtime_seconds=max_runtime_seconds,
        created_at=now,
        started_at=now,
    )
    queue = _QueueInMemory(
        FoundSteps(
            outcome="found",
            steps=dict(saved_steps or {}),
            waits=dict.fromkeys(ended_waits, True),
            signals=dict(signals or {}),
        ),
        None if provider_key is None else SecretStr(provider_key),
        {ref: _complete(ref, result) for ref, result in (parents or {}).items()},
    )
    run = _RecordedRun(job, queue, on_progress=lambda: None)
    with _captured_logs() as logs:
        outcome = await run.handle(job_type)
    return InlineRun(outcome, run.reports, queue.found.steps, run.spends, queue.enqueued, logs)


@contextlib.contextmanager
def _captured_logs() -> Generator[list[EventDict]]:
    """All lines. Where structlog was not configured, it is not afterwards: our log goes by that."""
    was_configured = structlog.is_configured()
    try:
        with capture_logs() as logs:
            yield logs
    finally:
        if not was_configured:
            structlog.reset_defaults()


@dataclass
class _QueueInMemory:
    """What a run asks the queue for."""

    found: FoundSteps
    provider_key: SecretStr | None = field(repr=False)
    parents: Mapping[str, Parent]
    secrets: frozenset[str] = frozenset()
    enqueued: dict[str, JobRequest] = field(default_factory=dict[str, JobRequest])

    async def get_steps(self, _job: ClaimedJob) -> FoundSteps:
        return self.found

    async def save_step(
        self, _job: ClaimedJob, name: str, output: JsonValue, _usage: Usage | None
    ) -> bool:
        self.found.steps[name] = output
        return True

    @property
    def flows(self) -> Self:
        return self

    async def get_parents(self, _job: ClaimedJob) -> dict[str, Parent]:
        return dict(self.parents)

    async def enqueue(self, _job: ClaimedJob, name: str, request: JobRequest) -> UUID:
        self.enqueued[name] = request
        self.found.steps[name] = {"job_id": str(job_id := uuid4())}
        return job_id

    async def get_provider_key(self, _job: ClaimedJob) -> SecretStr | None:
        return self.provider_key


def _complete(ref: str, result: JsonValue) -> Parent:
    return Parent(
        ref=ref,
        job_id=uuid4(),
        job_type=None,
        status=JobStatus.COMPLETED,
        result=result,
        error=None,
    )


class _RecordedRun(Run):
    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.reports: list[Progress] = []
        self.spends: list[Usage] = []

    def report(self, progress: Progress) -> None:
        super().report(progress)
        self.reports.append(progress)

    def spend(self, usage: Usage) -> None:
        super().spend(usage)
        self.spends.append(usage)
