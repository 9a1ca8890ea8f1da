import httpx
import pytest

from supajobs.outcomes import PermanentError, RateLimitedError, classify

REQUEST = httpx.Request("GET", "https://provider.test/v1")


def answered(status: int, **headers: str) -> httpx.HTTPStatusError:
    response = httpx.Response(status, headers=headers, request=REQUEST)
    return httpx.HTTPStatusError("told", request=REQUEST, response=response)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (PermanentError("No.", code="no"), ("no", False, None)),
        (RateLimitedError(7), ("rate_limited", True, 7)),
        (RateLimitedError(), ("rate_limited", True, None)),
        (TimeoutError(), ("timeout", True, 0)),
        (httpx.ReadTimeout("slow"), ("timeout", True, 0)),
        (httpx.ConnectError("refused"), ("provider_unavailable", True, None)),
        (answered(503), ("provider_unavailable", True, None)),
        (answered(429), ("rate_limited", True, None)),
        (answered(429, **{"Retry-After": "12"}), ("rate_limited", True, 12)),
        (answered(429, **{"Retry-After": "Wed, 21 Oct 2026"}), ("rate_limited", True, None)),
        (answered(400), ("internal_error", True, None)),
        (ZeroDivisionError("key sk-123"), ("internal_error", True, None)),
    ],
)
def test_classify(error: Exception, expected: tuple[str, bool, float | None]) -> None:
    failed = classify(error)
    assert (failed.error.code, failed.retryable, failed.retry_after) == expected
    assert "sk-123" not in failed.error.message
