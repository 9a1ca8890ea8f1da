"""What people read when Supabase is out of reach, refuses, or is not prepared."""

from collections.abc import Generator
from http import HTTPStatus
from pathlib import Path

import pytest
from tests.cli.conftest import Invoke
from tests.cli.running import run
from tests.stand_in import Reply, stand_in
from typer.testing import CliRunner

from supajobs.cli import app
from supajobs.cli.refusals import explain
from supajobs.errors import InvalidRequestError, SupajobsError
from supajobs.local.stack import Stack, StackInfo

JOB_ID = "01900000-0000-7000-8000-000000000000"  # of nobody

COMMANDS = [
    ["jobs", "list"],
    ["jobs", "show", JOB_ID],
    ["jobs", "cancel", JOB_ID],
    ["jobs", "retry", JOB_ID],
    ["jobs", "tail"],
    ["jobs", "tail", JOB_ID],
    ["queue"],
    ["queue", "--watch"],
]
every_command = pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
HTML = {"Content-Type": "text/html"}


@pytest.fixture(scope="module")
def empty_stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[StackInfo]:
    """A project without any migrations."""
    project = tmp_path_factory.mktemp("project")
    (project / "supabase" / "migrations").mkdir(parents=True)
    (project / "supabase" / "config.toml").touch()
    stack = Stack(tmp_path_factory.mktemp("empty_stack"), project=project)
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)


@pytest.fixture
def asks(environment: dict[str, str], invoke: Invoke) -> "Asks":
    return Asks(environment, invoke)


class Asks:
    """Commands that cannot do their work, under other settings than those of the stack."""

    def __init__(self, environment: dict[str, str], invoke: Invoke) -> None:
        self._environment = environment
        self._invoke = invoke

    async def refusal(self, command: list[str], **settings: str) -> str:
        """What the command has said, which is short and on stderr alone."""
        self._environment.update(settings)
        ran = await self._invoke(*command, "--json")
        assert (ran.code, ran.out) == (1, ""), ran
        assert len(ran.err.splitlines()) <= 2
        assert self._environment["SUPABASE_SECRET_KEY"] not in ran.err
        return ran.err


async def test_no_refusal_is_a_traceback(environment: dict[str, str], tmp_path: Path) -> None:
    env = {**environment, "SUPABASE_URL": "http://127.0.0.1:9"}
    ran = await run("jobs", "list", env=env, cwd=tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines() == [
        "supabase_unavailable: Supabase does not answer at http://127.0.0.1:9: no connection.",
        "Check SUPABASE_URL, and in the dashboard whether the project runs or is paused.",
    ]


@every_command
async def test_missing_settings_are_named(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = CliRunner().invoke(app, command)
    assert ran.exit_code == 2
    assert "SUPABASE_SECRET_KEY" in ran.stderr


def test_where_settings_were_looked_for_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / ".env"
    without = CliRunner().invoke(app, ["jobs", "list"])
    assert f"the environment and {file}, which is not there." in without.stderr
    file.write_text("SUPABASE_URL=https://project.supabase.co")
    lacking = CliRunner().invoke(app, ["jobs", "list"])
    assert f"the environment and {file}.\n" in lacking.stderr
    assert "SUPABASE_URL:" not in lacking.stderr


@every_command
async def test_a_wrong_key(command: list[str], asks: Asks) -> None:
    err = await asks.refusal(command, SUPABASE_SECRET_KEY="sb_secret_wrong")
    assert "refuses the key: Invalid API key" in err
    assert "Set SUPABASE_SECRET_KEY" in err


@every_command
async def test_the_publishable_key_in_place_of_the_secret_one(
    command: list[str], asks: Asks, stack: StackInfo
) -> None:
    err = await asks.refusal(command, SUPABASE_SECRET_KEY=stack.publishable_key)
    assert "permission denied" in err
    assert "Set SUPABASE_SECRET_KEY" in err


@every_command
async def test_missing_migrations(command: list[str], asks: Asks, empty_stack: StackInfo) -> None:
    err = await asks.refusal(command, **empty_stack.environment)
    assert "lacks what supajobs needs" in err
    assert "supabase db push" in err


@pytest.mark.parametrize("key", ["ключ", "sb_secret\nbroken"])
async def test_a_key_that_no_header_can_hold(
    invoke: Invoke, environment: dict[str, str], key: str
) -> None:
    environment["SUPABASE_SECRET_KEY"] = key
    ran = await invoke("jobs", "list")
    assert (ran.code, ran.out) == (2, "")
    assert "SUPABASE_SECRET_KEY" in ran.err
    assert key not in ran.err


@pytest.mark.parametrize(
    ("reply", "says"),
    [
        (Reply("<html>", headers=HTML), "no JSON"),
        (Reply("{}", HTTPStatus.SERVICE_UNAVAILABLE), "HTTP 503"),
        (Reply('{"error": "requested path is invalid"}', HTTPStatus.NOT_FOUND), "SUPABASE_URL"),
        (Reply('{"a": 1}'), "SUPABASE_URL"),
        (
            Reply('{"code": "PGRST301", "message": "JWSError"}', HTTPStatus.UNAUTHORIZED),
            "Set SUPABASE_SECRET_KEY",
        ),
        (None, "no answer in time"),
    ],
)
async def test_other_answers(
    asks: Asks, reply: Reply | None, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supajobs.cli.asking.PATIENCE", 5.0)  # some never answer otherwise
    async with stand_in() as supabase:
        supabase.reply = reply
        err = await asks.refusal(["jobs", "list"], SUPABASE_URL=supabase.url)
    assert says in err


def list_errors(kind: type[SupajobsError] = SupajobsError) -> list[type[SupajobsError]]:
    return [kind, *(each for heir in kind.__subclasses__() for each in list_errors(heir))]


@pytest.mark.parametrize("kind", list_errors(), ids=lambda kind: kind.__name__)
def test_what_is_refused_begins_with_its_code(kind: type[SupajobsError]) -> None:
    error = kind.__new__(kind)
    SupajobsError.__init__(error)
    vars(error).update(
        errors=[
            {"field": "params.hero", "message": "Field required"},
            {"field": "", "message": "An option is none"},
        ],
        sqlstate="22P05",
        _reason="22P05: no text",
    )
    lines = explain(error, "https://project.supabase.co").splitlines()
    assert lines[0].startswith(f"{kind.code}: ")
    if isinstance(error, InvalidRequestError):
        assert lines == [
            "invalid_request: params.hero: Field required",
            "invalid_request: An option is none",
        ]


async def test_the_program_that_runs_what_is_due_says_it_likewise(
    environment: dict[str, str], tmp_path: Path
) -> None:
    env = {**environment, "SUPABASE_URL": "http://127.0.0.1:9"}
    ran = await run("process", env=env, cwd=tmp_path)
    assert (ran.code, ran.out) == (1, "")
    assert ran.err.splitlines()[-2:] == [
        "supabase_unavailable: Supabase does not answer at http://127.0.0.1:9: no connection.",
        "Check SUPABASE_URL, and in the dashboard whether the project runs or is paused.",
    ]
