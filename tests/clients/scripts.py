"""Node programs that use the client, and print what they have seen as JSON."""

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from supajobs.local.node import NODE
from supajobs.local.stack import StackInfo

HERE = Path(__file__).parent


async def run(script: str, built: Path, stack: StackInfo, **environment: str) -> Any:
    """What it has printed, if it is content."""
    process = await asyncio.create_subprocess_exec(
        *(NODE, HERE / script),
        env={**os.environ, **stack.environment, "CLIENT": built.as_uri(), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return json.loads(output)
