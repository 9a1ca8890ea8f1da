"""Programs forked from a process that has everything imported: it takes two seconds, once.

A fork is a process like any other: it has its own arguments, environment, directory and pipes, gets
signals and can be killed. Only how Python itself starts is not seen in it.
"""

import asyncio
import atexit
import multiprocessing
import os
import runpy
import signal
import sys
import time
from collections.abc import Callable, Mapping
from multiprocessing.process import BaseProcess
from multiprocessing.reduction import DupFd
from pathlib import Path
from typing import Any

PROJECT = str(Path(__file__).parents[1])
STDOUT, STDERR = 1, 2

_forks = multiprocessing.get_context("forkserver")
_forks.set_forkserver_preload(["tests.preloaded"])


def fork(run: Callable[..., None], *arguments: Any) -> BaseProcess:
    """A process that calls `run`, and is ended when this one exits."""
    process = _forks.Process(target=run, args=arguments, daemon=True)
    process.start()
    return process


class Handed:
    """A file descriptor that a fork gets from whoever started it."""

    def __init__(self, fd: int) -> None:
        self.fd = fd

    def __getstate__(self) -> Any:
        return DupFd(self.fd)

    def __setstate__(self, handed: Any) -> None:
        self.fd = handed.detach()


class Program:
    """A module that runs as `python -m` would run it, used as asyncio's own processes are."""

    def __init__(
        self,
        process: BaseProcess,
        stdout: asyncio.StreamReader | None,
        stderr: asyncio.StreamReader | None,
    ) -> None:
        assert process.pid
        self.pid = process.pid
        self.stdout = stdout
        self.stderr = stderr
        self.returncode: int | None = None
        self._process = process
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(process.sentinel, self._end)

    def _end(self) -> None:
        asyncio.get_running_loop().remove_reader(self._process.sentinel)
        self._process.join()
        self.returncode = self._process.exitcode
        self._ended.set()

    def send_signal(self, number: int) -> None:
        if self.returncode is not None:
            raise ProcessLookupError
        os.kill(self.pid, number)

    async def wait(self) -> int | None:
        await self._ended.wait()
        return self.returncode

    async def communicate(self) -> tuple[bytes, bytes]:
        """All that it prints, until it has ended."""
        out, err = await asyncio.gather(_read(self.stdout), _read(self.stderr))
        await self.wait()
        return out, err

    async def kill(self) -> None:
        """Unless it has ended."""
        if self.returncode is None:
            self._process.kill()
            await self.wait()


async def start(
    *command: str,
    env: Mapping[str, str],
    cwd: Path,
    stdout: int = asyncio.subprocess.PIPE,
    stderr: int = asyncio.subprocess.PIPE,
) -> Program:
    """Starts a module with its arguments; where it prints to is a pipe or a file descriptor."""
    readers: list[asyncio.StreamReader | None] = []
    given: list[int] = []
    for fd in (stdout, stderr):
        reader, its = await _open_pipe() if fd == asyncio.subprocess.PIPE else (None, os.dup(fd))
        readers.append(reader)
        given.append(its)
    process = fork(_run_module, command, dict(env), cwd, *map(Handed, given))
    for fd in given:
        os.close(fd)
    return Program(process, *readers)


async def _open_pipe() -> tuple[asyncio.StreamReader, int]:
    ours, its = os.pipe()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(ours, "rb")
    )
    return reader, its


async def _read(stream: asyncio.StreamReader | None) -> bytes:
    return await stream.read() if stream else b""


def _run_module(
    command: tuple[str, ...], env: dict[str, str], cwd: Path, stdout: Handed, stderr: Handed
) -> None:
    """In the fork: becomes what a new Python would be."""
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    time.tzset()
    # As from a terminal: tests that run by `nohup`, or in a shell's background, ignore these.
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number, handed in ((STDOUT, stdout), (STDERR, stderr)):
        os.dup2(handed.fd, number)
        os.close(handed.fd)
    is_terminal = os.isatty(STDOUT)
    sys.stdout = os.fdopen(STDOUT, "w", 1 if is_terminal else -1, "utf-8", "surrogateescape")
    sys.stderr = os.fdopen(STDERR, "w", 1, "utf-8", "backslashreplace")
    module, *arguments = command
    sys.argv = [module, *arguments]
    ours = [place for place in env.get("PYTHONPATH", "").split(os.pathsep) if place]
    sys.path[:] = [str(cwd), *ours, *(place for place in sys.path if place != PROJECT)]
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage] - a fork leaves that to its parent
