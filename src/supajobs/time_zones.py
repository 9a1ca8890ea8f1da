"""Time zones by their IANA names, as people write them."""

from functools import cache
from typing import Annotated
from zoneinfo import available_timezones

from pydantic import AfterValidator


def _require_known(name: str) -> str:
    if name not in _find_time_zones():
        raise ValueError(f"unknown time zone {name[:40]!r}; write it as America/New_York")
    return name


@cache
def _find_time_zones() -> frozenset[str]:
    # Not those that mean another zone on each machine, or none.
    return frozenset(available_timezones() - {"Factory", "localtime"})


TimeZone = Annotated[str, AfterValidator(_require_known)]
