from collections.abc import Generator
from pathlib import Path

import pytest

from supajobs.local.packages import install_node_modules
from supajobs.local.stack import Stack, StackInfo

HERE = Path(__file__).parent


@pytest.fixture(scope="session")
def entry() -> Path:
    """The official CLI, as a module for Node."""
    return install_node_modules(HERE) / "supabase" / "dist" / "supabase.js"


@pytest.fixture
def empty(tmp_path: Path) -> Generator[StackInfo]:
    """A stack that has never seen our migrations."""
    stack = Stack(tmp_path / "stack", project=tmp_path)
    try:
        yield stack.up()
    finally:
        stack.down(purge=True)
