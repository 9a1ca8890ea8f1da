from collections.abc import Generator
from pathlib import Path

import pytest

from supajobs.local.packages import npm_ci
from supajobs.local.stack import Stack, StackInfo

HERE = Path(__file__).parent
INSTALLED = HERE / "node_modules" / ".package-lock.json"


@pytest.fixture(scope="session")
def entry() -> Path:
    """The official CLI, as a module for Node."""
    lock = HERE / "package-lock.json"
    if not INSTALLED.exists() or INSTALLED.stat().st_mtime < lock.stat().st_mtime:
        npm_ci(HERE)
        INSTALLED.touch()
    return HERE / "node_modules" / "supabase" / "dist" / "supabase.js"


@pytest.fixture
def empty(tmp_path: Path) -> Generator[StackInfo]:
    """A stack that has never seen our migrations."""
    stack = Stack(tmp_path / "stack", project=tmp_path)
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)
