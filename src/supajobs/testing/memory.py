"""A queue that keeps what it is asked for, and runs nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Unpack
from uuid import UUID, uuid4

from pydantic import JsonValue
from pydantic_core import to_jsonable_python

from supajobs.client import NewJob, read_params
from supajobs.errors import IdempotencyConflictError, ParentNotFoundError, SupajobsError
from supajobs.follow_ups import After
from supajobs.job_options import Priority, read_priority
from supajobs.job_types import JobType, Params
from supajobs.jobs import Job, JobStatus
from supajobs.outcomes import JsonObject
from supajobs.queue.answers import Enqueued
from supajobs.queue.asked import read_asked
from supajobs.queue.requests import JobOptions
from supajobs.settings import Settings


@dataclass(frozen=True)
class _Asked:
    """What tells a repeated request from another one."""

    job_type: str
    params: JsonObject
    project_id: UUID | None


_Refs = Mapping[str, UUID | None]
"""The jobs that came before in a call, by their refs; None: that one was refused."""


class InMemoryQueue:
    """Takes the place of a Supajobs, as far as your code asks it for jobs.

    They are checked by their type's model, kept, and not run::

        async def test_an_order_asks_for_a_story(monkeypatch: pytest.MonkeyPatch) -> None:
            queue = InMemoryQueue()
            monkeypatch.setattr(shop.jobs, "enqueue", queue.enqueue)
            await shop.order("Fox")
            queue.assert_enqueued(story, hero="Fox")
    """

    def __init__(self) -> None:
        self.jobs: list[Job] = []
        """In the order in which they were asked for."""
        self.parents: dict[UUID, dict[str, UUID]] = {}
        """Of each job that is to come after others, their ids by the names that it has for them."""
        self._keys: dict[tuple[UUID | None, str], tuple[_Asked, UUID]] = {}

    async def enqueue(
        self,
        job_type: JobType[Params] | str,
        params: Params | Mapping[str, JsonValue],
        *,
        user_id: UUID | None,
        **options: Unpack[JobOptions],
    ) -> Enqueued:
        """As Supajobs.enqueue; of what SQL refuses or finds, it knows the idempotency key alone.

        With `debounce_seconds` the last job of this user, type and project takes the request,
        whether or not `dedupe_by` of the type is set.

        Raises:
            IdempotencyConflictError: the key was used for another request.
            InvalidRequestError: the params are not the type's, or an option is none.
            ParentNotFoundError: what it is to come after is no id.
        """
        return self._add(NewJob(job_type, params, user_id=user_id, **options), {})

    async def enqueue_many(self, new: Sequence[NewJob[Any]]) -> list[Enqueued | SupajobsError]:
        """As Supajobs.enqueue_many: for each its answer, or the error in its place."""
        answers: list[Enqueued | SupajobsError] = []
        refs: dict[str, UUID | None] = {}
        for each in new:
            answer = self._add_or_refuse(each, refs)
            answers.append(answer)
            if each.ref is not None:
                refs[each.ref] = answer.job.id if isinstance(answer, Enqueued) else None
        return answers

    def _add_or_refuse(self, new: NewJob[Any], refs: _Refs) -> Enqueued | SupajobsError:
        try:
            return self._add(new, refs)
        except SupajobsError as error:
            return error

    def _add(self, new: NewJob[Any], refs: _Refs) -> Enqueued:
        user_id, options = read_asked(new.user_id, new.options)
        asked = _read(new, options)
        parents = _find_parents(options.get("after") or {}, refs)
        key = options.get("idempotency_key")
        if key and (known := self._find(user_id, key, asked)):
            return Enqueued(outcome="existing", job=known)
        job = _make_job(asked, user_id, options, is_held=bool(parents))
        replaced = options.get("debounce_seconds") is not None and self._find_before(job)
        if replaced:
            job = _replace(replaced, job, options.get("debounce_max_seconds"))
            self.jobs[self.jobs.index(replaced)] = job
        else:
            self.jobs.append(job)
        if parents:
            self.parents[job.id] = parents
        if key:
            self._keys[user_id, key] = asked, job.id
        return Enqueued(
            outcome="existing" if replaced else "created", job=job, replaced=bool(replaced)
        )

    def assert_enqueued(self, job_type: JobType[Params] | str, **params: object) -> Job:
        """The first job of this type that has these params, whatever others it has.

        Raises:
            AssertionError: there is none.
        """
        name = job_type if isinstance(job_type, str) else job_type.name
        wanted: JsonObject = to_jsonable_python(params)
        for job in self.jobs:
            if job.job_type == name and wanted.items() <= job.params.items():
                return job
        there_are = "\n".join(f"  {job.job_type} {job.params}" for job in self.jobs) or "  none"
        raise AssertionError(f"Nobody asked for {name} with {wanted}; the jobs are\n{there_are}")

    def _find(self, user_id: UUID | None, key: str, asked: _Asked) -> Job | None:
        before, job_id = self._keys.get((user_id, key), (asked, None))
        if asked != before:
            raise IdempotencyConflictError
        return next((job for job in self.jobs if job.id == job_id), None)

    def _find_before(self, new: Job) -> Job | None:
        asked = new.user_id, new.job_type, new.project_id
        like = [job for job in self.jobs if (job.user_id, job.job_type, job.project_id) == asked]
        return like[-1] if like else None


def _read(new: NewJob[Any], options: JobOptions) -> _Asked:
    known = None if isinstance(new.job_type, str) else new.job_type
    most: int = Settings.model_fields["max_params_bytes"].default
    stored = read_params(known, new.params, within="params", max_bytes=most)
    name = new.job_type if isinstance(new.job_type, str) else new.job_type.name
    return _Asked(name, stored, options.get("project_id"))


def _find_parents(after: After, refs: _Refs) -> dict[str, UUID]:
    named = after if isinstance(after, Mapping) else {str(each): each for each in after}
    return {name: _find_parent(parent, refs) for name, parent in named.items()}


def _find_parent(parent: UUID | str, refs: _Refs) -> UUID:
    if isinstance(parent, str) and (job_id := refs.get(parent)):
        return job_id
    try:
        return UUID(str(parent))
    except ValueError:
        raise ParentNotFoundError from None


def _replace(job: Job, new: Job, longest_wait: float | None) -> Job:
    """The same job, as was asked for now; it stands for several requests, and has no one's key."""
    kept: dict[str, object] = {
        "id": job.id,
        "created_at": job.created_at,
        "idempotency_key": None,
    }
    if longest_wait is not None:
        latest = max(new.created_at, job.created_at + timedelta(seconds=longest_wait))
        kept["run_at"] = min(new.run_at, latest)
    return new.model_copy(update=kept)


def _make_job(asked: _Asked, user_id: UUID | None, options: JobOptions, *, is_held: bool) -> Job:
    now = datetime.now(UTC)
    return Job(
        id=uuid4(),
        user_id=user_id,
        job_type=asked.job_type,
        status=JobStatus.PENDING,
        priority=read_priority(options.get("priority", Priority.NORMAL)),
        progress=None,
        error=None,
        plan_id=None,
        project_id=asked.project_id,
        idempotency_key=options.get("idempotency_key"),
        trace_id=options.get("trace_id"),
        run_at=options.get("run_at")
        or now + timedelta(seconds=options.get("debounce_seconds") or 0),
        retry_count=0,
        max_retries=0,
        cancel_requested_at=None,
        created_at=now,
        started_at=None,
        completed_at=None,
        expires_at=None,
        updated_at=now,
        params=asked.params,
        result=None,
        is_held=is_held,
    )
