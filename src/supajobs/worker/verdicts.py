"""The one place that classifies the errors of handlers."""

import asyncio
import sys
from collections.abc import Iterable
from dataclasses import replace
from http import HTTPStatus
from typing import Any, cast

from supajobs.causes import print_error
from supajobs.errors import (
    EnqueueRateLimitedError,
    IdempotencyConflictError,
    MonthlyCostReachedError,
    SupabaseRefusedError,
    SupajobsError,
    UserGoneError,
)
from supajobs.loggers import get_logger
from supajobs.models.provider_keys import UnreadableKeyError
from supajobs.outcomes import (
    Failed,
    JobError,
    Outcome,
    PermanentError,
    RateLimitedError,
    UnavailableError,
    read_retry_after,
)
from supajobs.storable import UnstorableError
from supajobs.waits import Suspension
from supajobs.worker.told_errors import tell_where

logger = get_logger(__name__)

BUSY = JobError(code="rate_limited", message="A service that this job needs is busy.")


TIMED_OUT = Failed(
    JobError(code="timeout", message="This took too long and was stopped."), retry_after=0
)
UNREACHABLE = Failed(UnavailableError().error)
INVALID_PARAMS = Failed(
    JobError(code="invalid_params", message="The request is no longer valid; send a new one."),
    retryable=False,
)
OUTCOME_REFUSED = Failed(
    JobError(code="outcome_refused", message="The result could not be stored."), retryable=False
)
FOLLOW_UP_REFUSED = Failed(
    JobError(code="follow_up_refused", message="A job that was to follow could not be requested."),
    retryable=False,
)
KEY_UNREADABLE = Failed(  # by this process; another one may have the secret, amid a rollout
    JobError(
        code="provider_key_unreadable",
        message="The provider key that came with this job cannot be read. Should that not pass, "
        "send it again.",
    )
)
LOST = Failed(JobError(code="worker_lost", message="The job was stopped: its worker lost it."))
UNEXPECTED = Failed(JobError(code="internal_error", message="Something went wrong on our side."))


OUT_OF_MEMORY = Failed(
    JobError(code="out_of_memory", message="This needed more memory than one job may have.")
)
PROCESS_DIED = Failed(
    JobError(code="process_died", message="The work on this broke off without a word.")
)


# As all that is unprocessable is, though their status has another reason.
_REFUSED_FOR_GOOD = (IdempotencyConflictError, MonthlyCostReachedError, UserGoneError)


class ProcessDiedError(Exception):
    """The process of a job ended before its handler did: killed, or crashed."""

    def __init__(self, exitcode: int | None) -> None:
        """`exitcode`: of the process; -9 where it was killed, by the system for its memory say."""
        super().__init__(f"exit code {exitcode}")


def read_error(handler: asyncio.Task[Outcome]) -> BaseException | None:
    """What it raised, if only as it was cancelled; None if it goes on, or ended well."""
    if not handler.done():
        return None
    try:
        return handler.exception()
    except asyncio.CancelledError as error:
        return error


def judge(error: BaseException | None, secrets: Iterable[str] = ()) -> Failed:
    """What became of an attempt that ended with this error; None: it was cancelled.

    `secrets`: what the log may not have of it, should it not be understood.
    """
    if isinstance(error, BaseExceptionGroup):
        return _judge_group(cast("BaseExceptionGroup[BaseException]", error), secrets)
    if not isinstance(error, Exception):
        return UNEXPECTED
    try:
        return classify(error, secrets)
    except Exception as crash:  # noqa: BLE001 - of what a handler put into it, a text for the seconds to wait
        printed = print_error(crash, secrets)
        logger.error("error_not_understood", exception=printed)  # noqa: TRY400
        return replace(UNEXPECTED, retryable=not isinstance(error, PermanentError))


def _judge_group(group: BaseExceptionGroup[BaseException], secrets: Iterable[str]) -> Failed:
    """What several errors mean that came together, as those of an asyncio.TaskGroup do.

    If one of them is for good, all are. Else they mean what they have in common, and no less of a
    wait than each was told. What waits, or was stopped, is no error.
    """
    _, errors = group.split(lambda error: isinstance(error, Suspension | asyncio.CancelledError))
    verdicts = [judge(error, secrets) for error in errors.exceptions] if errors else [UNEXPECTED]
    for_good = [each for each in verdicts if not each.retryable]
    if for_good:
        return for_good[0]
    is_one_kind = len({each.error.code for each in verdicts}) == 1
    waits = [each.not_before for each in verdicts if each.not_before is not None]
    return replace(verdicts[0] if is_one_kind else UNEXPECTED, not_before=max(waits, default=None))


def classify(  # noqa: PLR0911 - one for each kind of error
    error: Exception, secrets: Iterable[str] = ()
) -> Failed:
    """What an exception of a handler means for its job.

    Permanent: fail now. Rate limited: wait as told, or longer. Timeout: again at once. Network and
    5xx: backoff. Anything unknown: backoff, with words for the user that give nothing away.
    """
    match error:
        case PermanentError():
            return _fail_for_good(error, secrets)
        case RateLimitedError():
            return Failed(BUSY, not_before=error.retry_after)
        case UnavailableError():
            return Failed(error.error, not_before=error.retry_after)
        case UnstorableError():  # a step's output
            return refuse(error, secrets)
        case SupajobsError():
            return _classify_refusal(error)
        case UnreadableKeyError():
            return KEY_UNREADABLE
        case TimeoutError():
            return TIMED_OUT
        case MemoryError():
            return OUT_OF_MEMORY
        case ProcessDiedError():
            return PROCESS_DIED
        case _:
            return _classify_request(error)


def _fail_for_good(error: PermanentError, secrets: Iterable[str]) -> Failed:
    if refusal := error.refused_detail:
        where = tell_where(refusal, secrets)
        logger.warning("error_detail_dropped", where=where, why=refusal.why)
    return Failed(error.error, retryable=False)


def _classify_refusal(error: SupajobsError) -> Failed:
    """What an answer of the queue means: to the request for another job, most of all."""
    if isinstance(error, SupabaseRefusedError):
        return OUTCOME_REFUSED
    if isinstance(error, EnqueueRateLimitedError):
        seconds = read_retry_after(error.headers.get("Retry-After", ""))
        return replace(FOLLOW_UP_REFUSED, retryable=True, not_before=seconds)
    is_unprocessable = error.status is HTTPStatus.UNPROCESSABLE_ENTITY
    for_good = is_unprocessable or isinstance(error, _REFUSED_FOR_GOOD)
    return FOLLOW_UP_REFUSED if for_good else UNEXPECTED


def refuse(error: UnstorableError, secrets: Iterable[str]) -> Failed:
    """How a job ends whose outcome cannot be stored: it names what of it."""
    told = {"detail": {"where": tell_where(error, secrets), "why": error.why}}
    return replace(OUTCOME_REFUSED, error=OUTCOME_REFUSED.error.model_copy(update=told))


def _classify_request(error: Any) -> Failed:
    """What an HTTP library's error means. httpx2 has the same names as httpx, whose heir it is."""
    for library in _list_loaded("httpx", "httpx2"):
        if isinstance(error, library.TimeoutException):
            return TIMED_OUT
        if isinstance(error, library.TransportError):
            return UNREACHABLE
        if isinstance(error, library.HTTPStatusError):
            return _classify_answer(error.response)
    return UNEXPECTED


def _list_loaded(*names: str) -> list[Any]:
    """What is not loaded, of an extra say, has raised nothing."""
    return [module for module in map(sys.modules.get, names) if module]


def _classify_answer(response: Any) -> Failed:
    status = int(response.status_code)
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return Failed(BUSY, not_before=read_retry_after(response.headers.get("Retry-After", "")))
    return UNREACHABLE if status >= HTTPStatus.INTERNAL_SERVER_ERROR else UNEXPECTED
