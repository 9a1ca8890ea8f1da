"""Which files of a repository are its plan."""

import re
from collections.abc import Iterable

from supajobs.handlers.projects.path_pattern import PathPattern
from supajobs.handlers.projects.task_list.parsing import MAX_FILES

MAX_PATTERN = 1_000  # characters; a project has no longer one
MAX_FOUND = MAX_FILES + 1
"""So that `parse` can tell of those that are left out."""

_DIGITS = re.compile("([0-9]+)")


def find_plan_files(paths: Iterable[str], pattern: str) -> list[str]:
    """The paths that a PathPattern means, MAX_FOUND at most, sorted; numbers count as numbers.

    A file of just that name is meant alone: the name may have brackets.
    """
    if len(pattern) > MAX_PATTERN:
        return []
    wanted, known = PathPattern(pattern), list(paths)
    if wanted.path in known:
        return [wanted.path]
    return sorted(filter(wanted.matches, known), key=_order)[:MAX_FOUND]


def _order(path: str) -> list[tuple[int, str]]:
    """Of digits, the more is the larger number, if they do not start with zeros."""
    return [
        (len(part.lstrip("0")) if part.isdecimal() else 0, part) for part in _DIGITS.split(path)
    ]
