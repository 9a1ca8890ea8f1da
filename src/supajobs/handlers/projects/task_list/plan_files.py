"""Which files of a repository are its plan."""

import re
from collections.abc import Iterable, Sequence
from fnmatch import translate

from supajobs.handlers.projects.task_list.parsing import MAX_FILES

MAX_PATTERN = 500  # characters
MAX_FOUND = MAX_FILES + 1
"""So that `parse` can tell of those that are left out."""

_ANY_DEPTH = "**"
_DIGITS = re.compile("([0-9]+)")


def find_plan_files(paths: Iterable[str], pattern: str) -> list[str]:
    """The paths that match, at most MAX_FOUND of them, sorted; numbers in them count as numbers.

    The pattern is a path, or one with wildcards, as in `PurePath.full_match`: `*` any characters
    but /, `?` one of them, `[abc]` and `[!abc]` one of these or of the others, and `**` as a whole
    part any number of folders, none included. `docs/**/plan*.md` finds `docs/plan.md` and
    `docs/a/b/plan-2.md`. Capitals count; `./` or `/` at its start are those of the repository.
    """
    parts = [part for part in pattern[:MAX_PATTERN].split("/") if part not in {"", "."}]
    if len(pattern) > MAX_PATTERN or not parts:
        return []
    matchers = [None if part == _ANY_DEPTH else re.compile(translate(part)) for part in parts]
    found = (path for path in paths if _matches(path.split("/"), matchers))
    return sorted(found, key=_order)[:MAX_FOUND]


def _matches(parts: Sequence[str], matchers: Sequence[re.Pattern[str] | None]) -> bool:
    """Whether the parts match, where None stands for any number of them.

    When something does not match, only the last None has to take one more: earlier ones could but
    take what that has been offered already.
    """
    part = matcher = 0
    retry: tuple[int, int] | None = None
    while part < len(parts):
        wanted = matchers[matcher] if matcher < len(matchers) else False
        if wanted is None:
            matcher += 1
            retry = (part, matcher)
        elif wanted and wanted.match(parts[part]):
            part, matcher = part + 1, matcher + 1
        elif retry:
            part, matcher = retry[0] + 1, retry[1]
            retry = (part, matcher)
        else:
            return False
    return all(wanted is None for wanted in matchers[matcher:])


def _order(path: str) -> list[tuple[int, str]]:
    """Of digits, the more is the larger number, if they do not start with zeros."""
    return [
        (len(part.lstrip("0")) if part.isdecimal() else 0, part) for part in _DIGITS.split(path)
    ]
