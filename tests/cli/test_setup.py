"""`supajobs setup` from an empty folder to a job that has gone the whole way, and what stops it."""

import asyncio
import contextlib
import signal
import stat
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from pathlib import Path
from typing import Any, LiteralString
from urllib.parse import urlsplit

import dotenv
import httpx
import pytest
from psycopg.rows import dict_row
from tests.cli.running import Ran, run, supajobs
from tests.parts import CRON_SECRET, PROJECT, Sql
from tests.serving import eventually
from typer.testing import CliRunner

from supajobs.cli import app
from supajobs.cli.setup.push import plan_push
from supajobs.local.processes import free_port
from supajobs.local.stack import Stack, StackInfo
from supajobs.setting_sources import DEFAULT_FAMILIES
from supajobs.shipped_sql import find_migrations

MIGRATIONS = [path.name for path in find_migrations(DEFAULT_FAMILIES)]

Answer = Callable[..., Awaitable[Ran]]


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[StackInfo]:
    """A project of its own, for its schedules are."""
    stack = Stack(tmp_path_factory.mktemp("stack"), project=PROJECT)
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)


@pytest.fixture
def empty(tmp_path: Path) -> Generator[StackInfo]:
    """A project without our migrations."""
    (tmp_path / "nothing").mkdir()
    stack = Stack(tmp_path / "stack", project=tmp_path / "nothing")
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)


@pytest.fixture
def cwd(tmp_path: Path) -> Path:
    """An empty folder."""
    folder = tmp_path / "app"
    folder.mkdir()
    return folder


@pytest.fixture
def keys(stack: StackInfo) -> dict[str, str]:
    return tell_keys(stack)


@pytest.fixture(autouse=True)
def unscheduled(stack: StackInfo) -> Generator[None]:
    yield
    with Sql.connect(stack.db_url, autocommit=True) as sql:
        sql.execute("select cron.unschedule(jobname) from cron.job")
        sql.execute("delete from vault.secrets")
        sql.execute("delete from supajobs.trigger_calls")
        sql.execute("delete from supajobs.processors")


@pytest.fixture
def answer(cwd: Path, monkeypatch: pytest.MonkeyPatch) -> Answer:
    """Runs the command and types these lines."""
    monkeypatch.chdir(cwd)

    async def answer(*lines: str, arguments: tuple[str, ...] = (), **env: str) -> Ran:
        typed = "".join(f"{line}\n" for line in lines)
        # In a thread, because the command brings its own event loop.
        ran = await asyncio.to_thread(
            CliRunner().invoke, app, ["setup", *arguments], input=typed, env=env
        )
        assert ran.exception is None or isinstance(ran.exception, SystemExit)
        return Ran(ran.exit_code, ran.stdout, ran.stderr)

    return answer


def tell_keys(stack: StackInfo) -> dict[str, str]:
    return {
        "SUPABASE_URL": stack.api_url,
        "SUPABASE_PUBLISHABLE_KEY": stack.publishable_key,
        "SUPABASE_SECRET_KEY": stack.secret_key,
    }


@contextlib.asynccontextmanager
async def serving(cwd: Path, env: Mapping[str, str], port: int) -> AsyncGenerator[None]:
    """`supajobs api` as a process."""
    async with supajobs("api", env={**env, "PORT": str(port)}, cwd=cwd) as process:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:

            async def is_ready() -> bool:
                with contextlib.suppress(httpx.HTTPError):
                    return (await client.get("/health/ready")).is_success
                return False

            await eventually(is_ready)
        yield
        process.send_signal(signal.SIGTERM)
        await process.communicate()


def look(sql: Sql) -> list[list[Mapping[str, Any]]]:
    """The secrets, schedules and job types that setup leaves behind, and the users."""
    return [
        list(sql.execute(query).fetchall())
        for query in (
            "select * from vault.secrets order by id",
            "select * from cron.job order by jobid",
            "select * from plan_job_types order by job_type",
            "select id from auth.users",
        )
    ]


def list_names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_project_is_set_up_and_then_left_as_it_is(
    stack: StackInfo, keys: dict[str, str], cwd: Path
) -> None:
    env = {**keys, "CRON_SECRET": CRON_SECRET}
    port = free_port()
    url = f"http://127.0.0.1:{port}/v1/queue/process"
    async with serving(cwd, env, port):
        given = ("--yes", "--process-url", url, "--schedule", "1 second")
        ran = await run("setup", *given, env=env, cwd=cwd)
        assert (ran.code, ran.err) == (0, ""), ran.out
        assert f"✓ Scheduled: {url} (1 second)." in ran.out
        assert "✓ The canary got through: " in ran.out
        assert ran.out.endswith("17 of 17 checks are well (supajobs doctor).\n")
        with Sql.connect(stack.db_url, autocommit=True, row_factory=dict_row) as sql:
            first = look(sql)
            assert first[-1] == []
            again = await run("setup", "--yes", env=env, cwd=cwd)
            assert (again.code, again.err) == (0, ""), again.out
            assert f"✓ Scheduled: {url} (1 second)." in again.out
            assert look(sql) == first
    assert list_names(cwd) == []
    for secret in (CRON_SECRET, stack.secret_key):
        assert secret not in ran.out + again.out


async def test_somebody_is_asked_for_what_is_missing(
    keys: dict[str, str], cwd: Path, answer: Answer
) -> None:
    url, publishable, secret = keys.values()
    port = free_port()
    lines = ["my project", url, secret, publishable, publishable, secret, "y"]
    lines.append(f"http://127.0.0.1:{port}/v1/queue/process")

    async def set_up() -> Ran:
        return await answer(*lines, arguments=("--schedule", "1 second"))

    asking = asyncio.create_task(set_up())
    file = cwd / ".env"
    await eventually(lambda: file.exists() or asking.done())
    assert file.exists(), await asking
    async with serving(cwd, {}, port):  # which finds the file
        ran = await asking
    assert ran.code == 0, ran.out
    assert "That is no address" in ran.out
    assert "That is a secret key, not a publishable key." in ran.out
    assert ran.out.count(secret) == 1  # where it was typed for the publishable one, in the open
    kept = dotenv.dotenv_values(file)
    assert {name: kept[name] for name in keys} == keys
    assert len(str(kept["CRON_SECRET"])) == 64
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_nothing_is_written_where_somebody_says_no(
    keys: dict[str, str], cwd: Path, answer: Answer
) -> None:
    ran = await answer("n", **keys)
    assert ran.code == 1
    assert "Set CRON_SECRET in the environment" in ran.err
    assert list_names(cwd) == []


async def test_what_the_example_leaves_open_is_missing(cwd: Path) -> None:
    file = cwd / "settings.env"
    file.write_text((PROJECT / ".env.example").read_text())
    ran = await run("setup", "--yes", "--env-file", "settings.env", env={}, cwd=cwd)
    names = "SUPABASE_URL, SUPABASE_PUBLISHABLE_KEY, SUPABASE_SECRET_KEY"
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith(f"Missing: {names}.\nSet them in the environment or in settings.env")


async def test_other_lines_of_the_file_stay(
    keys: dict[str, str], cwd: Path, answer: Answer
) -> None:
    file = cwd / ".env"
    file.write_text("# mine\nLOG_LEVEL=debug\nCRON_SECRET=\n")
    file.chmod(0o644)
    ran = await answer(arguments=("--yes",), **keys)
    assert "Give --process-url" in ran.err
    comment, level, secret = file.read_text().splitlines()
    assert (comment, level) == ("# mine", "LOG_LEVEL=debug")
    assert len(secret) > len("CRON_SECRET=") + 64 - 1
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_keys_are_tried_first(keys: dict[str, str], cwd: Path) -> None:
    env = {**keys, "SUPABASE_SECRET_KEY": "sb_secret_of_another", "CRON_SECRET": CRON_SECRET}
    ran = await run("setup", "--yes", env=env, cwd=cwd)
    assert ran.code == 1
    assert "✗ secret_key: The project refuses SUPABASE_SECRET_KEY" in ran.out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Give --process-url https://<your api>/v1/queue/process."),
        (
            ("--process-url", "http://127.0.0.1:8000/v1/queue/process", "--schedule", "at noon"),
            "pg_cron does not know the schedule 'at noon'",
        ),
        (("--process-url", "nowhere"), "nowhere is no address such as"),
        (
            ("--process-url", "https://api.example.com/"),
            "add /v1/queue/process, as in https://api.example.com/v1/queue/process.",
        ),
    ],
)
async def test_a_trigger_that_cannot_work_is_refused(
    keys: dict[str, str], answer: Answer, arguments: tuple[str, ...], said: str
) -> None:
    ran = await answer(arguments=("--yes", *arguments), **keys, CRON_SECRET=CRON_SECRET)
    assert ran.code == 1
    assert said in ran.err


async def test_a_hosted_project_cannot_call_this_machine(
    keys: dict[str, str], answer: Answer
) -> None:
    hosted = f"http://0.0.0.0:{urlsplit(keys['SUPABASE_URL']).port}"
    ran = await answer(
        arguments=("--yes", "--process-url", "http://localhost:8000/v1/queue/process"),
        **{**keys, "SUPABASE_URL": hosted, "CRON_SECRET": CRON_SECRET},
    )
    assert ran.code == 1
    assert "which is this machine" in ran.err


async def test_no_processor_takes_the_canary(
    stack: StackInfo, keys: dict[str, str], answer: Answer
) -> None:
    with Sql.connect(stack.db_url, autocommit=True) as sql:
        sql.execute("delete from supajobs.processors")  # who could not take themselves off
    ran = await answer(
        arguments=(
            "--yes",
            "--process-url",
            "http://127.0.0.1:9/v1/queue/process",
            "--canary-timeout",
            "1",
        ),
        **keys,
        CRON_SECRET=CRON_SECRET,
    )
    assert ran.code == 1
    assert "! No processor runs.\n    → Start `supajobs api` or `supajobs work` now" in ran.out
    assert "✗ No processor took the canary in 1 s." in ran.out
    assert "✗ processor_endpoint: http://127.0.0.1:9/v1/queue/process does not answer" in ran.out


async def test_without_pg_net_a_worker_does(
    stack: StackInfo, keys: dict[str, str], cwd: Path
) -> None:
    env = {**keys, "CRON_SECRET": CRON_SECRET}
    with Sql.connect(stack.db_url, autocommit=True) as sql:
        sql.execute("drop extension pg_net")
        try:
            async with supajobs("work", env=env, cwd=cwd):
                ran = await run("setup", "--yes", env=env, cwd=cwd)
        finally:
            sql.execute("create extension pg_net with schema extensions")
    assert ran.code == 0, ran.out
    assert "! Not scheduled: pg_net not enabled." in ran.out
    assert "✓ The canary got through: " in ran.out
    assert "! pg_net: pg_net is not enabled" in ran.out


class TestMigrations:
    """A project that lacks them."""

    @pytest.fixture
    def env(self, empty: StackInfo) -> dict[str, str]:
        return {**tell_keys(empty), "CRON_SECRET": CRON_SECRET}

    @pytest.fixture
    def install(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
        """Puts a program on PATH, alone, as the official CLI."""

        def install(script: str = "") -> None:
            folder = tmp_path / "bin"
            folder.mkdir()
            if script:
                program = folder / "supabase"
                program.write_text(f"#!{sys.executable}\n{script}\n")
                program.chmod(0o755)
            monkeypatch.setenv("PATH", str(folder))

        return install

    async def test_without_the_cli_they_are_copied_and_the_commands_told(
        self, cwd: Path, env: dict[str, str], answer: Answer, install: Callable[..., None]
    ) -> None:
        install()
        ran = await answer(arguments=("--yes",), **env)
        assert ran.code == 1
        assert "Push the migrations, then run `supajobs setup` again:" in ran.err
        assert "npx supabase link --project-ref <project-ref>" in ran.err
        assert "npx supabase db push --include-all" in ran.err
        assert list_names(cwd / "supabase" / "migrations") == MIGRATIONS

        mine = cwd / "supabase" / "migrations" / MIGRATIONS[0]
        mine.write_text("select 1;")
        ran = await answer(arguments=("--yes",), **env)
        assert ran.code == 1
        assert f"{mine} is not the migration of this package" in ran.err
        assert mine.read_text() == "select 1;"

    async def test_those_of_a_family_come_where_it_is_wanted(
        self, cwd: Path, env: dict[str, str], answer: Answer, install: Callable[..., None]
    ) -> None:
        install()
        ran = await answer(arguments=("--yes",), **env, JOB_FAMILIES="none")
        assert f"✓ Copied to ./supabase/migrations: {MIGRATIONS[0]}.\n" in ran.out
        assert list_names(cwd / "supabase" / "migrations") == MIGRATIONS[:1]
        await answer(arguments=("--yes",), **env)
        assert list_names(cwd / "supabase" / "migrations") == MIGRATIONS

    @pytest.mark.parametrize(
        "statement",
        [
            "create table weekly_base_plans (id uuid); grant all on weekly_base_plans to public",
            "create table weekly_base_plans (id uuid, user_id uuid, job_id uuid, plan jsonb)",
        ],
        ids=["of other columns", "out of reach"],
    )
    async def test_a_family_whose_table_is_taken_is_refused(
        self,
        empty: StackInfo,
        cwd: Path,
        env: dict[str, str],
        answer: Answer,
        install: Callable[..., None],
        statement: LiteralString,
    ) -> None:
        install()
        with Sql.connect(empty.db_url, autocommit=True) as sql:
            sql.execute(statement)
        headers = {"apikey": empty.secret_key}
        table = f"{empty.api_url}/rest/v1/weekly_base_plans"
        async with httpx.AsyncClient(headers=headers) as client:

            async def is_known() -> bool:
                return (await client.get(table)).status_code != 404

            await eventually(is_known)
        ran = await answer(arguments=("--yes",), **env)
        assert ran.code == 1
        assert ran.err.startswith("Nothing was changed: the family training_plan needs a table ")
        assert list_names(cwd) == []
        ran = await answer(arguments=("--yes",), **env, JOB_FAMILIES="none")
        assert list_names(cwd / "supabase" / "migrations") == MIGRATIONS[:1]

    async def test_the_cli_is_not_called_where_somebody_says_no(
        self, env: dict[str, str], answer: Answer, install: Callable[..., None]
    ) -> None:
        install("raise SystemExit(7)")
        ran = await answer("n", **env, SUPABASE_DB_URL="postgresql://nowhere")
        assert ran.code == 1
        assert "supabase db push --include-all --yes --db-url $SUPABASE_DB_URL" in ran.out
        assert "Push the migrations, then run" in ran.err

    async def test_the_cli_fails(
        self, env: dict[str, str], answer: Answer, install: Callable[..., None]
    ) -> None:
        install("raise SystemExit(7)")
        ran = await answer(arguments=("--yes",), **env, SUPABASE_DB_URL="postgresql://me:pw@x")
        assert ran.code == 1
        assert "--db-url $SUPABASE_DB_URL` failed." in ran.err
        assert "me:pw" not in ran.out + ran.err

    async def test_the_cli_pushes_to_another_project(
        self,
        env: dict[str, str],
        answer: Answer,
        install: Callable[..., None],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        monkeypatch.setattr("supajobs.cli.setup.migrating.RELOAD_SECONDS", 1)
        install("pass")
        ran = await answer(arguments=("--yes",), **env, SUPABASE_DB_URL="postgresql://elsewhere")
        assert ran.code == 1
        assert "Was it the same project?" in ran.err

    async def test_the_cli_pushes_where_the_folder_is_linked_to(
        self, env: dict[str, str], cwd: Path, answer: Answer, install: Callable[..., None]
    ) -> None:
        """Not to any other project than that of the settings."""
        install("raise SystemExit(7)")
        linked = cwd / "supabase" / ".temp" / "project-ref"
        linked.parent.mkdir(parents=True)
        linked.write_text("of-another")
        ran = await answer(arguments=("--yes",), **env)
        assert "Push the migrations, then run" in ran.err
        assert plan_push(cwd, "https://of-another.supabase.co", {}) == (
            ["supabase", "db", "push", "--include-all", "--yes"],
            "supabase db push --include-all --yes",
        )
