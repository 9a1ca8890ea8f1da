"""Apps with supajobs in them, under servers of others that are told to stop amid a stream."""

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path

import httpx
import pytest
from tests.parts import Person, enqueue
from tests.serving import eventually

from supajobs.local.processes import free_port
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue

APP = """
from fastapi import FastAPI
from supajobs import Supajobs

jobs = Supajobs(job_types=[])
app = FastAPI(lifespan=jobs.lifespan)
"""
INCLUDED = 'app.include_router(jobs.router, prefix="/background")\n'
MOUNTED = 'app.mount("/background", jobs.app)\n'

UVICORN = ["uvicorn", "app:app", "--host", "127.0.0.1", "--port", "{port}"]
# Without the patience that would end the stream by breaking it off.
HYPERCORN = ["hypercorn", "app:app", "--bind", "127.0.0.1:{port}", "--graceful-timeout", "600"]


@pytest.mark.parametrize(
    "server",
    [UVICORN, HYPERCORN, [*HYPERCORN, "--workers", "0"]],
    ids=["uvicorn", "hypercorn", "hypercorn in one process"],
)
@pytest.mark.parametrize("embedding", [INCLUDED, MOUNTED], ids=["included", "mounted"])
async def test_sigterm_ends_the_open_streams_and_then_the_server(
    stack: StackInfo,
    queue: JobQueue,
    person: Person,
    job_type: str,
    tmp_path: Path,
    server: list[str],
    embedding: str,
) -> None:
    job_id = await enqueue(queue, person, job_type)
    (tmp_path / "app.py").write_text(APP + embedding)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *(each.format(port=port) for each in server)),
        env={**os.environ, **stack.environment},
        cwd=tmp_path,
    )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:

            async def answers() -> bool:
                with contextlib.suppress(httpx.TransportError):
                    return (await client.get("/background/health")).is_success
                return False

            await eventually(answers)
            url = f"/background/v1/jobs/{job_id}/events"
            async with client.stream("GET", url, headers=person.headers) as events:
                lines = events.aiter_lines()
                assert "event: job" in [await anext(lines), await anext(lines)]
                process.send_signal(signal.SIGTERM)
                async for _ in lines:  # until its end, which is not that of the connection
                    pass
        async with asyncio.timeout(60):
            await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
