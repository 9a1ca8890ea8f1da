"""The queues of the Node world: their packages, and what runs in them."""

import json
import subprocess
from pathlib import Path
from typing import Any

from supajobs.local.node import NODE

DIRECTORY = Path(__file__).parent / "node"


def read_version(package: str) -> str:
    manifest = DIRECTORY / "node_modules" / package / "package.json"
    return json.loads(manifest.read_text())["version"]


def make_command(script: str, *arguments: object) -> list[str]:
    return [str(NODE), str(DIRECTORY / script), *map(str, arguments)]


def record_statements(system: str, url: str) -> dict[str, dict[str, Any]]:
    """Installs the queue in the database; tells what its package sends for each of our verbs."""
    command = make_command("statements.mjs", system, url)
    answer = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return json.loads(answer.stdout)


def read_node_version() -> str:
    return subprocess.check_output([str(NODE), "--version"], text=True).strip().removeprefix("v")
