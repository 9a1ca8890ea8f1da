"""Days as plans write them."""

import datetime as dt
import re

DATE = r"([0-9]{4})[-/]([0-9]{1,2})[-/]([0-9]{1,2})(?![0-9])"
"""Of year, month and day. The other orders differ from country to country."""

_DATE = re.compile(DATE)


def read_date(text: str) -> dt.date | None:
    """The day that the text starts with, if there is one."""
    found = _DATE.match(text)
    return make_date(found) if found else None


def make_date(found: re.Match[str]) -> dt.date | None:
    """The day of a match whose first groups are those of DATE, if the calendar has it."""
    try:
        return dt.date(int(found[1]), int(found[2]), int(found[3]))
    except ValueError:
        return None
