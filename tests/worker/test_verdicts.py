from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import httpx
import httpx2
import pytest

from supajobs.errors import SupabaseRefusedError
from supajobs.outcomes import PermanentError, RateLimitedError, UnavailableError
from supajobs.worker.verdicts import classify


def answered(status: int, *, of: Any = httpx, **headers: str) -> Exception:
    request = of.Request("GET", "https://provider.test/v1")
    response = of.Response(status, headers=headers, request=request)
    return of.HTTPStatusError("told", request=request, response=response)


BUSY_NOW = ("rate_limited", True, 0)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermanentError("No.", code="no"), ("no", False, None)),
        (RateLimitedError(7), ("rate_limited", True, 7)),
        (RateLimitedError(), ("rate_limited", True, None)),
        (UnavailableError(7), ("provider_unavailable", True, 7)),
        (UnavailableError(), ("provider_unavailable", True, None)),
        (SupabaseRefusedError("22P05", "params"), ("outcome_refused", False, None)),
        (TimeoutError(), ("timeout", True, 0)),
        (httpx.ReadTimeout("slow"), ("timeout", True, 0)),
        (httpx.ConnectError("refused"), ("provider_unavailable", True, None)),
        (answered(503), ("provider_unavailable", True, None)),
        (answered(429), ("rate_limited", True, None)),
        (answered(429, **{"Retry-After": "12"}), ("rate_limited", True, 12)),
        (answered(429, **{"Retry-After": "Wed, 21 Oct 2026"}), ("rate_limited", True, None)),
        (answered(429, **{"Retry-After": "Wed, 21 Oct 2015 07:28:00 GMT"}), BUSY_NOW),
        (answered(429, **{"Retry-After": "Wed Oct 21 07:28:00 2015"}), BUSY_NOW),
        (httpx2.ReadTimeout("slow"), ("timeout", True, 0)),
        (httpx2.ConnectError("refused"), ("provider_unavailable", True, None)),
        (answered(503, of=httpx2), ("provider_unavailable", True, None)),
        (answered(429, of=httpx2, **{"Retry-After": "12"}), ("rate_limited", True, 12)),
        (answered(400), ("internal_error", True, None)),
        (ZeroDivisionError("key sk-123"), ("internal_error", True, None)),
    ],
)
def test_classify(error: Exception, expected: tuple[str, bool, float | None]) -> None:
    failed = classify(error)
    assert (failed.error.code, failed.retryable, failed.retry_after) == expected
    assert "sk-123" not in failed.error.message


def test_a_provider_may_name_the_time_to_come_back() -> None:
    then = format_datetime(datetime.now(UTC) + timedelta(minutes=2), usegmt=True)
    assert classify(answered(429, **{"Retry-After": then})).retry_after == pytest.approx(120, abs=3)
