"""supajobs as a program of its own, with a job that calls a provider and then crashes."""

import asyncio
import contextlib
import json
import os
import signal
import sys
import warnings
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel
from tests import forks
from tests.parts import CRON_SECRET, PROJECT, TLS
from tests.serving import eventually

from supajobs.app import Supajobs
from supajobs.cli import app, programs
from supajobs.job_types import JobType, JobTypes, RunningJob
from supajobs.local.processes import free_port
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed


class Errand(BaseModel):
    """Params that nobody but the handler should see; `quoted` is in the exception's message."""

    provider: str
    secret: str
    quoted: str


async def run_errand(job: RunningJob, errand: Errand) -> Completed:
    async with httpx.AsyncClient() as http:
        await http.post(
            f"{errand.provider}/answers?key={errand.secret}",
            headers={"Authorization": f"Bearer {errand.secret}"},
            json={"prompt": errand.secret},
        )
    raise ValueError(f"it said {errand.quoted}")


@dataclass
class Observed:
    """The running program: a client of its API and, once it has ended, its log."""

    http: httpx.AsyncClient
    process: forks.Program
    log: str = field(default="", init=False)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.splitlines()]


@contextlib.asynccontextmanager
async def observe(
    stack: StackInfo,
    job_type: str,
    environment: Mapping[str, str],
    cwd: Path,
    *,
    command: str = "api",
) -> AsyncGenerator[Observed]:
    """Runs `supajobs api` (or `work`); its log is complete when the context has ended."""
    port = free_port()
    process = await forks.start(
        *("tests.observed", command, job_type),
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(PROJECT),
            "LOG_LEVEL": "debug",
            "CRON_SECRET": CRON_SECRET,
            "PORT": str(port),
            "METRICS_PORT": str(port),
            **stack.environment,
            **environment,
        },
        cwd=cwd,
    )
    reading = asyncio.create_task(process.communicate())
    try:
        address = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=address, timeout=30, verify=TLS) as http:
            observed = Observed(http, process)
            await eventually(lambda: _answers(http))
            yield observed
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        _, err = await reading
    observed.log = err.decode()


async def _answers(http: httpx.AsyncClient) -> bool:
    with contextlib.suppress(httpx.TransportError):
        return (await http.get("/health")).is_success  # a worker answers with its metrics
    return False


def main(command: str, job_type: str) -> None:
    warnings.simplefilter("error")
    job_types: JobTypes = {job_type: JobType(job_type, Errand, run_errand)}

    programs.Supajobs = partial(  # pyright: ignore[reportPrivateImportUsage] - the command takes its place
        Supajobs, job_types=job_types.values()
    )
    app([command])


if __name__ == "__main__":
    main(*sys.argv[1:])
