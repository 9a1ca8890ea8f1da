"""One walk through a repository's files, which finds its languages and its tools."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from supajobs.handlers.projects.skills.attributes import MAX_FILES, read_attributes
from supajobs.handlers.projects.skills.found import Skills, SkillWarning
from supajobs.handlers.projects.skills.languages import LanguageCount
from supajobs.handlers.projects.skills.left_out import is_vendored
from supajobs.handlers.projects.skills.manifests import find_kind
from supajobs.handlers.projects.skills.tools import ToolCount
from supajobs.handlers.projects.tree import Tree, TreeFile

BATCH_FILES, BATCH_BYTES = 200, 4_000_000  # that are looked at in one go, beside the event loop
MAX_MANIFESTS = 500
MAX_WARNINGS = 100
_ATTRIBUTES = ".gitattributes"


async def find_skills(tree: Tree, report: Callable[[float], None]) -> Skills:
    """The languages, frameworks and tools that the files show; `report` is told how far it is."""
    rules = [each for each in tree.files if each.path.rpartition("/")[2] == _ATTRIBUTES]
    rules.sort(key=lambda file: file.path.count("/"))
    said = [(file.path, content) async for file, content in tree.read(rules[:MAX_FILES])]
    attributes = await asyncio.to_thread(read_attributes, said)
    finding = _Finding(LanguageCount(attributes))
    wanted = await asyncio.to_thread(finding.choose, tree.files)
    done, batch, size = 0, list[tuple[TreeFile, bytes]](), 0
    async for file, content in tree.read(wanted):
        batch.append((file, content))
        size += len(content)
        if len(batch) == BATCH_FILES or size > BATCH_BYTES:
            await asyncio.to_thread(finding.take, batch)
            done += len(batch)
            report(done / len(wanted))
            batch, size = [], 0
    await asyncio.to_thread(finding.take, batch)
    report(1.0)
    return finding.tell()


@dataclass
class _Finding:
    languages: LanguageCount
    warnings: list[SkillWarning] = field(default_factory=list[SkillWarning])

    def __post_init__(self) -> None:
        self._tools = ToolCount(self._warn)
        self._manifests: set[str] = set()
        self._code: set[str] = set()

    def _warn(self, path: str, line: int, code: str, message: str) -> None:
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(SkillWarning(path, line, code, message))

    def choose(self, files: Sequence[TreeFile]) -> list[TreeFile]:
        """Those that have to be read. Manifests near the root come first where they are many."""
        manifests = [
            file.path
            for file in files
            if file.size and find_kind(file.path) and not is_vendored(_without_forge(file.path))
        ]
        self._manifests = set(sorted(manifests, key=_depth)[:MAX_MANIFESTS])
        self._code = {file.path for file in files if self.languages.wants(file)}
        wanted = self._manifests | self._code
        return [file for file in files if file.path in wanted]

    def take(self, batch: list[tuple[TreeFile, bytes]]) -> None:
        """Looks at files that were read."""
        for file, content in batch:
            if file.path in self._manifests:
                self._tools.take(file.path, content)
            if file.path in self._code:
                self.languages.take(file, content)

    def tell(self) -> Skills:
        """What was found in all of them."""
        return Skills(self.languages.tell(), self._tools.tell(), self.warnings)


def _depth(path: str) -> tuple[int, str]:
    return path.count("/"), path


def _without_forge(path: str) -> str:
    """Workflows are in a folder that is none of the project's code."""
    return path.removeprefix(".github/")
