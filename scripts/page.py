"""Builds the page, or runs a script of its package.json, with the Node of the embedded stack."""

import os
import sys

from supajobs.local.node import NODE, NPM
from supajobs.local.page import WEB, build_page, install_tools


def main() -> None:
    if len(sys.argv) == 1:
        print(build_page())  # noqa: T201 - for who wants to look at it
    else:
        install_tools()  # what is built may be there without them, of another checkout
        os.chdir(WEB)
        # What npm runs begins with `env node`.
        os.environ["PATH"] = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
        os.execv(NODE, [NODE, NPM, "run", *sys.argv[1:]])  # noqa: S606 - npm, in place of this program


main()
