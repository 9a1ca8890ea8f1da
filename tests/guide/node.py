"""Running what the handbook shows in TypeScript, with the Node and the supabase-js of the stack."""

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator
from pathlib import Path
from uuid import uuid4

from supajobs.local.node import NODE
from supajobs.local.packages import install


@contextlib.asynccontextmanager
async def node(
    folder: Path, script: str, **environment: str
) -> AsyncGenerator[asyncio.subprocess.Process]:
    """A script that runs in the folder, and may import its files."""
    with contextlib.suppress(FileExistsError):
        (folder / "node_modules").symlink_to(install().node_modules)
    (folder / "package.json").write_text('{"type": "module"}')
    program = folder / f"{uuid4().hex}.js"
    program.write_text(script)
    process = await asyncio.create_subprocess_exec(
        *(str(NODE), program.name),
        cwd=folder,
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def run_node(folder: Path, script: str, **environment: str) -> str:
    """What it prints until it ends."""
    async with node(folder, script, **environment) as process:
        output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return output.decode()
