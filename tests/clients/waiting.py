"""A process in which the client waits for a job."""

import contextlib
import json
from collections.abc import AsyncGenerator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from tests.clients.saying import Saying, saying


@contextlib.asynccontextmanager
async def waiting(
    module: Path, api: str, job_id: UUID, tokens: Sequence[str]
) -> AsyncGenerator[Saying]:
    """`tokens`: what the session gives, the next one when one is refused."""
    environment = {"API": api, "ID": str(job_id), "TOKENS": json.dumps(tokens)}
    async with saying("waiting.mjs", module, **environment) as told:
        yield told


async def read_end(client: Saying) -> tuple[str, Any, float]:
    """The job's status and result, and how many seconds it took."""
    await client.ended()
    [end] = client.all_of("end")
    status, result, seconds = end
    return status, result, seconds
