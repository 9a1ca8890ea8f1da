"""Request bodies as JSON in the sense of RFC 8259, which Python's own reader is not strict about.

NaN and Infinity, halves of surrogate pairs, and nesting beyond 200 levels are refused (422). As in
Python, JavaScript and Postgres, the last of several equal keys counts.

And not too much of it: whoever validates a body makes an error of each wrong value, all at once and
while nobody else is answered.
"""

import re
import sys
from codecs import BOM_UTF8
from collections.abc import Callable, Coroutine, Iterable
from json import JSONDecodeError
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic import JsonValue
from pydantic_core import from_json
from starlette.exceptions import HTTPException

from supajobs.api.dependencies import find_parts
from supajobs.errors import InvalidRequestError
from supajobs.outcomes import JsonObject

MAX_DEPTH = 32  # levels of a body's field, its object being the first
MAX_KEYS = 2000  # of one object
MAX_KEY_LENGTH = 256  # characters
LARGEST = sys.float_info.max  # beyond it, JavaScript and others read Infinity

_TEXTS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)


class _StrictRequest(Request):
    async def json(self) -> Any:
        body = await self.body()
        most = find_parts(self).settings.max_body_values
        if _has_more_values(body, most):
            raise _refuse("", f"More than {most} values")
        if body.startswith(BOM_UTF8):
            raise JSONDecodeError("it begins with a byte order mark, which JSON has none of", "", 0)
        try:
            read: JsonValue = from_json(body, allow_inf_nan=False)
        except ValueError as error:
            raise JSONDecodeError(str(error), "", 0) from None
        fields: JsonObject = read if isinstance(read, dict) else {"": read}
        if reason := _find_odd_keys([fields]):
            raise _refuse("", reason)
        for field, value in fields.items():
            if reason := find_excess(value):
                raise _refuse(field, reason)
        return read


class StrictJsonRoute(APIRoute):
    """A route that reads its body strictly. For an APIRouter's `route_class`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What FastAPI calls with each request."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            try:
                return await handle(_StrictRequest(request.scope, request.receive))
            except HTTPException as error:  # FastAPI's, of whatever reading a body raises
                if isinstance(error.__cause__, InvalidRequestError):
                    raise error.__cause__ from None
                raise

        return handle_strictly


def _refuse(field: str, reason: str) -> InvalidRequestError:
    return InvalidRequestError([{"loc": (), "msg": reason}], within=field)


def _has_more_values(body: bytes, most: int) -> bool:
    """Whether this JSON has more than `most` values, as far as it need be read to see that."""
    if _count_values(body, 0, len(body)) < most:
        return False
    count = end = 0
    for number, text in enumerate(_TEXTS.finditer(body)):
        count += _count_values(body, end, text.start())
        end = text.end()
        if max(count, number // 2) >= most:  # a text is a value, or the key of one
            return True
    return count + _count_values(body, end, len(body)) >= most


def _count_values(body: bytes, start: int, end: int) -> int:
    """How many values begin here outside of texts, at most; of a whole body, all but the first."""
    return sum(body.count(mark, start, end) for mark in (b",", b"[", b"{"))


def find_excess(value: JsonValue) -> str | None:
    """What this value has too much of, in words; None if every reader of JSON can hold it."""
    level = [value]
    for _ in range(MAX_DEPTH + 1):
        if any(isinstance(each, int | float) and abs(each) > LARGEST for each in level):
            return f"Numbers beyond ±{LARGEST:.1e}"
        objects = [each for each in level if isinstance(each, dict)]
        if reason := _find_odd_keys(objects):
            return reason
        holders = [*objects, *(each for each in level if isinstance(each, list))]
        if not holders:
            return None
        level = [inner for each in holders for inner in _values(each)]
    return f"More than {MAX_DEPTH} levels"


def _find_odd_keys(objects: list[JsonObject]) -> str | None:
    if any(len(each) > MAX_KEYS for each in objects):
        return f"More than {MAX_KEYS} keys"
    if any(len(key) > MAX_KEY_LENGTH for each in objects for key in each):
        return f"Keys of more than {MAX_KEY_LENGTH} characters"
    return None


def _values(holder: JsonObject | list[JsonValue]) -> Iterable[JsonValue]:
    return holder.values() if isinstance(holder, dict) else holder
