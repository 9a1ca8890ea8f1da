"""What is stored says what was handed in, or is refused by name."""

from dataclasses import dataclass

import pytest
from pydantic import BaseModel, SecretBytes, SecretStr

from supajobs.storable import UnstorableError, make_storable


class Login(BaseModel):
    tokens: list[SecretStr]
    name: str = ""


@dataclass
class Plain:
    key: SecretStr


@pytest.mark.parametrize(
    ("value", "where"),
    [
        (SecretStr("s"), "result"),
        ({"t": SecretBytes(b"s")}, "result.t"),
        (Login(tokens=[SecretStr("s")]), "result.tokens.0"),
        ([Plain(SecretStr("s"))], "result.0.key"),
        ({"deep": {"down": [Login(tokens=[SecretStr("s")])]}}, "result.deep.down.0.tokens.0"),
        (frozenset({SecretStr("s")}), "result.0"),
    ],
)
def test_a_secret_is_refused_and_not_stored_as_stars(value: object, where: str) -> None:
    with pytest.raises(UnstorableError, match="is not to be stored") as refused:
        make_storable(value, "result")
    assert refused.value.where == where


def test_stars_that_hide_nothing_are_stored() -> None:
    stars = "*" * 10
    stored = make_storable([stars, Login(tokens=[], name=stars)], "result")
    assert stored == [stars, {"tokens": [], "name": stars}]


async def work() -> None:
    pass


async def test_what_was_not_awaited_is_told_to_be() -> None:
    forgotten = work()
    for value, where in ((forgotten, "result"), ({"step": [forgotten]}, "result.step.0")):
        with pytest.raises(UnstorableError, match="it was not awaited: await it") as refused:
            make_storable(value, "result")
        assert refused.value.where == where
    forgotten.close()
