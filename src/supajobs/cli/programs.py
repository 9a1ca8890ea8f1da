"""The programs that run until they are told to stop, or nothing is due."""

import asyncio
import contextlib
import errno
import json
import signal
import socket
import time
from collections.abc import AsyncGenerator, Generator
from typing import Annotated

import structlog
import typer

from supajobs.api.server import Server
from supajobs.app import Supajobs, find_wiring
from supajobs.causes import print_place
from supajobs.cli.environment import read_settings
from supajobs.cli.refusals import explain
from supajobs.errors import SupajobsError
from supajobs.event_loops import run_loop
from supajobs.handlers.job_modules import JobModuleError
from supajobs.hangup import end_with_the_terminal
from supajobs.leaving import leaving
from supajobs.settings import Settings
from supajobs.telemetry.logs import configure_logs
from supajobs.telemetry.metrics import serving
from supajobs.telemetry.tracing import TracingError, tracing
from supajobs.worker.broadcasts import Broadcasts
from supajobs.worker.heartbeat import FOREVER
from supajobs.worker.memory import spare_what_stays
from supajobs.worker.worker import Worker

logger = structlog.get_logger()


def api() -> None:
    """Serve the HTTP API."""
    # uvicorn shuts down gently and then raises the signal again: as Ctrl-C it ends with exit 0.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with _starting() as settings:
        _require_free("PORT", settings.host, settings.port)
        if settings.cron_secret is None:
            logger.warning(
                "no_cron_secret",
                reason="No trigger can start jobs here, and /metrics is closed: set CRON_SECRET.",
            )
        with leaving(), tracing(), contextlib.suppress(KeyboardInterrupt):
            Server(
                Supajobs(settings).app,
                host=settings.host,
                port=settings.port,
                forwarded_allow_ips=settings.forwarded_allow_ips,
                log_config=None,
                access_log=False,
                timeout_graceful_shutdown=1,  # s; requests are short; the jobs' grace comes after
            ).run()


def work() -> None:
    """Run jobs until stopped: SIGTERM or Ctrl-C releases what does not end in time."""

    async def run(jobs: Supajobs) -> None:
        async with _working(jobs) as worker:
            worker.processor.wake()
            broadcasts = Broadcasts(jobs.settings, worker.processor)
            is_called = jobs.settings.worker_broadcasts
            async with (
                worker.notifier.working(),
                broadcasts.listening() if is_called else contextlib.nullcontext(),
            ):
                await worker.processor.work(
                    poll_seconds=jobs.settings.worker_poll_seconds,
                    idle_seconds=jobs.settings.worker_idle_poll_seconds,
                )

    with _starting() as settings, contextlib.ExitStack() as server:
        jobs = Supajobs(settings)
        if settings.metrics_port is not None:
            _require_free("METRICS_PORT", settings.host, settings.metrics_port)
            server.enter_context(
                serving(find_wiring(jobs).metrics, settings.host, settings.metrics_port)
            )
        try:
            run_loop(run(jobs))
        except SystemExit as error:  # of a task that a handler has started: nobody asked us to end
            logger.error("jobs_loop_died", exception=print_place(error))  # noqa: TRY400
            raise typer.Exit(1) from error


def process(
    *,
    once: Annotated[  # noqa: ARG001 - says in a crontab what this command does anyway
        bool, typer.Option("--once", help="Stop when the queue is empty (always the case).")
    ] = True,
    time_budget: Annotated[
        float | None, typer.Option(help="Seconds after which running jobs are released.")
    ] = None,
) -> None:
    """Run the jobs that are due, print how they ended as JSON, and exit."""

    async def run(settings: Settings) -> None:
        ends_at = time.monotonic() + (FOREVER if time_budget is None else time_budget)
        async with _working(Supajobs(settings)) as worker:
            settled = await worker.processor.drain(time_budget=time_budget)
            await worker.notifier.deliver(within=ends_at - time.monotonic())
            typer.echo(json.dumps(settled))

    with _starting() as settings:
        try:
            run_loop(run(settings))
        except SupajobsError as error:
            typer.echo(explain(error, settings.supabase_origin), err=True)
            raise typer.Exit(1) from error


def _require_free(setting: str, host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        typer.echo(
            f"Port {port} of {host} is in use: stop what listens there, or set {setting}.", err=True
        )
        raise typer.Exit(1) from None


@contextlib.contextmanager
def _starting() -> Generator[Settings]:
    """The settings of a process whose logs go where they should."""
    settings = read_settings()
    configure_logs(settings)
    end_with_the_terminal()
    try:
        yield settings
    except (TracingError, JobModuleError) as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(2) from error


@contextlib.asynccontextmanager
async def _working(jobs: Supajobs) -> AsyncGenerator[Worker]:
    """A worker that SIGTERM and SIGINT stop gently. The process ends after it."""
    with leaving(), tracing():
        async with find_wiring(jobs).open_worker() as worker:
            loop = asyncio.get_running_loop()
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, worker.processor.stop)
            spare_what_stays()
            yield worker
