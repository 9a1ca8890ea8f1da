"""Which model providers have refused the server's key or account, as far as this process knows.

Apart from supajobs.models.language_model, whose import takes seconds: GET /health/jobs asks here.
"""

from typing import Literal

RefusalCode = Literal["provider_key_refused", "provider_quota_exceeded"]

_refusals: dict[str, RefusalCode] = {}


def note_refusal(provider: str, code: RefusalCode) -> None:
    """Says that a provider took no request because of the key, or of the account behind it."""
    _refusals[provider] = code


def note_answer(provider: str) -> None:
    """Says that a provider has answered, which ends its refusal."""
    _refusals.pop(provider, None)


def get_refusals() -> dict[str, RefusalCode]:
    """The providers whose last word was a refusal, and of what."""
    return dict(_refusals)
