"""The API as a process at one address, to be killed and started again."""

import contextlib
import os
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
from tests import forks
from tests.parts import TLS
from tests.serving import eventually

from supajobs.local.processes import free_port
from supajobs.local.stack import StackInfo


class Api:
    """`supajobs api`, which runs no jobs: the test does."""

    def __init__(self, stack: StackInfo, folder: Path) -> None:
        self._port = free_port()
        self._stack = stack
        self._folder = folder
        self._process: forks.Program | None = None
        self.address = f"http://127.0.0.1:{self._port}"

    async def start(self, **environment: str) -> None:
        """Returns when it answers."""
        env = {
            "PATH": os.environ["PATH"],
            **self._stack.environment,
            "PORT": str(self._port),
            "API_RUNS_JOBS": "false",
            **environment,
        }
        out = os.open(os.devnull, os.O_WRONLY)
        self._process = await forks.start(
            "supajobs", "api", env=env, cwd=self._folder, stdout=out, stderr=out
        )
        os.close(out)
        async with httpx.AsyncClient(base_url=self.address, verify=TLS) as client:

            async def answers() -> bool:
                with contextlib.suppress(httpx.TransportError):
                    return (await client.get("/health")).is_success
                return False

            await eventually(answers, within=180)

    async def kill(self) -> None:
        """SIGKILL."""
        if self._process:
            await self._process.kill()


@contextlib.asynccontextmanager
async def running(stack: StackInfo, folder: Path) -> AsyncGenerator[Api]:
    api = Api(stack, folder)
    await api.start()
    try:
        yield api
    finally:
        await api.kill()
