import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from tests.cli.running import Ran
from typer.testing import CliRunner

from supajobs.cli import app
from supajobs.local.stack import StackInfo

Invoke = Callable[..., Awaitable[Ran]]


@pytest.fixture
def environment(stack: StackInfo) -> dict[str, str]:
    return {**stack.environment, "TZ": "UTC"}


@pytest.fixture
def invoke(environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Invoke:
    """Runs a command in this process, which takes less time than a new one."""
    monkeypatch.chdir(tmp_path)  # away from any .env
    # People wait less; but on a busy machine an answer that will come may take longer.
    monkeypatch.setattr("supajobs.cli.asking.PATIENCE", 60.0)

    async def invoke(*arguments: object) -> Ran:
        given = [str(argument) for argument in arguments]
        # In a thread, because commands bring their own event loop.
        result = await asyncio.to_thread(CliRunner().invoke, app, given, env=environment)
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return Ran(result.exit_code, result.stdout, result.stderr)

    return invoke
