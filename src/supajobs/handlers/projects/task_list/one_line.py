"""Text of a repository as it is shown: on one line, and without what would disturb others."""

import re

from supajobs.storable import clean, cut

# What turns the text around it, and would turn what is shown beside it; a byte order mark.
# Joiners and the marks of one direction stay: emoji and right-to-left text need them.
_TURNING = re.compile("[\u202a-\u202e\u2066-\u2069\ufeff]")
_SPACE = re.compile(r"\s+")
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")


def make_plain(text: str) -> str:
    """The text without line ends and control characters; each run of spaces is one space."""
    spaced = _SPACE.sub(" ", _TURNING.sub("", text))
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", clean(spaced))


def make_line(text: str, most: int) -> str:
    """The same of at most so many characters, without spaces around it."""
    return cut(make_plain(text).strip(), most)
