"""A commit in a bare repository: listed and read from its pack, and never checked out."""

import asyncio
from collections.abc import AsyncIterator, Generator, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from tempfile import NamedTemporaryFile

from supajobs.handlers.projects.git.failures import (
    BRANCH_NOT_FOUND,
    DAMAGED,
    EMPTY,
    TOO_MANY_FILES,
    fail,
)
from supajobs.handlers.projects.git.program import FetchLimits, Git
from supajobs.handlers.projects.tree import TreeFile

LISTED_BYTES = (
    200  # of a file's line in a listing, on average: where paths are longer, it is a bomb
)
READ_TOGETHER = 4 * 2**20  # bytes of contents that are in memory at a time, or one file
READ_FILES = 5000

_HEADS = "--format=%(objectname)%00%(refname)%00%(committerdate:unix)"
# No git writes these; whoever joins a path to a folder would leave it, or change a repository.
_NO_NAMES = {"", ".", "..", ".git"}


class BareTree:
    """See `Tree`."""

    def __init__(
        self, git: Git, place: Path, limits: FetchLimits, head: tuple[str, str, datetime]
    ) -> None:
        self._git, self._place, self._limits = git, place, limits
        self.commit, self.branch, self.committed_at = head
        self.files: Sequence[TreeFile] = []

    @classmethod
    async def open(
        cls, git: Git, place: Path, limits: FetchLimits, *, branch: str | None, seconds: float
    ) -> "BareTree":
        """The commit of the repository's only branch, with its files.

        Raises:
            RepositoryError: there is none, or it cannot be told.
            GitError: git failed.
        """
        heads = await git.run(
            *(f"--git-dir={place}", "for-each-ref", "--count=1", _HEADS, "refs/heads/"),
            seconds=seconds,
            max_output=4096,
        )
        if not heads:
            raise fail(BRANCH_NOT_FOUND if branch else EMPTY)
        tree = cls(git, place, limits, _read_head(heads))
        listed = await git.run(
            *(f"--git-dir={place}", "ls-tree", "-r", "-l", "-z", tree.commit, "--"),
            seconds=seconds,
            max_output=(limits.max_files + 1) * LISTED_BYTES,
        )
        if listed.count(b"\0") > limits.max_files:
            raise fail(TOO_MANY_FILES)
        tree.files = await asyncio.to_thread(_read_listing, listed, limits.max_file_bytes)
        return tree

    async def read(self, files: Iterable[TreeFile]) -> AsyncIterator[tuple[TreeFile, bytes]]:
        """See `Tree`; a git for some files at a time, none of which is left running in between."""
        for some in _group(file for file in files if file.size is not None):
            lines = "".join(f"{file.object_id}\n" for file in some)
            with NamedTemporaryFile("w", dir=self._place, encoding="ascii") as wanted:
                wanted.write(lines)
                wanted.flush()
                output = await self._git.run(
                    *(f"--git-dir={self._place}", "cat-file", "--batch"),
                    given=wanted.name,
                    seconds=self._limits.seconds,
                    max_output=sum((file.size or 0) + len(file.object_id) + 40 for file in some),
                )
            for each in _read_contents(output, some):
                yield each


def _read_head(line: bytes) -> tuple[str, str, datetime]:
    commit, ref, seconds = line.rstrip(b"\n").decode(errors="surrogateescape").split("\0")
    try:
        committed_at = datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        raise fail(DAMAGED) from None
    return commit, ref.removeprefix("refs/heads/"), committed_at


def _read_listing(listed: bytes, max_file_bytes: int) -> list[TreeFile]:
    """The regular files in it: `100644 blob <id> <size>`, tab and path, with a NUL after each."""
    files: list[TreeFile] = []
    for line in listed.split(b"\0")[:-1]:
        told, _, name = line.partition(b"\t")
        mode, _, object_id, size = told.decode("ascii").split()
        path = name.decode(errors="surrogateescape")
        if not mode.startswith("100") or _NO_NAMES & set(path.lower().split("/")):
            continue
        # Of a blob that was left out, git says BAD.
        known = int(size) if size.isdecimal() else None
        is_small = known is not None and known <= max_file_bytes
        files.append(TreeFile(path, known if is_small else None, object_id))
    return files


def _group(files: Iterable[TreeFile]) -> Generator[list[TreeFile]]:
    some: list[TreeFile] = []
    size = 0
    for file in files:
        if some and (size + (file.size or 0) > READ_TOGETHER or len(some) == READ_FILES):
            yield some
            some, size = [], 0
        some.append(file)
        size += file.size or 0
    if some:
        yield some


def _read_contents(output: bytes, files: list[TreeFile]) -> Generator[tuple[TreeFile, bytes]]:
    """For each `<id> blob <size>`, the content and a newline; or `<id> missing`."""
    place = 0
    for file in files:
        end = output.index(b"\n", place)
        _, kind, *size = output[place:end].split()
        place = end + 1
        if not size:
            continue
        after = place + int(size[0])
        if kind == b"blob":
            yield file, output[place:after]
        place = after + 1
