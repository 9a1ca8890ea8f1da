"""Builds the page, and runs a script of its package.json, with the Node of the embedded stack."""

import os
import sys

from supajobs.local.node import NODE, NPM
from supajobs.local.page import WEB, build_page


def main() -> None:
    print(build_page())  # noqa: T201 - for who wants to look at it
    if len(sys.argv) > 1:
        os.chdir(WEB)
        # What npm runs begins with `env node`.
        os.environ["PATH"] = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
        os.execv(NODE, [NODE, NPM, "run", *sys.argv[1:]])  # noqa: S606 - npm, in place of this program


main()
