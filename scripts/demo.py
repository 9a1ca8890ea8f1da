"""One training plan from the request of a signed-in user to the row in Postgres, with a crash."""

import argparse
import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from pathlib import Path
from typing import Any

import httpx
import psycopg
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from supabase import Client, create_client

from supajobs.local.processes import free_port
from supajobs.local.schedule import schedule_processing
from supajobs.local.stack import Stack, StackInfo

PROJECT = Path(__file__).parents[1]
ATHLETE = PROJECT / "examples" / "athlete.json"
DIRECTORY = PROJECT / ".supajobs-demo"
CRASH_AT = 40  # percent
console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)


class Api:
    """The API process: the one that is killed and started again."""

    def __init__(self, stack: StackInfo) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self.cron_secret = secrets.token_hex(16)
        self.log = DIRECTORY / "logs" / "api.log"
        self._environment = {
            **os.environ,
            **stack.environment,
            "PORT": str(port),
            "CRON_SECRET": self.cron_secret,
            "API_RUNS_JOBS": "false",  # leave the start to the cron path
            "PLANNER_SECONDS_PER_WEEK": "0.3",  # slow enough to watch
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "supajobs", "api"],
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while not self._answers():
            if self._process.poll() is not None:
                sys.exit(f"The API did not start; see {self.log}")
            time.sleep(0.05)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def stop(self) -> None:
        self._signal(signal.SIGTERM)

    @property
    def pid(self) -> int | None:
        return self._process and self._process.pid

    def _signal(self, number: signal.Signals) -> None:
        if self._process and self._process.poll() is None:
            self._process.send_signal(number)
            self._process.wait()

    def _answers(self) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/health/ready").is_success
        return False


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--keep", action="store_true", help="leave everything running")
    keep: bool = arguments.parse_args().keep

    stack = Stack(DIRECTORY, project=PROJECT)
    with running(stack, keep=keep) as (info, api):
        say(f"Postgres and Supabase's REST and Auth are up at {info.api_url}")
        schedule_processing(
            info.db_url,
            process_url=f"{api.url}/v1/queue/process",
            cron_secret=api.cron_secret,
            schedule="1 second",
        )
        shorten_leases(info)
        say("pg_cron calls the processor's endpoint every second, as it will in your project")

        user, access_token = sign_up(info)
        profile = json.loads(ATHLETE.read_text())
        requested = httpx.post(
            f"{api.url}/v1/plan/generate",
            json=profile,
            headers={"Authorization": f"Bearer {access_token}"},
        )
        requested.raise_for_status()
        job_id = requested.json()["job_id"]
        say(f"POST /v1/plan/generate → {requested.status_code}, job {job_id}")
        rows: Any = user.from_("plan_generation_jobs").select("status, created_at").execute().data
        say(f"the user reads the row through Row Level Security: {rows}")

        status = watch(api, job_id, access_token)
        if status["status"] != "completed":
            sys.exit(f"The job ended as {status['status']}: {status['error']}")
        stored = httpx.get(
            f"{api.url}/v1/plans/{status['plan_id']}",
            headers={"Authorization": f"Bearer {access_token}"},
        ).json()
        print_plan(stored["plan"])
        print_attempts(info, job_id)
        say(f"stored in weekly_base_plans, id {stored['id']}")
        if keep:
            print_addresses(info, api, access_token, job_id)


@contextlib.contextmanager
def running(stack: Stack, *, keep: bool) -> Generator[tuple[StackInfo, Api]]:
    """The stack and the API; nothing of them is left behind unless they are to be kept."""
    api: Api | None = None
    kept = False
    try:
        info = stack.up()
        api = Api(info)
        api.start()
        yield info, api
        kept = keep
    finally:
        if not kept:
            if api:
                api.stop()
            stack.down(purge=True)


def say(text: str) -> None:
    console.print(f"[green]✓[/green] {text}", soft_wrap=True)


def shorten_leases(info: StackInfo) -> None:
    """A crash costs a job its lease; a minute is right for production and long for a demo."""
    with psycopg.connect(info.db_url, autocommit=True) as database:
        database.execute("update plan_job_types set lease_seconds = 3")


def sign_up(info: StackInfo) -> tuple[Client, str]:
    """A new user, signed up as an app does it, and their access token."""
    user = create_client(info.api_url, info.publishable_key)
    answer = user.auth.sign_up(
        {"email": f"{secrets.token_hex(4)}@example.com", "password": secrets.token_hex(8)}
    )
    if answer.session is None:
        sys.exit("The sign-up gave no session.")
    return user, answer.session.access_token


def watch(api: Api, job_id: str, access_token: str) -> dict[str, Any]:
    """Polls as a phone would, until the job ends; on the way the API is killed and comes back."""
    crashed = False
    columns = TextColumn("{task.description:<46}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("pending", total=100)
        while True:
            status = read_status(api, job_id, access_token)
            percentage, message = describe(status)
            progress.update(bar, completed=percentage, description=message)
            if status["completed_at"]:
                return status
            if percentage >= CRASH_AT and not crashed:
                crashed = True
                api.kill()
                progress.console.print(
                    f"[red]✗[/red] kill -9 of the API and its processor at {percentage} %"
                )
                api.start()
                progress.console.print(
                    "[green]✓[/green] it is back; the job was safe in Postgres: its lease runs out"
                )
            time.sleep(0.1)


def read_status(api: Api, job_id: str, access_token: str) -> dict[str, Any]:
    answer = httpx.get(
        f"{api.url}/v1/plan/status/{job_id}",
        headers={"Authorization": f"Bearer {access_token}"},
    )
    answer.raise_for_status()
    return answer.json()


def describe(status: dict[str, Any]) -> tuple[int, str]:
    if status["status"] == "completed":
        return 100, "completed"
    progress = status["progress"]
    if progress is None:
        return 0, status["status"]
    return progress["percentage"], f"{progress['phase']}: {progress['message']}"


def print_plan(plan: dict[str, Any]) -> None:
    table = Table(title=plan["title"], caption=plan["summary"], title_style="bold")
    for column, justify in [
        ("Week", "right"),
        ("Starts", "left"),
        ("Phase", "left"),
        ("Hours", "right"),
        ("TSS", "right"),
        ("CTL", "right"),
        ("TSB", "right"),
        ("Key sessions", "left"),
    ]:
        table.add_column(column, justify=justify)  # pyright: ignore[reportArgumentType] - rich's literals
    for week in plan["weeks"]:
        table.add_row(
            str(week["number"]),
            week["starts_on"],
            f"{week['phase']}, recovery" if week["kind"] == "recovery" else week["phase"],
            f"{week['duration_minutes'] / 60:.1f}",
            str(week["tss"]),
            f"{week['ctl']:.0f}",
            f"{week['tsb']:+.0f}",
            ", ".join(week["key_sessions"]),
        )
    console.print(table)


def print_attempts(info: StackInfo, job_id: str) -> None:
    with psycopg.connect(info.db_url) as database:
        attempts = database.execute(
            "select outcome, round(extract(epoch from ended_at - started_at), 1) "
            "from plan_job_attempts where job_id = %s order by started_at",
            [job_id],
        ).fetchall()
    told = ", then ".join(f"{outcome} after {seconds} s" for outcome, seconds in attempts)
    say(f"plan_job_attempts: {told}")


def print_addresses(info: StackInfo, api: Api, access_token: str, job_id: str) -> None:
    for name, value in info.environment.items():
        console.print(f"{name}={value}", soft_wrap=True)
    console.print(f"CRON_SECRET={api.cron_secret}")
    console.print(
        f"\ncurl {api.url}/v1/plan/status/{job_id} -H 'Authorization: Bearer {access_token}'"
        f"\ncurl {api.url}/v1/plan/generate -H 'Authorization: Bearer {access_token}'"
        f" -H 'Content-Type: application/json' -d @{ATHLETE.relative_to(PROJECT)}"
        f"\ncurl -X POST {api.url}/v1/queue/process -H 'Authorization: Bearer {api.cron_secret}'"
        f"\n\nStop it all: kill {api.pid}; .venv/bin/supajobs local down --dir .supajobs-demo",
        soft_wrap=True,
    )


main()
