"""What operators do to jobs, one or many of them, whoever their users are."""

from collections import Counter
from collections.abc import AsyncGenerator, Sequence
from datetime import datetime
from typing import Literal, TypedDict
from uuid import UUID

from pydantic import BaseModel, TypeAdapter

from supajobs.jobs import Job
from supajobs.queue.calls import Call

PATIENCE = 30.0  # s; a call looks at many jobs

Change = Literal["retry", "cancel", "prioritise"]
DONE = {"cancelled", "requested", "retried", "prioritised"}  # outcomes of a wish that is fulfilled


class JobFilter(TypedDict, total=False):
    """Which jobs: those of which all of it holds. A `user_id` of None: jobs of the system."""

    status: Sequence[str]
    job_type: str
    error: str
    user_id: UUID | None
    project_id: UUID
    since: datetime


class Prioritised(BaseModel):
    """What became of the wish to have a job come earlier, or later."""

    outcome: Literal["prioritised", "finished", "not_found"]
    job: Job | None = None


class _Counted(BaseModel):
    jobs: int


class Changed(BaseModel):
    """How many jobs of a step came to which outcome, and the job that it ended with."""

    outcomes: dict[str, int]
    last_id: UUID | None
    is_done: bool


_PRIORITISED = TypeAdapter(Prioritised)
_COUNTED = TypeAdapter(_Counted)
_CHANGED = TypeAdapter(Changed)


class BulkChanges:
    """Those of one project."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def prioritise(self, job_id: UUID, priority: int) -> Prioritised:
        """Sets the priority, from 0 to 10, of anybody's job that has not ended."""
        return await self._call(
            "set_plan_job_priority", _PRIORITISED, p_job_id=job_id, p_priority=priority
        )

    async def count(self, jobs: JobFilter) -> int:
        """How many jobs there are of these."""
        counted = await self._call("count_plan_jobs", _COUNTED, patience=PATIENCE, p_filter=jobs)
        return counted.jobs

    async def change(
        self, change: Change, jobs: JobFilter, *, priority: int | None = None
    ) -> AsyncGenerator[Counter[str]]:
        """Does the same to all of them, some hundred in a call: the outcomes of each call.

        Outcomes are those of the calls for one job, and `skipped`: somebody has the job locked, or
        it is none of these any longer. The limits of users hold. A call that is repeated does not
        count again what it has done.
        """
        last_id: UUID | None = None
        while True:
            changed = await self.step(change, jobs, priority=priority, after=last_id)
            yield Counter(changed.outcomes)
            if changed.is_done:
                return
            last_id = changed.last_id

    async def step(
        self, change: Change, jobs: JobFilter, *, priority: int | None, after: UUID | None
    ) -> Changed:
        """The one call of `change` that goes on after this job."""
        return await self._call(
            "change_plan_jobs",
            _CHANGED,
            patience=PATIENCE,
            p_change=change,
            p_filter=jobs,
            p_priority=priority,
            p_after=after,
        )
