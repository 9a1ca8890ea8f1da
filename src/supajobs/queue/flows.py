"""Jobs that others lead to: what came before one, what it asks for, and the flow of all."""

from typing import Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, TypeAdapter

from supajobs.errors import InvalidRequestError, SupabaseRefusedError
from supajobs.follow_ups import JobRequest
from supajobs.jobs import ClaimedJob, JobStatus, Origin, Parent
from supajobs.queue.answers import REQUESTED, require_allowed
from supajobs.queue.calls import Call
from supajobs.telemetry.messaging import operation


class FlowJob(BaseModel):
    """A job of a flow."""

    id: UUID
    job_type: str
    status: JobStatus
    is_held: bool
    created_at: AwareDatetime
    started_at: AwareDatetime | None
    completed_at: AwareDatetime | None


class FlowEdge(BaseModel):
    """That a job waits for another one, which it calls `ref`."""

    job_id: UUID
    parent_id: UUID
    ref: str
    on_parent_failure: Literal["cancel", "run"]


class Flow(BaseModel):
    """Jobs that wait for each other, 1000 of them at most."""

    jobs: list[FlowJob]
    edges: list[FlowEdge]


class FoundParents(BaseModel):
    """The parents, if the claim still holds."""

    outcome: Literal["found", "stale"]
    parents: list[Parent] | None = None


ORIGINS_PATIENCE = 1.0  # s; the job waits for it, and can do without

_FOUND_PARENTS = TypeAdapter(FoundParents)
_ORIGINS = TypeAdapter(list[Origin])
_FLOW = TypeAdapter[Flow | None](Flow | None)


class Flows:
    """Those of one project."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def get_parents(self, job: ClaimedJob) -> dict[str, Parent] | None:
        """What a running job waited for, by ref; None: the claim no longer holds."""
        found = await self._call(
            "get_plan_job_parents", _FOUND_PARENTS, p_job_id=job.id, p_claim_id=job.claim_id
        )
        if found.parents is None:
            return None
        return {parent.ref: parent for parent in found.parents}

    async def get_origins(self, job: ClaimedJob) -> list[Origin]:
        """The last runs of a running job's parents, a hundred at most."""
        return await self._call(
            "get_plan_job_origins",
            _ORIGINS,
            patience=ORIGINS_PATIENCE,
            p_job_id=job.id,
            p_claim_id=job.claim_id,
        )

    async def enqueue(self, job: ClaimedJob, name: str, request: JobRequest) -> UUID | None:
        """The id of a job that a running one asks for, once for each name.

        None: the claim no longer holds. Raises what JobQueue.enqueue does.
        """
        try:
            with operation("send", "enqueue", [request.get("job_type", "")]):
                answer = await self._call(
                    "enqueue_plan_job_step",
                    REQUESTED,
                    p_job_id=job.id,
                    p_claim_id=job.claim_id,
                    p_name=name,
                    p_request=request,
                )
        except SupabaseRefusedError as error:  # of an option, which nobody has looked at before
            raise InvalidRequestError([{"loc": (name,), "msg": error.reason}]) from error
        return require_allowed(answer).job_id

    async def get(self, job_id: UUID, user_id: UUID | None) -> Flow | None:
        """The flow that a user's job belongs to, itself first; None if there is no such job."""
        return await self._call("get_plan_job_flow", _FLOW, p_job_id=job_id, p_user_id=user_id)
