"""What a client would rather have: the `Prefer` header of RFC 7240, of which we know `wait`."""

import re
from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Header, Response

MAX_WAIT = 60  # s; longer, and some proxy gives up first

# All quantifiers are possessive (++, *+): none gives back what it took, and all is read once.
_NAME = r"[!#$%&'*+.^_`|~0-9A-Za-z-]++"
_QUOTED = r'"(?:\\.|[^"\\])*+"'
# A comma within quotes separates nothing, and quotes that do not close hide what follows.
_ELEMENTS = re.compile(rf'(?:{_QUOTED}|".*+|[^",])++', re.DOTALL)
_PREFERENCE = re.compile(
    rf"(?P<name>{_NAME})\s*+(?:=\s*+(?P<value>{_NAME}|{_QUOTED})\s*+)?+(?:;.*+)?+", re.DOTALL
)
_SECONDS = re.compile(r'"?([0-9]+)"?')


def find_wait(headers: Iterable[str]) -> int:
    """The seconds of the first `wait` in these `Prefer` headers, at most MAX_WAIT; else 0.

    As the RFC wants it, what is unknown or makes no sense is passed over.
    """
    for element in _ELEMENTS.findall(",".join(headers)):
        preference = _PREFERENCE.fullmatch(element.strip())
        if preference and preference["name"].lower() == "wait":
            seconds = _SECONDS.fullmatch(preference["value"] or "")
            # Digits beyond the first few only make it longer, and int() refuses thousands of them.
            return min(int(seconds[1].lstrip("0")[:4] or "0"), MAX_WAIT) if seconds else 0
    return 0


async def _prefer_wait(
    response: Response,
    prefer: Annotated[
        list[str] | None,
        Header(
            description="`wait=N`: if the job ends in N seconds (at most 60), answer with its end."
        ),
    ] = None,
) -> int:
    if seconds := find_wait(prefer or []):
        response.headers["Preference-Applied"] = f"wait={seconds}"
    return seconds


# The seconds that the client would wait for the end of the job, 0 if it would not. The answer says
# `Preference-Applied` by itself.
PreferredWait = Annotated[int, Depends(_prefer_wait)]
