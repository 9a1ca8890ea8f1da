"""Points in time, as RFC 3339 writes them and no other way."""

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BeforeValidator

_WRITTEN = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:.+")


def _refuse_other_forms(value: object) -> object:
    # Pydantic also reads numbers, in seconds or in milliseconds, whichever it finds likelier.
    if not (isinstance(value, str) and _WRITTEN.fullmatch(value)):
        raise ValueError("Write it with date, time and offset: 2027-01-31T08:00:00Z")
    return value


def _in_utc(time: datetime) -> datetime:
    # Postgres refuses offsets of 16 hours and more.
    try:
        return time.astimezone(UTC)
    except OverflowError:
        raise ValueError("Years are 1 to 9999") from None


Timestamp = Annotated[AwareDatetime, BeforeValidator(_refuse_other_forms), AfterValidator(_in_utc)]
