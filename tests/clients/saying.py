"""Node programs that say in lines of JSON what happens in them."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any

from tests.serving import eventually

from supajobs.local.node import NODE

HERE = Path(__file__).parent


class Saying:
    """What it has said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.said: list[list[Any]] = []
        self.process = process

    async def listen(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.said.append(json.loads(line))

    async def says(self, *words: Any, since: int = 0) -> None:
        """Returns when it has said so."""

        def has() -> bool:
            return list(words) in self.said[since:]

        # A client that has asked in vain some times stays away for up to 20 seconds.
        await eventually(lambda: has() or self.process.returncode is not None, within=180)
        assert has(), self.said

    async def says_anew(self, *words: Any) -> None:
        """Returns when it says so from now on."""
        await self.says(*words, since=len(self.said))

    def all_of(self, kind: str) -> list[list[Any]]:
        return [words[1:] for words in self.said if words[0] == kind]

    async def ended(self) -> None:
        """Returns when it has ended by itself, well: nothing keeps Node alive."""
        assert self.process.stderr
        errors = (await self.process.stderr.read()).decode()
        assert await self.process.wait() == 0, errors


@contextlib.asynccontextmanager
async def saying(script: str, built: Path, **environment: str) -> AsyncGenerator[Saying]:
    process = await asyncio.create_subprocess_exec(
        *(NODE, HERE / script),
        env={**os.environ, "CLIENT": built.as_uri(), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told = Saying(process)
    listening = asyncio.create_task(told.listen())
    try:
        yield told
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening
