"""Git as a program that is kept within bounds, and never outlives whoever started it."""

import asyncio
import contextlib
import math
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from supajobs.handlers.projects.git.failures import (
    TOO_LARGE,
    TOO_MANY_FILES,
    TOO_SLOW,
    RepositoryUnavailableError,
    fail,
)
from supajobs.handlers.projects.git.folders import measure

# The first that connects to the address that was checked (http.curloptResolve).
OLDEST_GIT = (2, 37)

MAX_MEMORY = 512 * 2**20  # bytes of addresses for each of git's processes, of which they use a part
MAX_SAID = 8192  # bytes of what git says that are looked at: the last ones
LOOK_SECONDS = 0.2  # between two looks at the folder's size
READ_BYTES = 65536

# Starts git within limits, and beside it a process that waits until its stdin ends: when whoever
# holds the other end ends it or is killed. Then it kills the group: no git goes on without us.
_MINDER = """
limit() { (ulimit "$1" "$2") 2>/dev/null && ulimit "$1" "$2"; }
exec 3<&0
trap '' 25  # SIGXFSZ: else nobody says why git died
( limit -c 0; limit -f "$1"; limit -t "$2"; limit -v "$3"; input=$4; shift 4
  exec "$@" <"$input" 3<&- ) &
git=$!
( read -r _; kill -KILL 0 ) <&3 >/dev/null 2>&1 &
watcher=$!
wait "$git"; code=$?
exec 2>/dev/null  # where it would say whom it has killed
kill -KILL "$watcher"; wait "$watcher"
exit "$code"
"""

# All settings that git has: nothing of this machine's has a say.
CONFIG = {
    "core.bigFileThreshold": "1m",  # larger ones go through git without being held in memory
    "core.deltaBaseCacheLimit": "16m",
    "core.hooksPath": "/dev/null",
    "core.packedGitLimit": "32m",
    "core.packedGitWindowSize": "4m",
    "http.followRedirects": "false",
    "pack.threads": "1",  # each has memory of its own
    "transfer.bundleURI": "false",  # else a server may name another one
}


@dataclass(frozen=True)
class FetchLimits:
    """How much a fetch may take: bytes on disk, bytes of a file, files, seconds."""

    max_bytes: int
    max_file_bytes: int
    max_files: int
    seconds: float


class GitError(Exception):
    """Git ended badly. Its words are for `explain` and the log."""

    def __init__(self, said: str) -> None:
        super().__init__()
        self.said = said


class Git:
    """Git for one folder."""

    def __init__(self, program: str, folder: Path, limits: FetchLimits) -> None:
        self._program, self._folder, self._limits = program, folder, limits

    async def run(
        self,
        *arguments: str,
        seconds: float,
        max_output: int,
        config: Mapping[str, str] | None = None,
        protocols: str = "",
        given: str = "/dev/null",
    ) -> bytes:
        """What git prints, within `seconds` and `max_output` bytes; it reads what is in `given`.

        Raises:
            GitError: it failed.
            RepositoryError: it would have taken more than it may.
        """
        bounds = (
            self._limits.max_bytes // 512 + 1,
            math.ceil(seconds) + 1,
            MAX_MEMORY // 1024,
            given,
        )
        process = await asyncio.create_subprocess_exec(
            *("/bin/sh", "-c", _MINDER, "sh", *map(str, bounds), self._program, *arguments),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=_write_environment(self._folder, {**CONFIG, **(config or {})}, protocols),
            cwd=self._folder,
            start_new_session=True,
        )
        running = _Running(process)
        return await running.collect(self._folder, self._limits.max_bytes, max_output, seconds)


class _Running:
    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process, self._stopped_by = process, ""

    async def collect(self, folder: Path, max_bytes: int, max_output: int, seconds: float) -> bytes:
        process = self._process
        assert process.stdin  # noqa: S101 - pipes, all of them
        assert process.stdout  # noqa: S101
        assert process.stderr  # noqa: S101
        timer = asyncio.get_running_loop().call_later(seconds, self._stop, TOO_SLOW)
        watching = asyncio.create_task(self._watch(folder, max_bytes))
        try:
            output, said = await asyncio.gather(
                self._read(process.stdout, max_output), _read_end(process.stderr)
            )
            code = await process.wait()
        finally:
            timer.cancel()
            watching.cancel()
            self._kill()
            process.stdin.close()
            await process.wait()
        if self._stopped_by:
            raise fail(self._stopped_by)
        if code:
            raise GitError(f"{_leave_own_words(said)}\nended with {code}{_name_signal(code)}")
        return output

    async def _read(self, stream: asyncio.StreamReader, at_most: int) -> bytes:
        output = bytearray()
        while some := await stream.read(READ_BYTES):
            output += some
            if len(output) > at_most:
                self._stop(TOO_MANY_FILES)
                break
        return bytes(output)

    async def _watch(self, folder: Path, max_bytes: int) -> None:
        while await asyncio.to_thread(measure, folder) <= max_bytes:  # noqa: ASYNC110 - nobody tells
            await asyncio.sleep(LOOK_SECONDS)
        self._stop(TOO_LARGE)

    def _stop(self, why: str) -> None:
        self._stopped_by = self._stopped_by or why
        self._kill()

    def _kill(self) -> None:
        """Ends all of the group: git's own children, too, which a failed git may leave."""
        if self._process.returncode != 0:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)


async def _read_end(stream: asyncio.StreamReader) -> bytes:
    end = b""
    while some := await stream.read(READ_BYTES):
        end = (end + some)[-MAX_SAID:]
    return end


def _leave_own_words(said: bytes) -> str:
    """Without what the server said: it would decide what is told of it, and may know a token."""
    lines = said.decode(errors="replace").splitlines()
    return "\n".join(line for line in lines if not line.startswith("remote: "))


def _name_signal(code: int) -> str:
    """A shell's way of saying that a signal ended it."""
    return f" signal {code - 128}" if code > 128 else ""  # noqa: PLR2004


def _write_environment(folder: Path, config: Mapping[str, str], protocols: str) -> dict[str, str]:
    """All that git knows of this machine. In it are secrets, which arguments would show to all."""
    pairs = {
        f"GIT_CONFIG_{part}_{number}": value
        for number, pair in enumerate(config.items())
        for part, value in zip(("KEY", "VALUE"), pair, strict=True)
    }
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LC_ALL": "C",
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_ASKPASS": "false",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_CONFIG_COUNT": str(len(config)),
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",  # for git from 2.44 on
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_TERMINAL_PROMPT": "0",
        **pairs,
    }


NOT_SET_UP = "This server cannot read repositories yet. Who runs it finds the reason in its log."


@cache
def find_git() -> str:
    """Where git is. Blocks for some milliseconds, once.

    Raises:
        RepositoryUnavailableError: there is none, or it is too old.
    """
    oldest = ".".join(map(str, OLDEST_GIT))
    if not (program := shutil.which("git")):
        raise RepositoryUnavailableError(
            f"git is not installed: it takes {oldest} or newer", message=NOT_SET_UP
        )
    told = subprocess.run([program, "version"], check=False, capture_output=True, text=True).stdout  # noqa: S603
    version = re.search(r"(\d+)\.(\d+)", told)
    if not version or tuple(map(int, version.groups())) < OLDEST_GIT:
        raise RepositoryUnavailableError(
            f"git is too old: it takes {oldest} or newer; {told}", message=NOT_SET_UP
        )
    return program
