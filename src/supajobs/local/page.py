"""The user's page that `supajobs dev` serves: its files, and how a checkout makes them."""

import fcntl
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from supajobs.local.errors import LocalStackError
from supajobs.local.node import NODE
from supajobs.local.packages import (
    fingerprint,
    install_npm_packages,
    keep,
    link_node_modules,
    point,
)

_INSTALLED = Path(__file__).parent / "page"
_CHECKOUT = Path(__file__).parents[3]
WEB = _CHECKOUT / "examples" / "web"
CLIENT = _CHECKOUT / "clients" / "typescript"


def find_page() -> Path | None:
    """The folder with its built files. A checkout makes them where they are not those of its code.

    None: the package was built without them.

    Raises:
        LocalStackError: they cannot be made; the message carries the last lines that say why.
    """
    if _INSTALLED.is_dir():
        return _INSTALLED
    return build_page() if WEB.is_dir() else None


def build_page() -> Path:
    """Makes them from the code of the checkout, and puts them where a wheel takes them from.

    Raises:
        LocalStackError: see find_page.
    """
    sources = [*_list_sources(WEB), *_list_sources(CLIENT / "src"), CLIENT / "package-lock.json"]
    built = keep(f"page-{fingerprint(sources)}", _build, "the page")
    point(WEB / "dist", built)
    return built


def install_tools() -> None:
    """Installs what the page is built with, which is the client of this checkout, too.

    Raises:
        LocalStackError: see find_page.
    """
    link_node_modules(CLIENT)
    with _alone():
        _run(CLIENT, "typescript/bin/tsc", "--project", "tsconfig.build.json")
        _install_packages()


def _list_sources(folder: Path) -> list[Path]:
    """All but what is made from them."""
    made = {"dist", "node_modules"}
    return sorted(
        file
        for top in folder.iterdir()
        if top.name not in made
        for file in (top.rglob("*") if top.is_dir() else [top])
        if file.is_file()
    )


def _build(root: Path) -> None:
    install_tools()
    with _alone():
        _run(WEB, "vite/bin/vite.js", "build", "--outDir", str(root), "--logLevel", "warn")


@contextmanager
def _alone() -> Generator[None]:
    """Others that build it in this checkout wait."""
    with (WEB / "package.json").open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _install_packages() -> None:
    """Beside the page and not in the cache, for one of them is the client of this checkout."""
    lock, installed = WEB / "package-lock.json", WEB / "node_modules" / "installed.json"
    if not (installed.exists() and installed.read_bytes() == lock.read_bytes()):
        install_npm_packages(WEB)
        installed.write_bytes(lock.read_bytes())


def _run(folder: Path, program: str, *arguments: str) -> None:
    result = subprocess.run(  # noqa: S603 - a constant command with paths of our own
        [NODE, folder / "node_modules" / program, *arguments],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    if result.returncode:
        reason = "\n".join((result.stdout + result.stderr).strip().splitlines()[-8:])
        raise LocalStackError(f"The page could not be built:\n{reason}")
