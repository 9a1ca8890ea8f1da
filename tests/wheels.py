"""Files of packages, fetched once per machine."""

import subprocess
import sys
from hashlib import sha256
from pathlib import Path

from supajobs.local.packages import keep


def fetch(*locks: str) -> Path:
    """The folder with what the locks pin. It is kept, under a name of its own for each content."""

    def download(into: Path) -> None:
        for lock in locks:
            subprocess.run(  # noqa: S603 - our own arguments
                [
                    *(sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"),
                    *("--no-build-isolation", "--require-hashes"),
                    *("--requirement", "/dev/stdin", "--dest", into),
                ],
                input=lock,
                text=True,
                check=True,
            )

    digest = sha256("\n".join(locks).encode()).hexdigest()[:16]
    return keep(f"wheels-{digest}", download, "packages for tests")
