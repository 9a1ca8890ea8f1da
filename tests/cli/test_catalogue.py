import importlib.metadata
import subprocess
import sys

import pytest

from supajobs.cli.catalogue import PLACES

# What takes long to import, and what a command that reads from Supabase goes without.
HEAVY = {"aiohttp", "fastapi", "httpx", "psycopg", "pydantic", "pydantic_settings", "supabase"}
SERVING = {"fastapi", "psycopg", "pydantic_ai", "opentelemetry.sdk", "uvicorn"}


def read_imports(*arguments: str) -> set[str]:
    """All modules that a command has imported in the end, by their names and their parents'."""
    program = (
        "import atexit, sys; atexit.register(lambda: print(*sys.modules, file=sys.stderr));"
        f"sys.argv[1:] = {arguments!r}; from supajobs.cli import app; app()"
    )
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    )
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",)])
def test_what_asks_nobody_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert not read_imports(*arguments) & (HEAVY | SERVING)


@pytest.mark.parametrize("command", ["jobs", "queue"])
def test_what_reads_jobs_imports_nothing_that_serves(command: str) -> None:
    assert not read_imports(command, "--help") & SERVING


@pytest.mark.parametrize("name", PLACES)
def test_the_list_says_what_the_commands_say_of_themselves(name: str) -> None:
    told = (PLACES[name].load().help or "").split("\n\n")[0].replace("\n", " ")
    assert told.startswith(PLACES[name].help)


def test_the_version_is_that_of_the_package() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "supajobs", "--version"], check=True, capture_output=True, text=True
    )
    assert done.stdout == f"{importlib.metadata.version('supajobs')}\n"
