"""Handlers that put the user's key into all that they hand us."""

from collections.abc import Callable
from typing import Any

from pydantic import BaseModel

from supajobs.job_types import RunningJob, SyncRunningJob, job_type
from supajobs.outcomes import Completed, PermanentError, RateLimitedError

KEY = "violet-otter-in-the-harbour"  # which looks like no key


class Slip(BaseModel):
    kind: str


class Bursting(dict[str, str]):
    def items(self) -> Any:
        raise LookupError(f"it bursts of {self['key']}")


def fail(key: str) -> Completed:
    raise ValueError(f"they refuse {key}")


def fail_at_length(key: str) -> Completed:
    raise PermanentError(key * 200, code=key * 20, detail={key: key * 2000})


def fail_with_what_cannot_be_told(key: str) -> Completed:
    detail: Any = {key: object()}
    raise PermanentError("No.", detail=detail)


def fail_without_end(key: str) -> Completed:
    raise PermanentError(f"{key} " * 10_000)


def ask_for_an_odd_pause(key: str) -> Completed:
    seconds: Any = key
    raise RateLimitedError(seconds)


def fail_in_company(key: str) -> Completed:
    seconds: Any = key
    raise ExceptionGroup(key, [ValueError(key), RateLimitedError(seconds)])


def burst(key: str) -> Completed:
    return Completed(result=Bursting(key=key))


def return_what_cannot_be_stored(key: str) -> Completed:
    result: Any = {key: object()}
    return Completed(result=result)


def return_what_is_too_deep(key: str) -> Completed:
    result: Any = None
    for _ in range(200):
        result = {key: result}
    return Completed(result=result)


def return_what_is_cleaned(key: str) -> Completed:
    return Completed(result={key: "\0"})


def exit_(key: str) -> Completed:
    raise SystemExit(key)


SLIPS: dict[str, Callable[[str], Completed]] = {
    each.__name__: each
    for each in (
        fail,
        fail_at_length,
        fail_with_what_cannot_be_told,
        fail_without_end,
        ask_for_an_odd_pause,
        fail_in_company,
        burst,
        return_what_cannot_be_stored,
        return_what_is_too_deep,
        return_what_is_cleaned,
        exit_,
    )
}


@job_type
async def slip(job: RunningJob, params: Slip) -> Completed:
    key = await job.provider_key()
    assert key
    return SLIPS[params.kind](key.get_secret_value())


@job_type(runs_in="thread")
def slip_in_thread(job: SyncRunningJob, params: Slip) -> Completed:
    key = job.provider_key()
    assert key
    return SLIPS[params.kind](key.get_secret_value())


@job_type(runs_in="process")
def slip_in_process(job: SyncRunningJob, params: Slip) -> Completed:
    key = job.provider_key()
    assert key
    return SLIPS[params.kind](key.get_secret_value())
