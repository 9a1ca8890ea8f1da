import json
import os
import pwd
import shutil
import site
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from tests.local.commands import CLI, start_cli
from typer.testing import CliRunner, Result

import supajobs
from supajobs.local.cli import app
from supajobs.local.packages import install
from supajobs.local.stack import Stack

FIELDS = {"api_url", "publishable_key", "secret_key", "jwks_url", "db_url", "dir", "pids"}


@pytest.fixture
def invoke(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Result]:
    """Runs a line of `supajobs local …` in a directory of its own."""
    monkeypatch.chdir(tmp_path)
    return lambda line: CliRunner().invoke(app, line.split(), catch_exceptions=False)


def test_a_stack_from_up_to_down(
    make_stack: Callable[..., Stack], invoke: Callable[[str], Result], tmp_path: Path
) -> None:
    make_stack(".supajobs")  # the default directory, and somebody to clean up
    for command in ("status", "env"):
        answer = invoke(command)
        assert (answer.exit_code, answer.stdout) == (1, "")
        assert answer.stderr == "No local stack is running in .supajobs.\n"

    answer = invoke("up --json")
    info = json.loads(answer.stdout)
    assert answer.exit_code == 0
    assert info.keys() == FIELDS
    assert info["pids"].keys() == {"postgres", "rest", "worker"}
    assert info["publishable_key"].startswith("sb_publishable_")
    assert info["secret_key"].startswith("sb_secret_")
    assert info["dir"] == str(tmp_path / ".supajobs")
    assert httpx.get(info["jwks_url"]).json()["keys"]

    answer = invoke("up")
    assert answer.exit_code == 0
    assert answer.stdout.startswith("The local stack was already running.\n")
    assert json.loads(invoke("status --json").stdout) == info

    lines = dict(line.split("=", 1) for line in invoke("env").stdout.splitlines())
    assert lines["SUPABASE_URL"] == info["api_url"]
    assert lines["SUPABASE_PUBLISHABLE_KEY"] == info["publishable_key"]
    assert lines["SUPABASE_SECRET_KEY"] == info["secret_key"]

    for _ in range(2):
        assert invoke("down --purge").exit_code == 0
    assert not (tmp_path / ".supajobs").exists()


def test_where_no_stack_is_none_is_stopped(invoke: Callable[[str], Result], tmp_path: Path) -> None:
    answer = invoke("down --purge")
    assert (answer.exit_code, answer.stdout) == (0, "")
    assert answer.stderr == "There is no local stack in .supajobs.\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("config", ["[api", "[api]\nmax_rows = 'many'"])
def test_errors_are_sentences_not_tracebacks(
    invoke: Callable[[str], Result], tmp_path: Path, config: str
) -> None:
    (tmp_path / "supabase").mkdir()
    (tmp_path / "supabase" / "config.toml").write_text(config)
    answer = invoke("up")
    assert (answer.exit_code, answer.stdout) == (1, "")
    assert answer.stderr.startswith(f"{tmp_path}/supabase/config.toml: ")
    assert not (tmp_path / ".supajobs").exists()


def test_a_damaged_state_is_no_traceback(invoke: Callable[[str], Result], tmp_path: Path) -> None:
    (tmp_path / ".supajobs").mkdir()
    (tmp_path / ".supajobs" / "state.json").write_text("{")
    for command in ("up", "down", "status", "env"):
        answer = invoke(command)
        assert (answer.exit_code, answer.stdout) == (1, "")
        assert answer.stderr == f"{tmp_path}/.supajobs/state.json is damaged\n"


def test_an_npm_that_cannot_install_says_so(tmp_path: Path) -> None:
    environment = {
        **os.environ,
        "SUPAJOBS_CACHE_DIR": str(tmp_path / "cache"),
        "npm_config_cache": str(tmp_path / "npm"),
        "npm_config_offline": "true",
    }
    process = start_cli("up", cwd=tmp_path, env=environment)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "npm could not install the packages" in errors
    assert list((tmp_path / "cache").iterdir()) == []


PYTHONS = [sys.executable, "/usr/bin/python3"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
@pytest.mark.usefixtures("stack")  # what it was made from is in the cache, for everybody
def test_an_ordinary_user_needs_no_privileges() -> None:
    nobody = pwd.getpwnam("nobody")
    home = Path(tempfile.mkdtemp())
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    environment = {
        "HOME": str(home),
        "PYTHONPATH": os.pathsep.join(
            [*site.getsitepackages(), str(Path(supajobs.__file__).parents[1])]
        ),
        "SUPAJOBS_CACHE_DIR": str(install().root.parent),
    }

    def run(python: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(  # noqa: S603 - our own program
            ["/usr/bin/env", python, "-c", *arguments],
            cwd=home,
            env=environment,
            user=nobody.pw_uid,
            group=nobody.pw_gid,
            extra_groups=[],
            check=False,
            capture_output=True,
            text=True,
            timeout=60,
        )

    # Root's own Python, or this checkout, may lie where only root can go.
    usable = [python for python in PYTHONS if run(python, "import supajobs.cli").returncode == 0]
    if not usable:
        pytest.skip("nobody can reach this checkout with a Python of its version")

    def as_nobody(*arguments: str) -> str:
        answer = run(usable[0], CLI, *arguments)
        assert answer.returncode == 0, answer.stderr
        return answer.stdout

    try:
        info = json.loads(as_nobody("up", "--json"))
        assert Path(f"/proc/{info['pids']['postgres']}").stat().st_uid == nobody.pw_uid
        assert httpx.get(f"{info['api_url']}/health").is_success
        assert json.loads(as_nobody("status", "--json")) == info
    finally:
        as_nobody("down", "--purge")
        shutil.rmtree(home)
