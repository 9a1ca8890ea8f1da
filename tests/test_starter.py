"""What `supajobs init` writes runs: its test, and the job type under `supajobs dev`."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from tests.programs import SUPAJOBS
from tests.shown import GUIDE, find_shown
from typer.testing import CliRunner

from supajobs.cli import app
from supajobs.local.processes import free_port

PAGE = GUIDE / "developing.md"
WEB_APP = "http://localhost:5173"


def init(folder: Path) -> None:
    ran = CliRunner().invoke(app, ["init", str(folder)])
    assert ran.exit_code == 0, ran.output
    assert "pip install pytest && python -m pytest" in ran.output  # which supajobs does not bring
    assert "supajobs jobs show ID --result" in ran.output


def list_files(folder: Path) -> dict[str, bytes]:
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


def test_its_test_passes_and_can_fail(tmp_path: Path) -> None:
    init(tmp_path)

    def run_its_test() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
        return subprocess.run(  # noqa: S603 - our own arguments
            command, cwd=tmp_path, check=False, capture_output=True, text=True
        )

    passed = run_its_test()
    assert "1 passed" in passed.stdout, passed.stdout + passed.stderr
    jobs = tmp_path / "jobs.py"
    jobs.write_text(jobs.read_text().replace("falls asleep", "wakes up"))
    assert "1 failed" in run_its_test().stdout


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("CRON_SECRET=mine")
    ran = CliRunner().invoke(app, ["init", str(tmp_path)])
    assert ran.exit_code == 1
    assert ".env is there" in ran.stderr
    assert list_files(tmp_path) == {".env": b"CRON_SECRET=mine"}


def test_what_keeps_secrets_is_its_owners_alone(tmp_path: Path) -> None:
    init(tmp_path)
    assert (tmp_path / ".env").stat().st_mode & 0o077 == 0
    assert ".env" in (tmp_path / ".gitignore").read_text().split()


class Dev:
    """`supajobs dev` in a folder, and what it has printed."""

    def __init__(self, folder: Path, port: int, log: Path) -> None:
        self.folder, self.api, self._log = folder, f"http://127.0.0.1:{port}", log
        path = f"{Path(SUPAJOBS).parent}{os.pathsep}{os.environ['PATH']}"
        self._environment = {"PATH": path, "SUPAJOBS_PORT": str(port), "PORT": "1"}
        with log.open("w") as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own command
                [SUPAJOBS, "dev"],
                cwd=folder,
                env=self._environment,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def output(self) -> str:
        return self._log.read_text()

    def wait_for(self, words: str, *, times: int = 1) -> None:
        while self.output.count(words) < times:
            assert self.process.poll() is None, self.output
            time.sleep(0.1)

    def wait_until_served(self) -> None:
        while True:
            try:
                if httpx.get(f"{self.api}/health/ready", timeout=5).is_success:
                    return
            except httpx.TransportError:
                assert self.process.poll() is None, self.output
                time.sleep(0.1)

    def tell_poem(self) -> str:
        """What the handbook's commands print in another terminal, of the job that they ask for."""
        [script] = [text for text in find_shown(PAGE, "sh") if "jobs enqueue" in text]
        return self.run(script)

    def run(self, script: str) -> str:
        """What the script prints in another terminal."""
        done = subprocess.run(  # noqa: S603 - our own commands
            ["sh", "-euc", script],  # noqa: S607 - wherever it is
            cwd=self.folder,
            env=self._environment,
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr + self.output
        return done.stdout


@contextmanager
def developing(folder: Path) -> Generator[Dev]:
    dev = Dev(folder, free_port(), folder.with_suffix(".log"))
    try:
        yield dev
    finally:
        dev.process.send_signal(signal.SIGINT)
        code = dev.process.wait(timeout=60)
    assert code == 0, dev.output


@pytest.mark.timeout(300)
def test_dev_serves_it_and_follows_its_changes(tmp_path: Path) -> None:
    folder = tmp_path / "app"
    init(folder)
    with developing(folder) as dev:
        dev.wait_until_served()
        assert "A poem of Fox, who falls asleep." in dev.tell_poem()
        greeting = dev.output
        assert f"and {folder / '.env'}" in greeting
        [request] = re.findall("^  (supajobs jobs enqueue .*)$", greeting, re.MULTILINE)
        dev.run(f"export $(supajobs local env)\n{request}")
        assert re.search("^Page +none: .*JOB_FAMILIES", greeting, re.MULTILINE)
        assert "supajobs jobs show ID --result" in greeting
        dashboard = re.search(r"^Dashboard +(\S+), with the secret (\S+)$", greeting, re.MULTILINE)
        assert dashboard
        address, secret = dashboard.groups()
        signed_in = httpx.post(f"{address}/session", json={"secret": secret})
        assert signed_in.status_code == 204
        asking = {"Origin": WEB_APP, "Access-Control-Request-Method": "POST"}
        allowed = httpx.options(f"{dev.api}/v1/jobs", headers=asking)
        assert allowed.headers["Access-Control-Allow-Origin"] == WEB_APP

        jobs, written = folder / "jobs.py", (folder / "jobs.py").read_text()
        jobs.write_text("1 / 0")
        dev.wait_for("It starts again when a file changes.", times=2)
        assert "jobs.py changed: starting anew." in dev.output
        jobs.write_text(written.replace("falls asleep", "wakes up"))
        dev.wait_for("jobs.py changed: starting anew.", times=2)
        dev.wait_until_served()
        assert "A poem of Fox, who wakes up." in dev.tell_poem()

        tests = folder / "test_jobs.py"
        tests.write_text(f"{tests.read_text()}\n")

        row = folder / "supabase" / "migrations" / "20990101000000_pause_poems.sql"
        row.write_text("select pause_plan_jobs('poem');")
        dev.wait_for("20990101000000_pause_poems.sql changed: starting anew.")
        dev.wait_until_served()
        row.with_name("20990101000001_break.sql").write_text("select nothing from nowhere;")
        dev.wait_for("20990101000001_break.sql:1: relation")
        row.with_name("nameless.sql").write_text("select 1;")
        dev.wait_for("nameless.sql is not applied")
    assert "test_jobs.py changed" not in dev.output
