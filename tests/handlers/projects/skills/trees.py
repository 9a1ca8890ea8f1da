"""Trees that are written down in a test."""

from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from datetime import UTC, datetime

from supajobs.handlers.projects.tree import TreeFile


class WrittenTree:
    """The files by their paths."""

    commit = "0" * 40
    branch = "main"
    committed_at = datetime(2027, 1, 1, tzinfo=UTC)

    def __init__(self, contents: Mapping[str, bytes | str]) -> None:
        self._contents = {
            path: content.encode() if isinstance(content, str) else content
            for path, content in contents.items()
        }
        self.files: Sequence[TreeFile] = [
            TreeFile(path, len(content), path) for path, content in self._contents.items()
        ]

    async def read(self, files: Iterable[TreeFile]) -> AsyncGenerator[tuple[TreeFile, bytes]]:
        for file in files:
            if file.size is not None:
                yield file, self._contents[file.path]
