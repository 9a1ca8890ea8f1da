"""Pushing migrations to a project, by the official CLI."""

import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

HOSTED = ".supabase.co"


class Push(NamedTuple):
    """A call of the official CLI: what is run, and how it is shown."""

    arguments: list[str]
    shown: str

    def run(self, directory: Path) -> bool:
        """Whether it went well. What it says is for the terminal."""
        return subprocess.run(self.arguments, cwd=directory, check=False).returncode == 0  # noqa: S603 - the CLI that is on PATH


def plan_push(directory: Path, supabase_url: str, env: Mapping[str, str]) -> Push | None:
    """How this directory's migrations get to the project; None if the CLI does not know the way.

    It needs SUPABASE_DB_URL, or the directory linked to the project (`supabase link`).
    """
    if (command := _find_command()) is None:
        return None
    # Other migrations of the project may be newer than ours.
    push = [*command, "db", "push", "--include-all", "--yes"]
    if db_url := env.get("SUPABASE_DB_URL"):
        shown = " ".join([*push, "--db-url", "$SUPABASE_DB_URL"])
        return Push([*push, "--db-url", db_url], shown)
    linked = find_linked_project(directory)
    if linked and linked == tell_project_ref(supabase_url):
        return Push(push, " ".join(push))
    return None


def _find_command() -> list[str] | None:
    if shutil.which("supabase"):
        return ["supabase"]
    return ["npx", "--yes", "supabase"] if shutil.which("npx") else None


def find_linked_project(directory: Path) -> str | None:
    """The ref of the project that `supabase link` has linked the directory to."""
    file = directory / "supabase" / ".temp" / "project-ref"
    return file.read_text().strip() if file.exists() else None


def tell_project_ref(supabase_url: str) -> str | None:
    """The ref in a hosted project's address."""
    host = urlsplit(supabase_url).hostname or ""
    return host.removesuffix(HOSTED) if host.endswith(HOSTED) else None


def tell_commands(supabase_url: str) -> list[str]:
    """What to type where nothing else is known."""
    ref = tell_project_ref(supabase_url) or "<project-ref>"
    return [
        "npx supabase login",
        f"npx supabase link --project-ref {ref}",
        "npx supabase db push --include-all",
    ]
