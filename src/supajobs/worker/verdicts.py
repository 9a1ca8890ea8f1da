"""The one place that classifies the errors of handlers."""

from dataclasses import replace
from http import HTTPStatus

import httpx

from supajobs.errors import SupabaseRefusedError
from supajobs.models.provider_keys import UnreadableKeyError
from supajobs.outcomes import (
    Failed,
    JobError,
    PermanentError,
    RateLimitedError,
    UnavailableError,
    read_retry_after,
)

BUSY = JobError(code="rate_limited", message="A service that this job needs is busy.")


TIMED_OUT = Failed(
    JobError(code="timeout", message="This took too long and was stopped."), retry_after=0
)
UNREACHABLE = Failed(
    JobError(code="provider_unavailable", message="A service that this job needs is not answering.")
)
INVALID_PARAMS = Failed(
    JobError(code="invalid_params", message="The request is no longer valid; send a new one."),
    retryable=False,
)
OUTCOME_REFUSED = Failed(
    JobError(code="outcome_refused", message="The result could not be stored."), retryable=False
)
KEY_UNREADABLE = Failed(  # by this process; another one may have the secret, amid a rollout
    JobError(
        code="provider_key_unreadable",
        message="The provider key that came with this job cannot be read. Should that not pass, "
        "send it again.",
    )
)
UNEXPECTED = Failed(JobError(code="internal_error", message="Something went wrong on our side."))


def classify(error: Exception) -> Failed:  # noqa: PLR0911 - one for each kind of error
    """What an exception of a handler means for its job.

    Permanent: fail now. Rate limited: wait as told. Timeout: again at once. Network and 5xx:
    backoff. Anything unknown: backoff, with words for the user that give nothing away.
    """
    match error:
        case PermanentError():
            return Failed(error.error, retryable=False)
        case RateLimitedError():
            return Failed(BUSY, retry_after=error.retry_after)
        case UnavailableError():
            return replace(UNREACHABLE, retry_after=error.retry_after)
        case SupabaseRefusedError():  # a step's output, say with a NUL in it
            return OUTCOME_REFUSED
        case UnreadableKeyError():
            return KEY_UNREADABLE
        case TimeoutError() | httpx.TimeoutException():
            return TIMED_OUT
        case httpx.TransportError():
            return UNREACHABLE
        case httpx.HTTPStatusError():
            return _classify_answer(error.response)
        case _:
            return UNEXPECTED


def _classify_answer(response: httpx.Response) -> Failed:
    if response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        return Failed(BUSY, retry_after=read_retry_after(response.headers.get("Retry-After", "")))
    return UNREACHABLE if response.is_server_error else UNEXPECTED
