"""Runs a script of clients/typescript/package.json, with the Node of the embedded stack."""

import os
import sys
from pathlib import Path

from supajobs.local.node import NODE, NPM
from supajobs.local.packages import link_node_modules

CLIENT = Path(__file__).parents[1] / "clients" / "typescript"


def main() -> None:
    link_node_modules(CLIENT)
    os.chdir(CLIENT)
    # What npm runs begins with `env node`.
    os.environ["PATH"] = f"{NODE.parent}{os.pathsep}{os.environ['PATH']}"
    os.execv(NODE, [NODE, NPM, "run", *sys.argv[1:]])  # noqa: S606 - npm, in place of this program


main()
