from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from supajobs.jobs import Job, JobStatus, Progress
from supajobs.outcomes import JobError

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
JOB = Job(
    id=UUID(int=1),
    user_id=UUID(int=2),
    job_type="story",
    status=JobStatus.PENDING,
    priority=5,
    params={"a": 1},
    progress=None,
    result=None,
    error=None,
    plan_id=None,
    project_id=None,
    idempotency_key=None,
    trace_id=None,
    run_at=NOON,
    retry_count=0,
    max_retries=3,
    cancel_requested_at=None,
    created_at=NOON,
    started_at=None,
    completed_at=None,
    expires_at=None,
    updated_at=NOON,
)
OTHERWISE: dict[str, Any] = {
    "is_held": True,
    "waiting_for": "approval",
    "id": UUID(int=3),
    "user_id": UUID(int=3),
    "job_type": "song",
    "status": JobStatus.PROCESSING,
    "priority": 6,
    "params": {"a": 2},
    "progress": Progress(phase="build", percentage=1, message="…"),
    "result": 0,
    "error": JobError(code="no", message="no"),
    "plan_id": UUID(int=3),
    "project_id": UUID(int=3),
    "idempotency_key": "k",
    "trace_id": "t",
    "run_at": NOON + timedelta(microseconds=1),
    "retry_count": 1,
    "max_retries": 4,
    "cancel_requested_at": NOON,
    "created_at": NOON + timedelta(microseconds=1),
    "started_at": NOON,
    "completed_at": NOON,
    "expires_at": NOON,
}


def alter(**fields: Any) -> Job:
    return Job.model_validate({**dict(JOB), **fields})


@pytest.mark.parametrize("field", OTHERWISE)
def test_the_version_differs_with_each_field_that_the_owner_sees(field: str) -> None:
    assert alter(**{field: OTHERWISE[field]}).version != JOB.version


def test_the_version_is_the_same_when_only_updated_at_differs() -> None:
    assert Job.model_fields.keys() - OTHERWISE == {"updated_at"}
    assert alter(updated_at=NOON + timedelta(1)).version == JOB.version


def test_the_version_is_no_part_of_the_job() -> None:
    assert JOB.version
    assert "version" not in JOB.model_dump()
    assert alter() == JOB


@pytest.mark.parametrize(
    ("started", "completed", "duration_ms"),
    [
        (None, None, None),
        (None, timedelta(1), None),
        (timedelta(0), None, None),
        (timedelta(0), timedelta(0), 0),
        (timedelta(seconds=2), timedelta(seconds=3, microseconds=1999), 1001),
        (timedelta(0), timedelta(days=2), 172_800_000),
    ],
)
def test_a_job_lasts_from_its_start_to_its_end(
    started: timedelta | None, completed: timedelta | None, duration_ms: int | None
) -> None:
    job = alter(
        started_at=started if started is None else NOON + started,
        completed_at=completed if completed is None else NOON + completed,
    )
    assert job.duration_ms == duration_ms
    assert job.model_dump()["duration_ms"] == duration_ms
