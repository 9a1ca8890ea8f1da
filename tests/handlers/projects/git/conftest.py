import tempfile
from collections.abc import AsyncGenerator, Callable, Generator
from pathlib import Path

import pytest
from tests.handlers.projects.git.forge import Forge, make_certificates, serving

from supajobs import addresses
from supajobs.handlers.projects.git import FetchLimits, program

LIMITS = FetchLimits(max_bytes=50 * 2**20, max_file_bytes=100_000, max_files=20_000, seconds=60)


@pytest.fixture
def limits() -> FetchLimits:
    return LIMITS


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Path]:
    """Where the folders of fetches are, of which each test leaves none."""
    folders = tmp_path / "folders"
    folders.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folders))
    yield folders
    assert list(folders.iterdir()) == []


@pytest.fixture
async def forge(
    tmp_path: Path,
    certificates: tuple[Path, Path],
    monkeypatch: pytest.MonkeyPatch,
    resolve: Callable[..., list[str]],
) -> AsyncGenerator[Forge]:
    """A forge on this machine, which for this test is as public as any."""
    authority, certificate = certificates
    monkeypatch.setattr(addresses, "is_public", bool)
    monkeypatch.setitem(program.CONFIG, "http.sslCAInfo", str(authority))
    resolve("127.0.0.1")
    root = tmp_path / "forge"
    root.mkdir()
    with serving(root, certificate) as forge:
        yield forge
