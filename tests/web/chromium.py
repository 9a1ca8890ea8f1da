"""A browser for tests: Chromium as a package of npm brings it, with its libraries and fonts.

So it is the same everywhere, and needs no root; what it draws does not depend on the machine.
"""

import os
import platform
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from supajobs.local.node import NODE
from supajobs.local.packages import fingerprint, install_node_modules, keep

HERE = Path(__file__).parent
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir prefix="relative">fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
"""
UNPACK = "import chromium from '@sparticuz/chromium'; await chromium.executablePath()"
FLAGS = [
    "--no-sandbox",  # for root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Chromium:
    """Where its parts lie."""

    root: Path

    @property
    def program(self) -> Path:
        return self.root / "chromium"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if name != "DISPLAY"},
            "LD_LIBRARY_PATH": str(self.root / "al2023" / "lib"),
            "FONTCONFIG_PATH": str(self.root / "fonts"),
        }


def why_not() -> str | None:
    """Why it cannot be had on this machine, if so."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        return f"the Chromium of the tests runs on Linux x86_64, not on this {platform.machine()}"
    return None


def install() -> Chromium:
    """Unpacks it, once on a machine."""
    modules = install_node_modules(HERE)

    def unpack(root: Path) -> None:
        (root / "node_modules").symlink_to(modules)
        subprocess.run(  # noqa: S603 - our own arguments
            [NODE, "--input-type=module", "--eval", UNPACK],
            cwd=root,
            # It unpacks its libraries only where it takes itself to be at home.
            env={"TMPDIR": str(root), "AWS_EXECUTION_ENV": "AWS_Lambda_nodejs24.x"},
            check=True,
        )
        # Its own looks for them below /tmp; without any, Chromium ends at the first text.
        (root / "fonts" / "fonts.conf").write_text(FONTS)

    name = f"chromium-{fingerprint([HERE / 'package-lock.json', Path(__file__)])}"
    return Chromium(keep(name, unpack, "Chromium"))


def read_axe() -> str:
    """axe-core, as a script."""
    return (install_node_modules(HERE) / "axe-core" / "axe.min.js").read_text()
