"""What jobs are told that wait for it."""

from uuid import UUID

from pydantic import JsonValue

from supajobs.errors import (
    InvalidRequestError,
    JobFinishedError,
    JobNotFoundError,
    SignalTooLateError,
    SupabaseRefusedError,
)
from supajobs.jobs import Job
from supajobs.queue import answers
from supajobs.queue.answers import Signalled
from supajobs.queue.calls import Call
from supajobs.queue.database import UNTRANSLATABLE_CHARACTER
from supajobs.storable import TEXT_RULE


class JobSignals:
    """Sends signals to the jobs of one project."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def send(
        self, job_id: UUID, user_id: UUID | None, name: str, payload: JsonValue
    ) -> Signalled:
        """Tells a user's job; what became of it is the answer's outcome. See signal_plan_job.

        Raises:
            InvalidRequestError: the name or the payload is too long or has a U+0000, or the job has
                100 signals.
        """
        try:
            return await self._call(
                "signal_plan_job",
                answers.SIGNALLED,
                p_job_id=job_id,
                p_user_id=user_id,
                p_name=name,
                p_payload=payload,
            )
        except SupabaseRefusedError as error:
            if error.sqlstate != UNTRANSLATABLE_CHARACTER:
                raise
            raise InvalidRequestError([{"loc": (), "msg": TEXT_RULE}]) from error


def require_told(signalled: Signalled) -> Job:
    """The job that was told, if it was, or had been before.

    Raises:
        JobFinishedError: it has ended.
        JobNotFoundError: the user has no such job.
        SignalTooLateError: its wait is over.
    """
    if signalled.job is None:
        raise JobNotFoundError
    if signalled.outcome == "finished":
        raise JobFinishedError("The job has ended; it waits for nothing any more.")
    if signalled.outcome == "too_late":
        raise SignalTooLateError
    return signalled.job
