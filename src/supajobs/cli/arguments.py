"""What people write behind commands: ids, times, and JSON."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any, cast
from uuid import UUID

import typer

from supajobs.job_options import read_priority

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def read_id(text: str) -> UUID:
    """An id of the queue."""
    try:
        return UUID(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not a whole id of 36 characters. A part does not do: ids are in time "
            "order, so those of jobs from the same minutes begin alike."
        ) from None


def read_since(text: str) -> datetime:
    """A time, or how long ago that was."""
    try:
        if ago := re.fullmatch(r"(\d+)([smhdw])", text):
            return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError):
        raise typer.BadParameter(
            f"{text!r} is neither a time span (90s, 30m, 2h, 1d, 1w) nor a time (2026-11-22, "
            "2026-11-22T14:00, 2026-11-22T13:00:00Z; local where it has no zone)."
        ) from None


def read_due(text: str) -> datetime:
    """A time, or how far ahead that is."""
    if later := re.fullmatch(r"(\d+)([smhdw])", text):
        return datetime.now(UTC) + timedelta(**{_UNITS[later[2]]: int(later[1])})
    return read_since(text)


def read_level(given: str | int) -> int:
    """A priority, as a word or a number."""
    try:
        is_number = isinstance(given, str) and given.isdecimal()
        return read_priority(int(given) if is_number else given)
    except ValueError as error:
        raise typer.BadParameter(f"{given!r}: {error}") from None


LEVEL: Any = typer.Option(
    "--priority", parser=read_level, metavar="LEVEL", help="low, normal, high, or 0 to 10."
)


def read_json(text: str) -> Any:
    """Any JSON."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise typer.BadParameter(f"is not JSON: {error}") from None


def read_params(text: str) -> dict[str, Any]:
    """The params of a job."""
    params: object = read_json(text)
    if not isinstance(params, dict):
        raise typer.BadParameter('is no JSON object such as {"hero": "Fox"}')
    return cast("dict[str, Any]", params)


def read_interval(text: str) -> int:
    """Seconds, from a time span."""
    if span := re.fullmatch(r"(\d{1,9})([smhdw])", text):
        return int(timedelta(**{_UNITS[span[2]]: int(span[1])}).total_seconds())
    raise typer.BadParameter(f"{text!r} is no time span (90s, 30m, 2h, 1d, 1w).")
