"""Pages by key: each next page begins after the last id of the one before, whatever came since."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated
from uuid import UUID

from fastapi import Request
from pydantic import BeforeValidator, Field


def write_cursor(last: UUID) -> str:
    """Where the page after this id begins, in a form that invites nobody to build it."""
    return urlsafe_b64encode(last.bytes).decode().rstrip("=")


def _read_cursor(cursor: str) -> UUID:
    try:
        last = UUID(bytes=urlsafe_b64decode(f"{cursor}=="))
    except ValueError:
        last = None
    if last is None or write_cursor(last) != cursor:
        raise ValueError("Take it from the Link of a page")
    return last


_Written = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{21}[AQgw]$")]  # base64url of 16 bytes
Cursor = Annotated[UUID, BeforeValidator(_read_cursor, json_schema_input_type=_Written)]


def link_next(request: Request, last: UUID | int) -> str:
    """The `Link` header (RFC 8288) to the page after this id, or position: with another cursor.

    Relative, as `Location` is: what the host is to the client, a proxy in between knows.
    """
    cursor = write_cursor(last) if isinstance(last, UUID) else last
    following = request.url.include_query_params(cursor=cursor)
    return f'<{following.path}?{following.query}>; rel="next"'
