"""What clients may keep, and how they ask whether it still holds: entity tags (RFC 9110)."""

import re
from collections.abc import Iterable
from typing import Annotated

from fastapi import Header

from supajobs.jobs import Job

# For answers that are this user's alone, and to be used again only when the server says so.
PERSONAL = {"Cache-Control": "private, no-cache", "Vary": "Authorization"}

_TAG = re.compile(r'(?:W/)?"([^"]*)"')

IfNoneMatch = Annotated[
    list[str] | None,
    Header(description="The `ETag` of the state that you have: 304 while it is the present one."),
]


def tag(job: Job, place: int | None = None) -> str:
    """The `ETag` of a job, and of its place in the queue where that is told.

    Weak, for the same state may be written in other bytes, and estimates differ from read to read.
    """
    return f'W/"{job.version}"' if place is None else f'W/"{job.version}.{place}"'


def matches(tag: str, if_none_match: Iterable[str] | None) -> bool:
    """Whether one of these `If-None-Match` headers names the state with this tag."""
    given = ",".join(if_none_match or ())
    return given.strip() == "*" or _TAG.findall(tag)[0] in _TAG.findall(given)
