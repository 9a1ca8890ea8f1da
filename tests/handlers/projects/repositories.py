"""Repositories that tests make with git itself."""

import os
import subprocess
from pathlib import Path

_AS_NOBODY = {
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "A Tester",
    "GIT_AUTHOR_EMAIL": "tester@example.com",
    "GIT_COMMITTER_NAME": "A Tester",
    "GIT_COMMITTER_EMAIL": "tester@example.com",
}


class Repository:
    """One in a folder, with a branch `main` that files are committed to."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.folder = folder
        self.git("init", "--quiet", "--initial-branch=main")

    @property
    def url(self) -> str:
        return self.folder.as_uri()

    def git(self, *arguments: str) -> str:
        ran = subprocess.run(  # noqa: S603 - the tests' own arguments
            ["git", *arguments],  # noqa: S607 - the one that is tried
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **_AS_NOBODY},
            check=True,
            capture_output=True,
            text=True,
        )
        return ran.stdout.strip()

    def commit(self, files: dict[str, str]) -> str:
        """The commit in which these files have these contents."""
        for path, content in files.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", "A step")
        return self.git("rev-parse", "HEAD")
