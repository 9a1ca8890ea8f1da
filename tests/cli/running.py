"""Commands run as people and programs run them, away from any .env."""

import asyncio
import contextlib
import fcntl
import json
import os
import pty
import struct
import termios
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests import forks

ROWS = 10_000  # of a terminal: other tests leave job types behind, and each is a row


@dataclass(frozen=True)
class Ran:
    """What a command has printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Its stdout, which is one JSON document in one line."""
        [line] = self.out.splitlines()
        return json.loads(line)


async def run(*arguments: str, env: Mapping[str, str], cwd: Path) -> Ran:
    async with supajobs(*arguments, env=env, cwd=cwd) as process:
        out, err = await process.communicate()
    assert process.returncode is not None
    return Ran(process.returncode, out.decode(), err.decode())


@contextlib.asynccontextmanager
async def supajobs(
    *arguments: str, env: Mapping[str, str], cwd: Path, stdout: int = asyncio.subprocess.PIPE
) -> AsyncGenerator[forks.Program]:
    """The command while it runs, and never longer than the context."""
    env = {"PATH": os.environ["PATH"], **env}
    process = await forks.start("supajobs", *arguments, env=env, cwd=cwd, stdout=stdout)
    try:
        yield process
    finally:
        await process.kill()


@dataclass
class Terminal:
    """A command whose stdout is a terminal, and all that it has written there."""

    process: forks.Program
    text: str = field(default="", init=False)


@contextlib.asynccontextmanager
async def in_terminal(
    *arguments: str, env: Mapping[str, str], cwd: Path, columns: int
) -> AsyncGenerator[Terminal]:
    ours, its = pty.openpty()
    fcntl.ioctl(its, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    loop = asyncio.get_running_loop()
    try:
        env = {"TERM": "xterm-256color", **env}
        async with supajobs(*arguments, env=env, cwd=cwd, stdout=its) as process:
            terminal = Terminal(process)

            def read() -> None:
                terminal.text += os.read(ours, 65_536).decode()

            loop.add_reader(ours, read)
            yield terminal
    finally:
        loop.remove_reader(ours)
        os.close(ours)
        os.close(its)
