"""The files of a repository at one commit, as those who look into them see them."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class TreeFile:
    """A regular file. `path` is UTF-8, with what is none of it by surrogateescape.

    `size`: bytes; None if it is larger than the fetch's limit per file, so that nobody can read it.
    """

    path: str
    size: int | None
    object_id: str


class Tree(Protocol):
    """A commit and its files: neither symlinks nor submodules are among them."""

    commit: str
    """40 or 64 hexadecimal digits."""
    branch: str
    committed_at: datetime
    files: Sequence[TreeFile]

    def read(self, files: Iterable[TreeFile]) -> AsyncIterator[tuple[TreeFile, bytes]]:
        """The contents, in this order; files that are not there to be read are left out."""
        ...
