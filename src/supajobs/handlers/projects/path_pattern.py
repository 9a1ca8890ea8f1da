"""Which paths of a repository are meant."""

import re
from fnmatch import translate

_ANY_DEPTH = "**"
_WILD = re.compile(r"[*?\[]")


class PathPattern:
    """A path, or one with wildcards, as in `PurePath.full_match`.

    `*` is any characters but /, `?` one of them, `[abc]` and `[!abc]` one of these or of the
    others, and `**` as a whole part any number of folders, none included: `docs/**/plan*.md` is
    `docs/plan.md` and `docs/a/b/plan-2.md`. Capitals count; `./` or `/` at its start are those of
    the repository.
    """

    path: str
    """The pattern as the path of a file, whose name may have these characters."""

    def __init__(self, pattern: str) -> None:
        parts = [part for part in pattern.split("/") if part not in {"", "."}]
        self.path = "/".join(parts)
        places: dict[str, int] = {}
        end, last = 1, ""
        for part in parts:
            if part != _ANY_DEPTH or part != last:  # two of them mean no more than one
                places[part] = places.get(part, 0) | end
                end <<= 1
            last = part
        self._end = end
        self._any_depth = places.pop(_ANY_DEPTH, 0)
        self._names = {part: bits for part, bits in places.items() if not _WILD.search(part)}
        self._wild = [
            (re.compile(translate(part)), bits)
            for part, bits in places.items()
            if part not in self._names
        ]

    def matches(self, path: str) -> bool:
        """Whether it is one of the paths that are meant."""
        # Bit i of `reached` is set where what was read of the path is meant by the first i parts of
        # the pattern. So no part is read twice, however many ** there are.
        reached = self._skip(1)
        meant: dict[str, int] = {}
        for part in path.split("/"):
            if part not in meant:
                meant[part] = self._find(part)
            reached = self._skip((reached & meant[part]) << 1 | reached & self._any_depth)
            if not reached:
                return False
        return bool(reached & self._end)

    def _skip(self, reached: int) -> int:
        """Also behind each ** that is reached: it may be no folder at all."""
        return reached | (reached & self._any_depth) << 1

    def _find(self, part: str) -> int:
        """The parts of the pattern that this one of a path is meant by."""
        found = self._names.get(part, 0)
        for matcher, bits in self._wild:
            if matcher.match(part):
                found |= bits
        return found
