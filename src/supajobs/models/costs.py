"""What an answer of a language model cost."""

from pydantic import ValidationError
from pydantic_ai.usage import RequestUsage

from supajobs.loggers import get_logger
from supajobs.outcomes import Usage
from supajobs.settings import ModelPrice

MILLION = 1_000_000  # tokens, of which prices are told

logger = get_logger(__name__)


def measure(model: str, used: RequestUsage, price: ModelPrice | None) -> Usage:
    """Tokens and dollars, as far as they are known; `price` goes before the list price."""
    if used.unmeasured_requests:
        return Usage(model=model)
    try:
        return Usage(
            model=model,
            input_tokens=used.input_tokens,
            output_tokens=used.output_tokens,
            cost_usd=_multiply(used, price),
        )
    except ValidationError:  # the answer is good all the same
        logger.warning("usage_is_no_number", model=model)
        return Usage(model=model)


def _multiply(used: RequestUsage, price: ModelPrice | None) -> float | None:
    """Dollars; None where nobody knows."""
    if price is None:
        return None if used.cost is None else float(used.cost)
    cached = price.input if price.cached_input is None else price.cached_input
    fresh_tokens = used.input_tokens - used.cache_read_tokens
    dollars = (
        fresh_tokens * price.input
        + used.cache_read_tokens * cached
        + used.output_tokens * price.output
    )
    return dollars / MILLION
