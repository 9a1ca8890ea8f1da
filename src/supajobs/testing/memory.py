"""A queue that keeps what it is asked for, and runs nothing."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Unpack
from uuid import UUID, uuid4

from pydantic import BaseModel, JsonValue
from pydantic_core import to_jsonable_python

from supajobs.client import read_params
from supajobs.job_types import JobType, Params
from supajobs.jobs import Job, JobStatus, Priority
from supajobs.outcomes import JsonObject
from supajobs.queue.answers import Enqueued
from supajobs.queue.requests import JobOptions
from supajobs.settings import Settings


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

    async def enqueue(
        self,
        job_type: JobType[Params] | str,
        params: Params | Mapping[str, JsonValue],
        *,
        user_id: UUID | None,
        **options: Unpack[JobOptions],
    ) -> Enqueued:
        """As Supajobs.enqueue; of what SQL refuses or finds, it knows the idempotency key alone.

        Raises:
            InvalidRequestError: the params are not the type's.
        """
        key = options.get("idempotency_key")
        if key and (known := self._find(user_id, key)):
            return Enqueued(outcome="existing", job=known)
        name = job_type if isinstance(job_type, str) else job_type.name
        job = _make_job(name, _read(job_type, params), user_id, options)
        self.jobs.append(job)
        return Enqueued(outcome="created", job=job)

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

    def _find(self, user_id: UUID | None, key: str) -> Job | None:
        return next(
            (job for job in self.jobs if (job.user_id, job.idempotency_key) == (user_id, key)), None
        )


def _read(
    job_type: JobType[Params] | str, params: BaseModel | Mapping[str, JsonValue]
) -> JsonObject:
    most: int = Settings.model_fields["max_params_bytes"].default
    known = None if isinstance(job_type, str) else job_type
    return read_params(known, params, within="params", max_bytes=most)


def _make_job(name: str, params: JsonObject, user_id: UUID | None, options: JobOptions) -> Job:
    now = datetime.now(UTC)
    return Job(
        id=uuid4(),
        user_id=user_id,
        job_type=name,
        status=JobStatus.PENDING,
        priority=options.get("priority", Priority.NORMAL),
        progress=None,
        error=None,
        plan_id=None,
        project_id=options.get("project_id"),
        idempotency_key=options.get("idempotency_key"),
        trace_id=options.get("trace_id"),
        run_at=options.get("run_at") or now,
        retry_count=0,
        max_retries=0,
        cancel_requested_at=None,
        created_at=now,
        started_at=None,
        completed_at=None,
        expires_at=None,
        updated_at=now,
        params=params,
        result=None,
    )
