"""What a handler writes for the user is neither a place for secrets nor of any length."""

import pytest
from pydantic import BaseModel
from structlog.testing import capture_logs
from tests.worker.claims import QuietQueue, make_job

from supajobs.causes import HIDDEN
from supajobs.job_types import JobType, RunningJob
from supajobs.outcomes import MAX_MODEL, Completed, Failed, JobError, PermanentError, Usage
from supajobs.worker.runs import Run
from supajobs.worker.told_errors import MAX_CODE, MAX_MESSAGE, tell_user

AWS_KEY = "AKIAABCDEFGHIJKLMNOP"


class Params(BaseModel):
    pass


async def fail(error: PermanentError) -> JobError:
    async def handle(job: RunningJob, params: Params) -> Completed:
        raise error

    run = Run(make_job(), QuietQueue(), on_progress=lambda: None)
    outcome = await run.handle(JobType("test", Params, handle))
    assert isinstance(outcome, Failed)
    return outcome.error


async def test_what_a_handler_tells_the_user_has_no_secrets() -> None:
    told = await fail(
        PermanentError(
            f"{AWS_KEY} was refused",
            code=AWS_KEY,
            detail={"sent": [{"api_key": "0123456789"}, AWS_KEY], AWS_KEY: 1, "hero": "Fox"},
        )
    )
    assert told == JobError(
        code=HIDDEN,
        message=f"{HIDDEN} was refused",
        detail={"sent": [{"api_key": HIDDEN}, HIDDEN], HIDDEN: 1, "hero": "Fox"},
    )


async def test_what_is_too_long_is_cut_visibly_and_logged_in_full() -> None:
    message = "m" * 5000
    with capture_logs() as logs:
        told = await fail(PermanentError(message, code="c" * 500, detail={"a": "d" * 20_000}))
    assert told.message == "m" * (MAX_MESSAGE - 1) + "…"
    assert told.code == "c" * (MAX_CODE - 1) + "…"
    assert told.detail == {"left_out": "20008 bytes of JSON; 16384 is the most"}
    assert {each["where"]: len(each["reason"]) for each in logs if "where" in each} == {
        "error.message": 5000,
        "error.code": 500,
        "error.detail": 20_008,
    }


def test_an_error_without_a_code_has_one() -> None:
    assert tell_user(JobError(code="", message="No.")).code == "refused"


@pytest.mark.parametrize("message", ["No.", "", "m" * MAX_MESSAGE])
def test_what_is_short_enough_is_told_as_it_is(message: str) -> None:
    error = JobError(code="hero_refused", message=message, detail={"hero": ["Fox", 1, None]})
    assert tell_user(error) == error


def test_the_name_of_a_model_has_an_end() -> None:
    long = Usage(model="m" * 1000)
    assert long.model == "m" * (MAX_MODEL - 1) + "…"
    sum_of_many = sum((Usage(model=f"model {number}") for number in range(100)), long)
    assert len(sum_of_many.model or "") == MAX_MODEL
