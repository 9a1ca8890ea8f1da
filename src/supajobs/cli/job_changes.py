"""Jobs changed in the name of their users, whoever these are."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import JsonValue

from supajobs.cli.asking import OpenProject
from supajobs.errors import EnqueueRateLimitedError, MonthlyCostReachedError
from supajobs.jobs import Job
from supajobs.queue.answers import Cancelled, Retried, Signalled
from supajobs.queue.bulk import DONE, Prioritised
from supajobs.queue.database import Database
from supajobs.queue.job_rows import read_owners

_IDS_AT_ONCE = 100  # in an address, which may not be too long


@dataclass(frozen=True)
class JobChange:
    """What became of the wish; `job` is the one that the queue answered with."""

    job_id: UUID
    outcome: str
    job: Job | None

    @property
    def is_done(self) -> bool:
        """Whether the job is now as it was wished for."""
        return self.outcome in DONE

    @property
    def document(self) -> dict[str, Any]:
        """As JSON, without what may be private."""
        job = self.job and self.job.model_dump(exclude={"params", "result"})
        return {"id": self.job_id, "outcome": self.outcome, "job": job}


async def change_jobs(
    database: Database,
    job_ids: Sequence[UUID],
    change: Callable[[UUID, UUID | None], Awaitable[Cancelled | Retried | Prioritised]],
    tell: Callable[[JobChange], None],
) -> None:
    """Calls `change` with each job and its user, in this order, and tells of each at once."""
    for start in range(0, len(job_ids), _IDS_AT_ONCE):
        some = job_ids[start : start + _IDS_AT_ONCE]
        users = await read_owners(database, some)
        for job_id in some:
            done = JobChange(job_id, "not_found", None)
            if job_id in users:
                try:
                    answer = await change(job_id, users[job_id])
                    done = JobChange(job_id, answer.outcome, answer.job)
                except (EnqueueRateLimitedError, MonthlyCostReachedError) as refusal:
                    done = JobChange(job_id, refusal.code, None)
            tell(done)


async def signal_job(
    project: OpenProject, job_id: UUID, name: str, payload: JsonValue
) -> Signalled:
    """Tells a job, in the name of its user."""
    users = await read_owners(project.database, [job_id])
    if job_id not in users:
        return Signalled(outcome="not_found")
    return await project.queue.signals.send(job_id, users[job_id], name, payload)
