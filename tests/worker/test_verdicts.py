import pickle
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import httpx2
import pytest
from pydantic import ValidationError

from supajobs.errors import (
    EnqueueRateLimitedError,
    JobNotFoundError,
    MonthlyCostReachedError,
    SupabaseRefusedError,
    SupajobsError,
    UnknownJobTypeError,
)
from supajobs.outcomes import PermanentError, RateLimitedError, UnavailableError, Usage
from supajobs.queue import refusals
from supajobs.queue.answers import Conflict, CostLimited, RateLimited, require_allowed
from supajobs.storable import UnstorableError
from supajobs.waits import Snooze
from supajobs.worker.verdicts import classify, judge


def answered(status: int, *, of: Any = httpx, **headers: str) -> Exception:
    request = of.Request("GET", "https://provider.test/v1")
    response = of.Response(status, headers=headers, request=request)
    return of.HTTPStatusError("told", request=request, response=response)


BUSY_NOW = ("rate_limited", True, None, 0)
NEVER = float("nan")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermanentError("No.", code="no"), ("no", False, None, None)),
        (RateLimitedError(7), ("rate_limited", True, None, 7)),
        (RateLimitedError(), ("rate_limited", True, None, None)),
        (RateLimitedError(-7), ("rate_limited", True, None, None)),
        (RateLimitedError(NEVER), ("rate_limited", True, None, None)),
        (UnavailableError(7), ("provider_unavailable", True, None, 7)),
        (UnavailableError(), ("provider_unavailable", True, None, None)),
        (UnavailableError(message="No.", code="away"), ("away", True, None, None)),
        (UnstorableError("steps.a", "no JSON"), ("outcome_refused", False, None, None)),
        (SupabaseRefusedError("22P05", "params"), ("outcome_refused", False, None, None)),
        (EnqueueRateLimitedError(retry_after=7), ("follow_up_refused", True, None, 7)),
        (MonthlyCostReachedError(retry_after=7), ("follow_up_refused", False, None, None)),
        (UnknownJobTypeError(), ("follow_up_refused", False, None, None)),
        (JobNotFoundError(), ("internal_error", True, None, None)),
        (TimeoutError(), ("timeout", True, 0, None)),
        (httpx.ReadTimeout("slow"), ("timeout", True, 0, None)),
        (httpx.ConnectError("refused"), ("provider_unavailable", True, None, None)),
        (answered(503), ("provider_unavailable", True, None, None)),
        (answered(429), ("rate_limited", True, None, None)),
        (answered(429, **{"Retry-After": "12"}), ("rate_limited", True, None, 12)),
        (answered(429, **{"Retry-After": "Wed, 21 Oct 2026"}), ("rate_limited", True, None, None)),
        (answered(429, **{"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), BUSY_NOW),
        (answered(429, **{"Retry-After": "Wed Oct 21 07:28:00 2015"}), BUSY_NOW),
        (httpx2.ReadTimeout("slow"), ("timeout", True, 0, None)),
        (httpx2.ConnectError("refused"), ("provider_unavailable", True, None, None)),
        (answered(503, of=httpx2), ("provider_unavailable", True, None, None)),
        (answered(429, of=httpx2, **{"Retry-After": "12"}), ("rate_limited", True, None, 12)),
        (answered(400), ("internal_error", True, None, None)),
        (ZeroDivisionError("key sk-123"), ("internal_error", True, None, None)),
    ],
)
def test_classify(error: Exception, expected: tuple[str, bool, float | None, float | None]) -> None:
    failed = classify(error)
    told = (failed.error.code, failed.retryable, failed.retry_after, failed.not_before)
    assert told == expected
    assert "sk-123" not in failed.error.message


def list_refusals() -> list[SupajobsError]:
    """All that a request for a job may be answered with that is none."""
    found = [
        each.__new__(each)
        for each in vars(refusals).values()
        if isinstance(each, type) and issubclass(each, SupajobsError) and each is not SupajobsError
    ]
    for answer in (
        Conflict(outcome="conflict"),
        RateLimited(outcome="rate_limited", retry_after=7),
        CostLimited(outcome="cost_limited", retry_after=7),
    ):
        with pytest.raises(SupajobsError) as caught:
            require_allowed(answer)
        found.append(caught.value)
    return found


@pytest.mark.parametrize("refusal", list_refusals(), ids=lambda each: each.code)
def test_a_request_that_is_refused_is_not_repeated_but_for_a_limit(refusal: SupajobsError) -> None:
    failed = classify(refusal)
    expected = "outcome_refused" if refusal.code == "supabase_refused" else "follow_up_refused"
    assert failed.error.code == expected
    assert failed.retryable == (refusal.code == "rate_limited")


def test_a_provider_may_name_the_time_to_come_back() -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    assert classify(answered(429, **{"Retry-After": then})).not_before == pytest.approx(120, abs=3)


@pytest.mark.parametrize(
    "detail",
    [object(), {"m": float("nan")}, [b"\xff"]],
    ids=["an object", "not a number", "bytes"],
)
def test_a_permanent_error_stays_one_whatever_its_detail_is(detail: Any) -> None:
    error = PermanentError("No\0.", code="no\ud800", detail=detail)
    from_a_pool: Any = pickle.loads(pickle.dumps(error))  # noqa: S301 - of our own
    failed = classify(from_a_pool)
    assert not failed.retryable
    assert (failed.error.code, failed.error.message) == ("no\ufffd", "No\ufffd.")
    assert failed.error.detail is None


class Mute:
    def __str__(self) -> str:
        raise LookupError("no words")


@pytest.mark.parametrize(
    ("message", "code", "told"),
    [
        (ValueError("No."), "no", ("no", "No.")),
        (None, "no", ("no", "None")),
        (b"No.", "no", ("no", "b'No.'")),
        ("No.", 5, ("5", "No.")),
        (Mute(), Mute(), ("(it cannot be printed)", "(it cannot be printed)")),
    ],
)
def test_a_permanent_error_stays_one_whatever_its_words_are(
    message: Any, code: Any, told: tuple[str, str]
) -> None:
    failed = classify(PermanentError(message, code=code))
    assert not failed.retryable
    assert (failed.error.code, failed.error.message) == told


def test_a_permanent_error_stays_one_that_was_never_initialised() -> None:
    class HeroRefusedError(PermanentError):
        def __init__(self) -> None:
            pass

    assert not judge(HeroRefusedError()).retryable


@pytest.mark.parametrize("cost", [float("nan"), float("inf"), -1.0])
def test_a_cost_is_a_number_that_can_be_added(cost: float) -> None:
    with pytest.raises(ValidationError):
        Usage(cost_usd=cost)
    with pytest.raises(ValidationError):
        Usage(input_tokens=2**63)


NO = PermanentError("No.", code="no")
WAITED = Snooze(60)


@pytest.mark.parametrize(
    ("errors", "expected"),
    [
        ([NO], ("no", False, None, None)),
        ([RateLimitedError(30)], ("rate_limited", True, None, 30)),
        (
            [RateLimitedError(30), RateLimitedError(90), RateLimitedError()],
            ("rate_limited", True, None, 90),
        ),
        ([TimeoutError(), httpx.ReadTimeout("slow")], ("timeout", True, 0, None)),
        ([ValueError(), RateLimitedError(30), NO], ("no", False, None, None)),
        ([RateLimitedError(30), TimeoutError()], ("internal_error", True, None, 30)),
        ([ValueError()], ("internal_error", True, None, None)),
        ([WAITED, NO], ("no", False, None, None)),
        ([WAITED, UnavailableError(7)], ("provider_unavailable", True, None, 7)),
        (
            [BaseExceptionGroup("inner", [NO, SystemExit()]), ValueError()],
            ("no", False, None, None),
        ),
        ([SystemExit(), NO], ("no", False, None, None)),
    ],
)
def test_a_group_means_what_is_in_it(
    errors: list[BaseException], expected: tuple[str, bool, float | None, float | None]
) -> None:
    failed = judge(BaseExceptionGroup("of a TaskGroup", errors))
    told = (failed.error.code, failed.retryable, failed.retry_after, failed.not_before)
    assert told == expected
