"""What a language model hands in: small, and without anything that our code can work out."""

from typing import Annotated

from pydantic import BaseModel, BeforeValidator, StringConstraints


class Manuscript(BaseModel):
    """Base of it. Fields beyond the declared ones are overlooked."""


def _without_control_characters(value: object) -> object:
    """Postgres stores no NUL and no half of a surrogate pair; the others help nobody."""
    if not isinstance(value, str):
        return value
    return "".join(letter for letter in value if letter.isprintable() or letter == "\n")


Title = Annotated[
    str,
    BeforeValidator(_without_control_characters),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=100),
]
Text = Annotated[
    str,
    BeforeValidator(_without_control_characters),
    StringConstraints(strip_whitespace=True, min_length=1, max_length=600),
]
Note = Annotated[
    str,
    BeforeValidator(_without_control_characters),
    StringConstraints(strip_whitespace=True, max_length=600),
]
