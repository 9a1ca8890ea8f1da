"""A process in which the client waits for a job."""

import asyncio
import contextlib
import json
import os
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.serving import eventually

from supajobs.local.node import NODE

SCRIPT = Path(__file__).with_name("waiting.mjs")


class Waiting:
    """What it has said so far."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.said: list[list[Any]] = []
        self._process = process

    async def listen(self) -> None:
        assert self._process.stdout
        async for line in self._process.stdout:
            self.said.append(json.loads(line))

    async def says(self, *words: Any, since: int = 0) -> None:
        """Returns when it has said so."""

        def has() -> bool:
            return list(words) in self.said[since:]

        # A client that has asked in vain some times stays away for up to 20 seconds.
        await eventually(lambda: has() or self._process.returncode is not None, within=180)
        assert has(), self.said

    async def says_anew(self, *words: Any) -> None:
        """Returns when it says so from now on."""
        await self.says(*words, since=len(self.said))

    def all_of(self, kind: str) -> list[list[Any]]:
        return [words[1:] for words in self.said if words[0] == kind]

    async def ended(self) -> tuple[str, Any, float]:
        """The job's status and result, and how many seconds it took: nothing keeps Node alive."""
        assert self._process.stderr
        errors = (await self._process.stderr.read()).decode()
        assert await self._process.wait() == 0, errors
        [end] = self.all_of("end")
        status, result, seconds = end
        return status, result, seconds


@contextlib.asynccontextmanager
async def waiting(
    module: Path, api: str, job_id: UUID, tokens: Sequence[str]
) -> AsyncGenerator[Waiting]:
    """`tokens`: what the session gives, the next one when one is refused."""
    process = await asyncio.create_subprocess_exec(
        *(NODE, SCRIPT),
        env={
            **os.environ,
            "CLIENT": module.as_uri(),
            "API": api,
            "ID": str(job_id),
            "TOKENS": json.dumps(tokens),
        },
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    told = Waiting(process)
    listening = asyncio.create_task(told.listen())
    try:
        yield told
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()
        await listening
