"""How the tests are shared out among the workers of pytest-xdist, each with a stack of its own.

A file goes to one worker as a whole, since its tests share what is costly to set up. What takes
long begins first, so that nobody waits for it in the end.
"""

from xdist.scheduler import (  # pyright: ignore[reportMissingTypeStubs] - its types are inside
    LoadScopeScheduling,
)

TOGETHER = ("tests/clients/", "tests/doctor/", "tests/faults/", "tests/local/")
"""Folders whose files share a stack of their own, a count, or what was built."""
APART = ("tests/model/test_mutations.py",)
"""Files whose tests share nothing but take long."""
FIRST = (
    "tests/model/test_model.py",
    "tests/faults/",
    "tests/benchmarks/",
    "tests/clients/",
    "tests/api/test_fuzz.py",
    "tests/test_dockerfile.py",
    "tests/test_install.py",
    "tests/test_own_project.py",
    "tests/test_starter.py",
    "tests/test_demo.py",
    "tests/model/test_mutations.py",
    "tests/local/",
    "tests/doctor/",
    "tests/test_triggers.py",
    "tests/cli/",
    "tests/test_pgtap.py",
)


class Sharing(LoadScopeScheduling):
    """By files, but for the exceptions above."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(APART):
            return nodeid
        file = nodeid.partition("::")[0]
        return next((folder for folder in TOGETHER if file.startswith(folder)), file)


def turn(nodeid: str) -> int:
    """When a test has its turn: those that take long before all others."""
    return next((at for at, begin in enumerate(FIRST) if nodeid.startswith(begin)), len(FIRST))
