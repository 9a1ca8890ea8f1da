"""Which paths of a repository are meant."""

import re
from collections.abc import Sequence
from fnmatch import translate

_ANY_DEPTH = "**"


class PathPattern:
    """A path, or one with wildcards, as in `PurePath.full_match`.

    `*` is any characters but /, `?` one of them, `[abc]` and `[!abc]` one of these or of the
    others, and `**` as a whole part any number of folders, none included: `docs/**/plan*.md` is
    `docs/plan.md` and `docs/a/b/plan-2.md`. Capitals count; `./` or `/` at its start are those of
    the repository.
    """

    def __init__(self, pattern: str) -> None:
        parts = [part for part in pattern.split("/") if part not in {"", "."}]
        self._matchers = [
            None if part == _ANY_DEPTH else re.compile(translate(part)) for part in parts
        ]

    def matches(self, path: str) -> bool:
        """Whether it is one of the paths that are meant."""
        return bool(self._matchers) and _matches(path.split("/"), self._matchers)


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
