"""Running parts of the project as programs of their own."""

import subprocess
import sys
from pathlib import Path
from typing import Any

CLI = "from supajobs.local.cli import app; app()"


def start(argv: list[str], *, cwd: Path, **options: Any) -> subprocess.Popen[str]:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen(  # noqa: S603 - our own programs
        argv, cwd=cwd, text=True, **pipes, **options
    )


def start_cli(*arguments: str, cwd: Path, **options: Any) -> subprocess.Popen[str]:
    """Start `supajobs local …`."""
    return start([sys.executable, "-c", CLI, *arguments], cwd=cwd, **options)
