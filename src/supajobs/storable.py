"""What handlers hand in, as the database can store it."""

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from inspect import isawaitable
from typing import Any, cast

from pydantic import JsonValue, Secret, SecretBytes, SecretStr, TypeAdapter
from pydantic_core import to_json, to_jsonable_python

MAX_DEPTH = 100  # levels; Postgres takes more, pydantic hardly twice as many
MAX_BYTES = 10 * 2**20  # of JSON
MAX_WHERE = 500  # characters that are told; keys may be of any length
LARGEST = sys.float_info.max  # beyond it, JavaScript and others read Infinity

# The NUL, and halves of surrogate pairs, which neither JSON nor Postgres can hold.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_REPLACEMENT = "\ufffd"
TEXT_RULE = "text has no character U+0000, and no half of a surrogate pair"

_MASK = b"**********"  # what pydantic writes for a secret
_ANYTHING = TypeAdapter[Any](Any)


class UnstorableError(Exception):
    """What a handler handed in is nothing that JSON or the database can hold."""

    def __init__(self, where: str, why: str) -> None:
        """`where`: the way to it, as result.weeks.0; to be told, it is cut to MAX_WHERE."""
        self.where = clean(where)
        self.why = why
        super().__init__(self.where, why)  # with which pickle makes it anew

    def __str__(self) -> str:
        return f"{self.where}: {self.why}"


def clean(text: str) -> str:
    """The text with U+FFFD in place of characters that cannot be stored."""
    return _UNSTORABLE.sub(_REPLACEMENT, text)


def cut(text: str, most: int) -> str:
    """The text of at most so many characters; where some are missing, it ends with …."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def make_storable(
    value: object, where: str, on_changed: Callable[[str, str], None] = lambda _where, _why: None
) -> JsonValue:
    """The value as plain JSON, its text cleaned; `on_changed` hears where and why that changed it.

    Raises:
        UnstorableError: there is no such JSON, or it is too deep or too large.
    """
    stored = _Reader(on_changed).read(value, where, depth=0)
    if (size := len(to_json(stored))) > MAX_BYTES:
        raise UnstorableError(where, f"{size} bytes of JSON; {MAX_BYTES} is the most")
    return stored


def require_kept(plain: JsonValue, value: object, where: str) -> JsonValue:
    """What pydantic has made of a value, if it says the same, and can be stored as it is.

    Raises:
        UnstorableError: it cannot, or it says something else.
    """
    reader = _Reader(_refuse)
    reader.compare(plain, value, where)
    return reader.read(plain, where, depth=0)


def keep(value: object, where: str) -> JsonValue:
    """The value as plain JSON that says the same.

    Raises:
        UnstorableError: there is no such JSON.
    """
    return make_storable(value, where, _refuse)


def _refuse(where: str, why: str) -> None:
    raise UnstorableError(where, why)


class _Reader:
    def __init__(self, on_changed: Callable[[str, str], None]) -> None:
        self._on_changed = on_changed

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
                items = list(cast("Mapping[Any, Any]", value).items())
                keys = self._read_keys([key for key, _ in items], where)
                return {
                    key: self.read(each, _join(where, key), depth + 1)
                    for key, (_, each) in zip(keys, items, strict=True)
                }
            case list() | tuple():
                return [
                    self.read(each, _join(where, index), depth + 1)
                    for index, each in enumerate(cast("Sequence[Any]", value))
                ]
            case SecretStr() | SecretBytes() | Secret():
                kind = type(cast("object", value)).__name__
                raise UnstorableError(where, f"{kind} is not to be stored")
            case _:
                return self.read(self._to_plain(value, where), where, depth + 1)

    def compare(self, plain: object, value: Any, where: str) -> None:
        """Refuses what pydantic changes without a word: numbers that are none, keys of one name."""
        if isinstance(value, float) and plain is None:
            _read_number(value, where)
        elif isinstance(value, Mapping) and isinstance(plain, dict):
            mapping, parts = cast("Mapping[Any, Any]", value), cast("dict[str, Any]", plain)
            self._read_keys(list(mapping), where)
            for (key, each), part in zip(mapping.items(), parts.values(), strict=False):
                self.compare(part, each, _join(where, key))
        elif isinstance(value, list | tuple | AbstractSet) and isinstance(plain, list):
            pairs = zip(cast("Sequence[Any]", value), cast("list[Any]", plain), strict=False)
            for index, (each, part) in enumerate(pairs):
                self.compare(part, each, _join(where, index))

    def _read_text(self, text: str, where: str) -> str:
        cleaned = clean(text)
        if cleaned != text:
            self._on_changed(where, TEXT_RULE)
        return cleaned

    def _read_keys(self, keys: Sequence[object], where: str) -> list[str]:
        """The names of an object's values, as many as there were."""
        names = dict[str, None]()
        for key in keys:
            name = self._read_key(key, where)
            if name in names:
                raise UnstorableError(_join(where, name), "two keys of one name")
            names[name] = None
        return list(names)

    def _read_key(self, key: object, where: str) -> str:
        match key:
            case str():
                return self._read_text(key, _join(where, key))
            case int():
                return str(key)
            case float() | None:
                self._on_changed(_join(where, key), "a key is text")
                return str(key)
            case _:
                return self._read_text(str(self._to_plain(key, where)), where)

    def _to_plain(self, value: object, where: str) -> object:
        """What pydantic makes of it: of models, dates, UUIDs, sets, and other things of its own."""
        serializer: Any = getattr(type(value), "__pydantic_serializer__", None)
        try:
            plain: object = to_jsonable_python(value)
            if serializer:
                given = serializer.to_python(value, by_alias=True, warnings=False)
                self.compare(plain, given, where)
            if _MASK in to_json(plain):
                self._refuse_secrets(_ANYTHING.dump_python(value, warnings=False), where)
        except ValueError:
            raise UnstorableError(where, _tell_kind(value)) from None
        return plain

    def _refuse_secrets(self, given: object, where: str) -> None:
        """Refuses what pydantic would write as stars, wherever it is in what was given."""
        match given:
            case Mapping():
                for key, each in cast("Mapping[Any, Any]", given).items():
                    self._refuse_secrets(each, _join(where, key))
            case list() | tuple() | AbstractSet():
                for index, each in enumerate(cast("Sequence[Any]", given)):
                    self._refuse_secrets(each, _join(where, index))
            case SecretStr() | SecretBytes() | Secret():
                self.read(given, where, depth=0)
            case _:
                pass


def _tell_kind(value: object) -> str:
    if isawaitable(value):
        return "it was not awaited: await it, or make it no coroutine in a plain handler"
    return f"{type(value).__name__} is no value of JSON"


def _join(where: str, name: object) -> str:
    return f"{where}.{name}" if where else str(name)


def _read_number(number: float, where: str) -> float:
    if abs(number) <= LARGEST:
        return number
    raise UnstorableError(where, f"a number beyond ±{LARGEST:.1e}, or none")
