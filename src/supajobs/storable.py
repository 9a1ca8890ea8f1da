"""What handlers hand in, as the database can store it."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from pydantic import JsonValue
from pydantic_core import to_json, to_jsonable_python

MAX_DEPTH = 100  # levels; Postgres takes more, pydantic hardly twice as many
MAX_BYTES = 10 * 2**20  # of JSON
LARGEST = sys.float_info.max  # beyond it, JavaScript and others read Infinity

# The NUL, and halves of surrogate pairs, which neither JSON nor Postgres can hold.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"


class UnstorableError(Exception):
    """What a handler handed in is nothing that JSON or the database can hold."""

    def __init__(self, where: str, why: str) -> None:
        """`where`: the way to it, as result.weeks.0."""
        super().__init__(f"{clean(where)}: {why}")
        self.where = clean(where)
        self.why = why


def clean(text: str) -> str:
    """The text with U+FFFD in place of characters that cannot be stored."""
    return _UNSTORABLE.sub(_REPLACEMENT, text)


def make_storable(
    value: object, where: str, on_cleaned: Callable[[str], None] = lambda _where: None
) -> JsonValue:
    """The value as plain JSON, its text cleaned; `on_cleaned` hears where that changed it.

    Raises:
        UnstorableError: there is no such JSON, or it is too deep or too large.
    """
    stored = _Reader(on_cleaned).read(value, where, depth=0)
    if (size := len(to_json(stored))) > MAX_BYTES:
        raise UnstorableError(where, f"{size} bytes of JSON; {MAX_BYTES} is the most")
    return stored


class _Reader:
    def __init__(self, on_cleaned: Callable[[str], None]) -> None:
        self._on_cleaned = on_cleaned

    def read(self, value: Any, where: str, depth: int) -> JsonValue:
        if depth > MAX_DEPTH:
            raise UnstorableError(where, f"more than {MAX_DEPTH} levels")
        match value:
            case None | bool():
                return value
            case str():
                return self._read_text(value, where)
            case int() | float():
                return _read_number(value, where)
            case Mapping():
                return {
                    self._read_key(key, where): self.read(each, f"{where}.{key}", depth + 1)
                    for key, each in cast("Mapping[Any, Any]", value).items()
                }
            case list() | tuple():
                return [
                    self.read(each, f"{where}.{index}", depth + 1)
                    for index, each in enumerate(cast("Sequence[Any]", value))
                ]
            case _:
                return self.read(_to_plain(value, where), where, depth + 1)

    def _read_text(self, text: str, where: str) -> str:
        cleaned = clean(text)
        if cleaned != text:
            self._on_cleaned(where)
        return cleaned

    def _read_key(self, key: object, where: str) -> str:
        match key:
            case str():
                return self._read_text(key, where)
            case int() | float() | None:
                return str(key)
            case _:
                return self._read_text(str(_to_plain(key, where)), where)


def _read_number(number: float, where: str) -> float:
    if abs(number) <= LARGEST:
        return number
    raise UnstorableError(where, f"a number beyond ±{LARGEST:.1e}")  # or none


def _to_plain(value: object, where: str) -> object:
    """What pydantic makes of it: of models, dates, UUIDs, sets, and other things of its own."""
    try:
        plain: object = to_jsonable_python(value)
    except ValueError:
        raise UnstorableError(where, f"{type(value).__name__} is no value of JSON") from None
    return plain
