"""What README and handbook have people copy: commands, settings and files of platforms."""

import json
import re
import shlex
import shutil
import subprocess
import tomllib
from collections.abc import Generator
from itertools import dropwhile, groupby
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import typer
from dotenv import dotenv_values
from tests.parts import PROJECT, Sql
from tests.shown import PAGES, find_shown
from typer.core import TyperGroup

from supajobs.cli import app
from supajobs.settings import Settings

DOCS = PROJECT / "docs"
DEPLOY = DOCS / "deploy"
OURS = re.compile(r"`((?:benchmarks|docs|examples|scripts|src|supabase|tests)/[\w./@-]+)`")
STATEMENT = re.compile(r"`((?:select|update|delete)\s[^`]+;)`")
SETTINGS = {name.upper() for name in Settings.model_fields}
STOPPING = 2  # s, beside the grace of the jobs: requests end, and what does not is given back
# Of these, too, the pages speak in capitals.
NO_SETTINGS = {
    "ACCESS_TOKEN",
    "INITIAL_SESSION",
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    "PR_SET_PDEATHSIG",
    "SUPABASE_EXPERIMENTAL_STACK",
    "SUPABASE_SECRET_KEYS",
    "TRANSLATOR_URL",
    "UV_DEFAULT_INDEX",
    "UV_FIND_LINKS",
    "UV_INDEX",
}


def name_of(page: Path) -> str:
    return str(page.relative_to(PROJECT))


def read_commands() -> set[str]:
    group = typer.main.get_command(app)
    return set(getattr(group, "commands", {}))


def find_commands(script: str) -> Generator[list[str]]:
    """The arguments of each `supajobs …`, with an id where the reader has one of their own."""
    for line in script.replace("\\\n", " ").splitlines():
        words = shlex.shlex(line, posix=True, punctuation_chars=";&|")
        words.whitespace_split = True
        for ends, command in groupby(words, lambda word: set(word) <= set(";&|")):
            called = list(dropwhile(lambda word: re.match(r"\w+=", word), command))
            if not ends and called and Path(called[0]).name == "supajobs":
                yield [str(uuid4()) if word == "$job" else word for word in called[1:]]


def parse(arguments: list[str]) -> None:
    """As the program does it, without doing anything."""
    command: Any = typer.main.get_command(app)
    context: Any = None
    while command:
        context = command.make_context(command.name, list(arguments), parent=context)
        if not isinstance(command, TyperGroup):
            return
        rest = [*context._protected_args, *context.args]
        _, command, arguments = command.resolve_command(context, rest)


def read_dockerfile(instruction: str) -> str:
    lines = (PROJECT / "Dockerfile").read_text().splitlines()
    return " ".join(line for line in lines if line.startswith(instruction))


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_are_good_shell(page: Path) -> None:
    for script in find_shown(page, "sh"):
        checked = subprocess.run(
            ["sh", "-n"],  # noqa: S607 - whatever shell there is
            input=script,
            text=True,
            check=False,
            capture_output=True,
        )
        assert not checked.stderr, script


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_settings_and_commands_exist(page: Path) -> None:
    text = page.read_text()
    words = re.findall(r"\b[A-Z]{2,}(?:_[A-Z]+)+\b", text)
    named = {word.removeprefix("SUPAJOBS_") for word in words} - NO_SETTINGS
    assert named <= SETTINGS
    commands = set(re.findall(r"(?:`|/|supajobs )supajobs ([a-z]+)\b", text))
    assert commands <= read_commands()


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_commands_have_these_options(page: Path) -> None:
    for script in find_shown(page, "sh"):
        for arguments in find_commands(script):
            parse(arguments)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text()):
        found = (page.parent / target).resolve()
        assert found.exists(), target
        # What is not in docs/ is not in the website of the handbook either.
        assert found.is_relative_to(DOCS) or not page.is_relative_to(DOCS), target
    for path in OURS.findall(page.read_text()):
        assert (PROJECT / path).exists(), path


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_statements_run(page: Path, sql: Sql) -> None:
    with sql.transaction(force_rollback=True):
        for script in [*find_shown(page, "sql"), *STATEMENT.findall(page.read_text())]:
            sql.execute(script.encode())


def test_fly_runs_both_and_lets_them_stop() -> None:
    fly = tomllib.loads((DEPLOY / "fly.toml").read_text())
    assert fly["processes"] == {name: f"supajobs {name}" for name in ("api", "work")}
    assert fly["processes"].keys() <= read_commands()
    assert fly["env"].keys() <= SETTINGS
    assert fly["kill_signal"] == "SIGTERM"
    assert (
        int(fly["kill_timeout"].rstrip("s")) >= int(fly["env"]["WORKER_GRACE_SECONDS"]) + STOPPING
    )
    assert f"PORT={fly['http_service']['internal_port']}" in read_dockerfile("ENV")
    assert fly["metrics"][0]["port"] == int(fly["env"]["METRICS_PORT"])
    Settings.model_validate(
        {**{name.lower(): value for name, value in fly["env"].items()}, **read_secrets()}
    )


def test_railway_waits_for_the_jobs() -> None:
    deploy = json.loads((DEPLOY / "railway.json").read_text())["deploy"]
    assert deploy["startCommand"] == f"supajobs {json.loads(read_dockerfile('CMD')[4:])[1]}"
    grace = Settings.model_fields["worker_grace_seconds"].default
    assert deploy["drainingSeconds"] >= grace + STOPPING


def test_cloud_run_kills_after_the_grace() -> None:
    [grace] = set(re.findall(r"WORKER_GRACE_SECONDS=(\d+)", (DEPLOY / "cloud_run.md").read_text()))
    assert int(grace) + STOPPING <= 10  # Cloud Run's own


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    unit = (DEPLOY / "supajobs@.service").read_text()
    [timeout] = re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)
    assert int(timeout) >= Settings.model_fields["worker_grace_seconds"].default + STOPPING
    if not (analyze := shutil.which("systemd-analyze")):
        pytest.skip("there is no systemd-analyze")
    true = shutil.which("true")
    (tmp_path / "supajobs@api.service").write_text(
        unit.replace("/opt/supajobs/bin/supajobs", str(true))
    )
    verified = subprocess.run(  # noqa: S603 - our own arguments
        [analyze, "verify", "--man=no", tmp_path / "supajobs@api.service"],
        check=False,
        capture_output=True,
        text=True,
    )
    assert verified.returncode == 0, verified.stderr
    assert "supajobs" not in verified.stderr


def read_secrets() -> dict[str, str | None]:
    """What a platform's store of secrets has."""
    example = dotenv_values(PROJECT / ".env.example")
    return {"SUPABASE_SECRET_KEY": example["SUPABASE_SECRET_KEY"], "cron_secret": "s" * 16}
