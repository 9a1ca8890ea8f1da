"""Folders of fetches, none of which outlives its process for long.

A process that is killed deletes nothing. But its lock on the folder ends with it, whatever ended
it, and the next one to fetch deletes what nobody holds.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Generator
from pathlib import Path

PREFIX = "supajobs-git-"


def make_folder() -> tuple[Path, int]:
    """A new folder that this process holds, and by which descriptor."""
    while True:
        folder = Path(tempfile.mkdtemp(prefix=PREFIX))
        # Between the two a process that starts may have taken it for a left-over.
        if (held := _hold(folder)) is not None:
            return folder, held


def delete_folder(folder: Path, held: int) -> None:
    """Deletes it, then lets it go."""
    shutil.rmtree(folder, ignore_errors=True)
    os.close(held)


def sweep_left_overs() -> None:
    """Deletes the folders of fetches whose process is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        if (held := _hold(folder)) is not None:
            delete_folder(folder, held)


def _hold(folder: Path) -> int | None:
    """The lock of a folder of ours, unless somebody has it, or the folder is gone."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
        with contextlib.suppress(OSError):
            is_ours = os.fstat(descriptor).st_uid == os.geteuid()
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if is_ours and os.path.samestat(os.fstat(descriptor), folder.lstat()):
                return descriptor
        os.close(descriptor)
    return None


def measure(folder: Path) -> int:
    """The bytes of its files. Of those that go while it looks, none."""
    return sum(_list_sizes(folder))


def _list_sizes(folder: Path) -> Generator[int]:
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                yield os.lstat(os.path.join(place, name)).st_size  # noqa: PTH118 - in a hot loop
