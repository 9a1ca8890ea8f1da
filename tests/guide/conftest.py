"""The handbook as its reader has it: all the files that it shows, in one folder."""

import sys
from collections.abc import Callable, Generator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from psycopg.rows import dict_row
from tests.parts import Sql
from tests.shown import GUIDE, find_shown, write_files

from supajobs.local.stack import StackInfo


@pytest.fixture(scope="module")
def handbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handbook")
    for page in sorted(GUIDE.glob("*.md")):
        write_files(page, folder)
    return folder


@pytest.fixture
def load(handbook: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[[str], Any]]:
    """Imports a file of the handbook, anew in each test."""
    monkeypatch.setattr(sys, "path", [str(handbook), *sys.path])
    monkeypatch.chdir(handbook)
    yield import_module
    for path in handbook.glob("*.py"):
        sys.modules.pop(path.stem, None)


@pytest.fixture(scope="module")
def rows(stack: StackInfo) -> None:
    """Those of the job types, as their pages say."""
    with Sql.connect(stack.db_url, autocommit=True, row_factory=dict_row) as sql:
        for page in ("handlers", "errors", "steps", "schedules", "waits", "flows"):
            for statement in find_shown(GUIDE / f"{page}.md", "sql"):
                sql.execute(statement.encode())
