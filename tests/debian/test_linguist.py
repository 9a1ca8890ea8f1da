"""Languages against Debian's own Linguist, on real trees: Python packages from the registry."""

import json
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest
from tests.handlers.projects.repositories import Repository

from supajobs.handlers.projects.git import FetchLimits, Source, fetch
from supajobs.handlers.projects.skills import find_skills

LINGUIST = shutil.which("github-linguist")
SITE_PACKAGES = Path(sysconfig.get_paths()["purelib"])
LIMITS = FetchLimits(max_bytes=10**9, max_file_bytes=10**8, max_files=10**5, seconds=300)
POINTS = 2.0

pytestmark = pytest.mark.skipif(
    LINGUIST is None, reason="Debian's Linguist is not here: scripts/test_cron installs it"
)


@pytest.fixture(params=["playwright", "greenlet", "aiohttp", "schemathesis", "sqlfluff"])
def repository(request: pytest.FixtureRequest, tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / request.param)
    shutil.copytree(
        SITE_PACKAGES / request.param,
        repository.folder,
        dirs_exist_ok=True,
        ignore=shutil.ignore_patterns("__pycache__", ".gitignore"),
    )
    repository.commit({})
    return repository


@pytest.fixture
def shares(repository: Repository) -> dict[str, float]:
    """What Linguist says."""
    printed = subprocess.run(  # noqa: S603 - our own arguments
        [str(LINGUIST), "--json", str(repository.folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    languages = json.loads(printed.stdout).items()
    return {name: float(each["percentage"]) for name, each in languages}


async def test_shares_are_within_two_points(
    repository: Repository, shares: dict[str, float]
) -> None:
    async with fetch(Source(repository.url, allow_files=True), limits=LIMITS) as tree:
        skills = await find_skills(tree, lambda _share: None)
    ours = {each.name: each.share for each in skills.languages}
    assert shares
    for name in ours.keys() | shares.keys():
        assert abs(ours.get(name, 0) - shares.get(name, 0)) <= POINTS, (name, ours, shares)
