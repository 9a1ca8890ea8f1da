"""scripts/install, with a small project against a folder of packages that has newer ones, too.

All is as on the day after a release: the packages of the locks are there, and so are newer versions
of them, under an extra and as what others are built with. None of these may be looked at.
"""

import re
import shutil
import subprocess
import sys
from compileall import compile_dir
from dataclasses import dataclass
from pathlib import Path
from py_compile import PycInvalidationMode
from zipfile import ZipFile

import pytest
from tests.parts import PROJECT
from tests.tiny_packages import BUILDER, PYPROJECT, make_source, make_wheel, pin
from tests.wheels import fetch

from supajobs.local.packages import keep

pytestmark = pytest.mark.timeout(300)  # the first time, pip and uv come from the network
# The oldest that a Python 3.11 brings, that of 3.11.7, and the newest there is.
PIPS = {
    "22.3": "1daab4b8d3b97d1d763caeb01a4640a2250a0ea899e257b1e44b9eded91e15ab",
    "23.2.1": "7ccf472345f20d35bdc9d1841ff5f313260c2c33fe417f48c30ac46cccabf5be",
    "26.3": "f3b60b20ffaadd4415ed7957212a38ac63fa4c5fa375bd0f4a797777940fad13",
}


@dataclass(frozen=True)
class Project:
    """A small one with the real scripts/install, and the packages that it finds."""

    root: Path
    packages: Path

    def lock(self, *names: str) -> None:
        pins = [pin(self.packages, name, "1.0") for name in names]
        (self.root / "requirements.lock").write_text("".join(pins) + find_uv())

    def install(self, pip: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run it with a Python that brings this pip."""
        python = self.root.parent / "python"
        python.write_text(
            f'#!/bin/sh -e\n[ "$2" = venv ] || exec {sys.executable} "$@"\n'
            f"{vars(sys)['_base_executable']} -m venv --without-pip .venv\n"
            f"cp -R {unpack(pip)}/. .venv/lib/python*/site-packages\n"
        )
        python.chmod(0o755)
        return subprocess.run(  # noqa: S603 - our own script
            [self.root / "scripts" / "install"],
            env={
                "PATH": "/usr/bin:/bin",
                "HOME": str(self.root.parent),
                "PYTHON": str(python),
                "PIP_NO_INDEX": "1",
                "PIP_FIND_LINKS": f"{self.packages} {fetch(find_uv())}",
                **environment,
            },
            check=False,
            capture_output=True,
            text=True,
        )

    @property
    def installed(self) -> set[str]:
        """What there is, as `name-version`; no stamp says that all is done where it is not."""
        found = self.root.glob(".venv/lib/python*/site-packages/*.dist-info")
        return {path.stem for path in found if not path.name.startswith(("pip-", "uv-"))}


def unpack(pip: str) -> Path:
    """This pip, compiled: in each new .venv it would compile itself again."""

    def install(into: Path) -> None:
        [wheel] = fetch(f"pip=={pip} --hash=sha256:{PIPS[pip]}\n").iterdir()
        ZipFile(wheel).extractall(into)
        mode = PycInvalidationMode.UNCHECKED_HASH  # a copy has other times
        compile_dir(into, quiet=1, invalidation_mode=mode)

    return keep(f"pip-{pip}-{sys.implementation.cache_tag}", install, f"pip {pip} for tests")


def find_uv() -> str:
    """As the lock has it."""
    lock = (PROJECT / "requirements.lock").read_text()
    found = re.search(r"^uv==.*?# via.*?\n", lock, re.MULTILINE | re.DOTALL)
    assert found
    return found[0]


@pytest.fixture
def project(tmp_path: Path) -> Project:
    packages, root = tmp_path / "packages", tmp_path / "project"
    packages.mkdir()
    (root / "scripts").mkdir(parents=True)
    shutil.copy(PROJECT / "scripts" / "install", root / "scripts")
    (root / "pyproject.toml").write_text(PYPROJECT.format(name="project", version="1.0"))

    make_wheel(packages, "carrier", "1.0", needs="carried[more]>=1")
    for version in ("1.0", "2.0"):
        make_wheel(packages, "carried", version, needs="other>=1; extra == 'more'")
        make_wheel(packages, "other", version)
    make_wheel(packages, "builder", "1.0", module=BUILDER)
    make_wheel(packages, "builder", "2.0", module="raise SystemExit('newer than the lock')")
    make_source(packages, "sourced", "1.0")

    made = Project(root, packages)
    made.lock("carrier", "carried", "other", "sourced")
    (root / "requirements-build.lock").write_text(pin(packages, "builder", "1.0"))
    return made


PACKAGES = ["builder", "carrier", "carried", "other", "sourced", "project"]
INSTALLED = {f"{name}-1.0" for name in PACKAGES}


@pytest.mark.parametrize("pip", PIPS)
def test_pip_installs_what_is_locked(project: Project, pip: str) -> None:
    done = project.install(pip)
    assert done.returncode == 0, done.stderr
    assert project.installed == INSTALLED
    assert "Installing 5 Python packages" in done.stderr


@pytest.mark.parametrize("pip", [min(PIPS), max(PIPS)])
def test_uv_installs_what_is_locked(project: Project, pip: str) -> None:
    done = project.install(pip, UV_FIND_LINKS=str(project.packages), UV_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    assert project.installed == INSTALLED
    assert "Installed 4 packages" in done.stderr  # uv's words, not pip's


def test_pip_goes_on_where_uv_fetches_nothing(project: Project) -> None:
    done = project.install(max(PIPS), UV_FIND_LINKS="/nowhere", UV_OFFLINE="1")
    assert done.returncode == 0, done.stderr
    assert project.installed == INSTALLED


@pytest.mark.parametrize("guard", ["--no-deps", "--no-build-isolation"])
def test_without_its_guards_it_meets_what_is_newer(project: Project, guard: str) -> None:
    script = project.root / "scripts" / "install"
    script.write_text(script.read_text().replace(f" {guard}", ""))
    done = project.install("23.2.1")
    assert done.returncode != 0
    assert {"--no-deps": "carried", "--no-build-isolation": "newer than the lock"}[guard] in (
        done.stdout + done.stderr
    )


@pytest.mark.parametrize("missing", ["other", "carried"])
def test_a_lock_that_lacks_something_is_noticed(project: Project, missing: str) -> None:
    make_wheel(project.packages, "carried", "1.0", needs="other>=1")
    project.lock(*({"carrier", "carried", "other", "sourced"} - {missing}))
    for environment in ({}, {"UV_FIND_LINKS": str(project.packages), "UV_OFFLINE": "1"}):
        done = project.install("23.2.1", **environment)
        assert done.returncode != 0
        assert missing in done.stdout + done.stderr
        assert not (project.root / ".venv" / "installed").exists()


def test_what_is_done_is_not_done_again(project: Project) -> None:
    assert project.install(max(PIPS)).returncode == 0
    again = project.install(max(PIPS))
    assert (again.returncode, again.stdout, again.stderr) == (0, "", "")
    project.lock("carrier", "carried", "other")
    assert "Installing 4" in project.install(max(PIPS)).stderr


def test_nothing_resolves_what_has_hashes() -> None:
    hashed = "--require" + "-hashes"
    command = [*("git", "grep", "--name-only", "--fixed-strings", "--"), hashed]
    found = subprocess.run(  # noqa: S603 - our own arguments
        command, cwd=PROJECT, check=True, capture_output=True, text=True
    )
    assert "scripts/install" in found.stdout
    for name in found.stdout.split():
        words = re.findall(r"[\w-]+", (PROJECT / name).read_text())
        for at in [at for at, word in enumerate(words) if word == hashed]:
            assert {"--no-deps", "--no-build-isolation"} <= set(words[at - 8 : at]), name
