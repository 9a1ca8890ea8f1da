"""Costs are counted by the calendar month (UTC): tests amid which it must not turn."""

import time
from datetime import UTC, datetime, timedelta

ENOUGH = 30.0  # s; of a month, for one test


def begin_in_a_month_that_lasts() -> None:
    """Returns at once, or at the start of the next month where this one is as good as over."""
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    next_month = (midnight.replace(day=1) + timedelta(days=32)).replace(day=1)
    if (left := (next_month - now).total_seconds()) < ENOUGH:
        time.sleep(left)
