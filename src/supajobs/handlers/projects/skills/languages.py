"""The languages of a repository by the bytes of their files, as GitHub's Linguist counts them."""

from dataclasses import dataclass

from supajobs.handlers.projects.skills.attributes import Attributes
from supajobs.handlers.projects.skills.disambiguation import choose
from supajobs.handlers.projects.skills.found import Language
from supajobs.handlers.projects.skills.language_table import (
    find_by_first_line,
    find_by_name,
    read_table,
)
from supajobs.handlers.projects.skills.left_out import (
    is_documentation,
    is_generated,
    is_generated_by_name,
    is_vendored,
)
from supajobs.handlers.projects.tree import TreeFile

HEAD_BYTES = 50_000  # of a file, which says enough
_BINARY = b"\0"


@dataclass(slots=True)
class _Count:
    bytes: int = 0
    files: int = 0


class LanguageCount:
    """Takes the files one after the other, with what those begin with that `wants` to be read."""

    def __init__(self, attributes: Attributes) -> None:
        self._attributes = attributes
        self._counts: dict[str, _Count] = {}

    def wants(self, file: TreeFile) -> bool:
        """Whether the file may count, so that it has to be read: heads say who wrote it."""
        if not file.size or self._is_left_out(file.path):
            return False
        return bool(self._find_candidates(file.path, b"")) or "." not in _name(file.path)

    def take(self, file: TreeFile, content: bytes) -> None:
        """Counts a file that was read."""
        if _BINARY in content[:8000]:
            return
        head = content[:HEAD_BYTES]
        given = self._attributes.of(file.path)
        text = head.decode(errors="replace")
        if given.get("generated") is None and is_generated(file.path, text):
            return
        candidates = self._find_candidates(file.path, head)
        if not candidates:
            return
        language = choose(file.path, candidates, text) if len(candidates) > 1 else candidates[0]
        table = read_table()
        if language not in table.counted and not given.get("detectable"):
            return
        count = self._counts.setdefault(table.name_group(language), _Count())
        count.bytes += file.size or 0
        count.files += 1

    def tell(self) -> list[Language]:
        """The languages, the largest first."""
        total = sum(each.bytes for each in self._counts.values())
        found = [
            Language(name, each.bytes, round(100 * each.bytes / total, 2), each.files)
            for name, each in self._counts.items()
        ]
        return sorted(found, key=lambda each: (-each.bytes, each.name))

    def _is_left_out(self, path: str) -> bool:
        given = self._attributes.of(path)
        if given.get("detectable") is False:
            return True
        return any(
            is_of_place(path) if (told := given.get(name)) is None else bool(told)
            for name, is_of_place in _REASONS
        )

    def _find_candidates(self, path: str, head: bytes) -> list[str]:
        told = self._attributes.of(path).get("language")
        if isinstance(told, str):
            known = read_table().by_name.get(told.lower())
            return [known] if known else []
        return find_by_name(path) or find_by_first_line(head)


_REASONS = (
    ("vendored", is_vendored),
    ("documentation", is_documentation),
    ("generated", is_generated_by_name),
)


def _name(path: str) -> str:
    return path.rpartition("/")[2]
