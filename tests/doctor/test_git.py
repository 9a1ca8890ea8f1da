from collections.abc import Generator
from pathlib import Path

import pytest
from tests.doctor.findings import Diagnose, not_ok

from supajobs.handlers.projects.git.program import find_git

WANTED = {"job_families": "training_plan,projects"}


@pytest.fixture
def git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """Where this machine's only git would be: there is none."""
    monkeypatch.setenv("PATH", str(tmp_path))
    find_git.cache_clear()
    yield tmp_path / "git"
    find_git.cache_clear()


def install(git: Path, version: str) -> None:
    git.write_text(f"#!/bin/sh\necho git version {version}\n")
    git.chmod(0o700)


@pytest.mark.usefixtures("git")
async def test_no_git(diagnose: Diagnose) -> None:
    findings = await diagnose(**WANTED)
    assert not_ok(findings) == {"git": "error"}
    assert findings["git"].message == (
        "Jobs of projects fail on this machine: git is not installed: it takes 2.37 or newer."
    )
    assert "apt-get install git" in str(findings["git"].remedy)


async def test_an_old_git(diagnose: Diagnose, git: Path) -> None:
    install(git, "2.36.6")
    findings = await diagnose(**WANTED)
    assert not_ok(findings) == {"git": "error"}
    assert findings["git"].message.endswith("it takes 2.37 or newer; git version 2.36.6.")


async def test_a_git_that_will_do(diagnose: Diagnose, git: Path) -> None:
    install(git, "2.37.0")
    findings = await diagnose(**WANTED)
    assert not_ok(findings) == {}
    assert str(git) in findings["git"].message


@pytest.mark.usefixtures("git")
async def test_who_does_not_want_projects_hears_nothing_of_git(diagnose: Diagnose) -> None:
    assert "git" not in await diagnose(job_families="training_plan")
