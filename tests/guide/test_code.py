"""What holds for all code that README and handbook show."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from tests.parts import PROJECT
from tests.shown import GUIDE, PAGES, read_shown, write_files

OTHERS = {"", "dockerfile", "json", "sh", "sql", "toml", "yaml"}
"""What is no file of a program. test_pages.py has the commands and the statements."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(PROJECT)))
def test_all_of_a_program_is_in_files_that_tests_can_run(page: Path) -> None:
    for shown in read_shown(page):
        assert shown.language in OTHERS or shown.title, shown.text


def test_types_are_strict(tmp_path: Path) -> None:
    for page in PAGES:
        own = "_".join(page.relative_to(PROJECT).with_suffix("").parts)
        write_files(page, tmp_path / ("guide" if page.parent == GUIDE else own))
    settings = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": ["guide"]}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings))
    checker = Path(sys.executable).with_name("basedpyright")
    checked = subprocess.run(  # noqa: S603 - our own arguments
        [checker, "--pythonpath", sys.executable, "--project", tmp_path],
        check=False,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout
    assert "0 errors, 0 warnings" in checked.stdout


def test_the_handbook_leads_to_all_of_its_pages() -> None:
    config = tomllib.loads((PROJECT / "zensical.toml").read_text())["project"]
    docs = PROJECT / config["docs_dir"]
    named = set(list_pages(config["nav"]))
    assert named >= {str(page.relative_to(docs)) for page in GUIDE.glob("*.md")}
    assert all((docs / page).is_file() for page in named)


def list_pages(nav: Any) -> list[str]:
    if isinstance(nav, str):
        return [nav]
    entries: list[Any] = [*nav.values()] if isinstance(nav, dict) else nav
    return [page for entry in entries for page in list_pages(entry)]
