"""TOML and JSON that others wrote."""

import json
import re
import tomllib
from typing import Any, cast

# Of so many parts are the keys of nobody, and tomllib takes the square of their number.
_LONG_KEY = re.compile(r"(?:\.[ \t]*[\w-]{1,100}+[ \t]*){100}")
_STRING = re.compile(r"""\"[^"\n]*\"|'[^'\n]*'""")


class ManifestError(Exception):
    """It cannot be read; the first argument says why, the second at which line."""


def load_toml(text: str) -> dict[str, Any]:
    """What it says.

    Raises:
        ManifestError: it cannot be read.
    """
    if found := _LONG_KEY.search(plain := _STRING.sub("x", text)):
        line = plain.count("\n", 0, found.start()) + 1
        raise ManifestError("it has a key of too many parts", line)
    try:
        return tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # not all of them are TOMLDecodeErrors
        line = re.search(r"line (\d+)", str(error))
        raise ManifestError("it is no TOML", int(line[1]) if line else 1) from None


def load_json(text: str) -> dict[str, Any]:
    """What it says, if it is an object.

    Raises:
        ManifestError: it cannot be read.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ManifestError("it is no JSON", getattr(error, "lineno", 1)) from None
    return get_table({"": data}, "")


def get_table(data: dict[str, Any], *names: str) -> dict[str, Any]:
    """The table of this name in a table in …; an empty one if there is none."""
    found: Any = data
    for name in names:
        found = cast("dict[str, Any]", found).get(name) if isinstance(found, dict) else None
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def list_texts(values: object) -> list[str]:
    """The strings of a list."""
    if not isinstance(values, list):
        return []
    return [each for each in cast("list[object]", values) if isinstance(each, str)]
