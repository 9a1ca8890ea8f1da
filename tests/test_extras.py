"""How somebody gets an extra, by where their supajobs came from."""

from importlib.metadata import Distribution, PathDistribution
from pathlib import Path

import pytest

from supajobs import extras


@pytest.mark.parametrize(
    ("origin", "command"),
    [
        (None, "pip install 'supajobs[local]'"),
        (
            '{"url": "file:///my%20own/supajobs.whl", "archive_info": {}}',
            "pip install 'supajobs[local] @ file:///my%20own/supajobs.whl'",
        ),
        (
            '{"url": "file:///src/supajobs", "dir_info": {"editable": true}}',
            "pip install --editable '/src/supajobs[local]'",
        ),
        (
            '{"url": "ssh://a", "subdirectory": "c", "vcs_info": {"vcs": "git", "commit_id": "1"}}',
            "pip install 'supajobs[local] @ git+ssh://a@1#subdirectory=c'",
        ),
    ],
)
def test_an_extra_comes_from_where_the_package_came_from(
    origin: str | None, command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if origin:
        (tmp_path / "direct_url.json").write_text(origin)

    def find(_name: str) -> Distribution:
        return PathDistribution(tmp_path)

    monkeypatch.setattr(extras, "distribution", find)
    assert extras.install_command("local") == command
