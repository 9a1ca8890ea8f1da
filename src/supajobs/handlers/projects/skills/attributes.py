"""What .gitattributes say of files: linguist-vendored, -generated, -language and so on."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from supajobs.handlers.projects.path_pattern import PathPattern

PREFIX = "linguist-"
NAMES = {"vendored", "generated", "documentation", "language", "detectable"}
MAX_FILES = 200
MAX_BYTES = 50_000  # of each
MAX_RULES = 200  # each of them is compared with each path
MAX_LINE = 1000  # characters

Value = str | bool


@dataclass(frozen=True)
class _Rule:
    folder: str
    pattern: PathPattern
    values: dict[str, Value | None]


@dataclass(frozen=True)
class Attributes:
    """The rules of a repository, in the order in which later ones win."""

    _rules: list[_Rule] = field(default_factory=list[_Rule])
    _known: dict[str, dict[str, Value]] = field(default_factory=dict[str, dict[str, Value]])

    def of(self, path: str) -> dict[str, Value]:
        """What is set for a file, without the prefix; what is unset again is left out."""
        if not self._rules:
            return {}
        if path not in self._known:
            self._known[path] = self._find(path)
        return self._known[path]

    def _find(self, path: str) -> dict[str, Value]:
        values: dict[str, Value | None] = {}
        for rule in self._rules:
            inner = path.removeprefix(rule.folder)
            if path.startswith(rule.folder) and rule.pattern.matches(inner):
                values.update(rule.values)
        return {name: value for name, value in values.items() if value is not None}


def read_attributes(files: Iterable[tuple[str, bytes]]) -> Attributes:
    """The rules of these files; those deeper in the tree come after, and win."""
    rules: list[_Rule] = []
    for path, content in sorted(files, key=lambda each: each[0].count("/")):
        folder = path[: -len(".gitattributes")]
        for line in content[:MAX_BYTES].decode(errors="replace").splitlines():
            if len(rules) < MAX_RULES and (rule := _read_line(folder, line[:MAX_LINE])):
                rules.append(rule)
    return Attributes(rules)


def _read_line(folder: str, line: str) -> _Rule | None:
    pattern, *words = line.split() or [""]
    if not pattern or pattern.startswith(("#", "!", "[attr]")):
        return None
    values = {name: value for word in words for name, value in [_read_word(word)] if name in NAMES}
    if not values:
        return None
    # Without a /, it is of names in any folder.
    return _Rule(folder, PathPattern(pattern if "/" in pattern else f"**/{pattern}"), values)


def _read_word(word: str) -> tuple[str, Value | None]:
    name, equals, value = word.partition("=")
    given: Value | None = (value.lower() not in {"false", "0"} and value) if equals else True
    if word.startswith("-"):
        name, given = name[1:], False
    elif word.startswith("!"):
        name, given = name[1:], None
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) else "", given
