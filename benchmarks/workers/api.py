"""The HTTP API of supajobs, as the environment says: PORT SECONDS that each job takes."""

import asyncio

from benchmarks.system import QUEUE
from benchmarks.workers import NoParams
from supajobs.api.server import Server
from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob
from supajobs.outcomes import Completed
from supajobs.settings import Settings
from supajobs.telemetry.logs import configure_logs


def run(port: str, seconds: str) -> None:
    settings = Settings(_env_file=None)  # pyright: ignore[reportCallIssue] - the fields come from the environment
    configure_logs(settings)

    async def handle(_job: RunningJob, _params: NoParams) -> Completed:
        await asyncio.sleep(float(seconds))
        return Completed()

    app = create_app(settings, {QUEUE: JobType(QUEUE, NoParams, handle)})
    Server(
        app, port=int(port), log_config=None, access_log=False, timeout_graceful_shutdown=1
    ).run()
