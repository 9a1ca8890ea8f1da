"""The programs of the package as processes of their own, started as people start them."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
from tests.parts import TLS
from tests.serving import eventually

from supajobs.local.processes import free_port
from supajobs.local.stack import StackInfo

SUPAJOBS = Path(sys.executable).with_name("supajobs")


@contextlib.asynccontextmanager
async def running(
    command: str, stack: StackInfo, cwd: Path, **environment: str
) -> AsyncGenerator[str]:
    """Runs `supajobs api` or `work`, and stops it gently; gives the address where it answers."""
    port = str(free_port())
    process = await asyncio.create_subprocess_exec(
        *(SUPAJOBS, command),
        env={
            "PATH": os.environ["PATH"],
            **stack.environment,
            "PORT": port,
            "METRICS_PORT": port,
            **environment,
        },
        cwd=cwd,
        stderr=asyncio.subprocess.DEVNULL,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        async with httpx.AsyncClient(base_url=address, verify=TLS) as client:

            async def answers() -> bool:
                assert process.returncode is None, f"{command} has ended"
                with contextlib.suppress(httpx.ConnectError):
                    return (await client.get("/health")).is_success
                return False

            await eventually(answers)
        yield address
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
