"""What worker and queue say to each other of attempts that end."""

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from typing import Any, TypedDict
from uuid import UUID

from supajobs.jobs import ClaimedJob
from supajobs.outcomes import Outcome
from supajobs.queue.answers import Settled
from supajobs.queue.batches import in_turn
from supajobs.telemetry.messaging import operation

Ended = Sequence[tuple[ClaimedJob, Outcome]]


class NewClaim(TypedDict):
    """Who claims up to how many jobs, of which types. Its id makes a repeated call harmless."""

    claim_id: UUID
    worker_id: str
    max_jobs: int
    job_types: Sequence[str]


def name_claim(claim: NewClaim) -> dict[str, Any]:
    """As SQL has it."""
    return {f"p_{name}": value for name, value in claim.items()}


def list_ended(ended: Ended) -> list[dict[str, Any]]:
    """As SQL has them: an outcome's fields are named as there."""
    return [
        {
            "job_id": job.id,
            "claim_id": job.claim_id,
            **{name: value for name, value in vars(outcome).items() if value is not None},
        }
        for job, outcome in ended
    ]


def settling(name: str, ended: Ended) -> AbstractContextManager[None]:
    """Has the spans of the calls that are made meanwhile tell what they settle."""
    return operation(
        "settle", name, [job.job_type for job, _ in ended], [job.id for job, _ in ended]
    )


def order_settled(told: Iterable[Settled], ended: Ended) -> list[Settled]:
    """The answers, in the order of the jobs."""
    by_claim = {(each.job_id, each.claim_id): each for each in told}
    return in_turn(by_claim, [(job.id, job.claim_id) for job, _ in ended])
