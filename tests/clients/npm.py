"""The scripts of the TypeScript client's package.json."""

import asyncio
import os
import sys

from tests.parts import PROJECT

CLIENT = PROJECT / "clients" / "typescript"


async def run_script(name: str) -> str:
    """What it prints, if it is content."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, PROJECT / "scripts" / "client.py", name),
        env={**os.environ, "NO_COLOR": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    return output.decode()
