"""What an answer costs, whatever its provider says of it."""

import pytest
from pydantic_ai.usage import RequestUsage

from supajobs.models.costs import measure
from supajobs.outcomes import Usage
from supajobs.settings import ModelPrice

PRICE = ModelPrice(input=1, output=1, cached_input=0)


@pytest.mark.parametrize(
    "used",
    [
        RequestUsage(input_tokens=1, cache_read_tokens=2),
        RequestUsage(input_tokens=-1),
        RequestUsage(input_tokens=2**63),
    ],
)
def test_numbers_that_are_none_are_not_known(used: RequestUsage) -> None:
    assert measure("any", used, PRICE) == Usage(model="any")
