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


def tag(job: Job) -> str:
    """The `ETag` of a job: weak, for the same state may be written in other bytes."""
    return f'W/"{job.version}"'


def matches(job: Job, if_none_match: Iterable[str] | None) -> bool:
    """Whether one of these `If-None-Match` headers names the job's present state."""
    given = ",".join(if_none_match or ())
    return given.strip() == "*" or job.version in _TAG.findall(given)
