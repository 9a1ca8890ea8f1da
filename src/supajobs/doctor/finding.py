from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from pydantic import BaseModel

NAMED = 8  # of many wrong things; the first ones are enough to begin with


class FindingStatus(StrEnum):
    """SKIPPED: it cannot be told while something else is wrong."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Verdict:
    """What a check says: how it is and, unless it is well, what to do about it."""

    status: FindingStatus
    message: str
    remedy: str | None = None


class Finding(BaseModel):
    """A check's verdict under its name."""

    check: str
    status: FindingStatus
    message: str
    remedy: str | None


def ok(message: str) -> Verdict:
    """It is as it should be."""
    return Verdict(FindingStatus.OK, message)


def warning(message: str, remedy: str) -> Verdict:
    """It works, but not for long or not as well as it could."""
    return Verdict(FindingStatus.WARNING, message, remedy)


def error(message: str, remedy: str) -> Verdict:
    """It does not work."""
    return Verdict(FindingStatus.ERROR, message, remedy)


def skipped(reason: str) -> Verdict:
    """It cannot be told."""
    return Verdict(FindingStatus.SKIPPED, reason)


def enumerate_some(things: Sequence[str]) -> str:
    """The first few, and how many more there are."""
    rest = len(things) - NAMED
    return "; ".join(things[:NAMED]) + (f"; and {rest} more" if rest > 0 else "")
