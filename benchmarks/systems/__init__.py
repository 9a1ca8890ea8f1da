"""Each queue behind the same few verbs, with the statements that its own package sends."""

import contextlib
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager

from benchmarks.server import Server
from benchmarks.system import System
from benchmarks.systems import floor, graphile, pgboss, pgmq, pgqueuer, procrastinate, supajobs

INSTALLS: list[Callable[[Server], AbstractContextManager[System]]] = [
    floor.install,
    supajobs.install,
    pgmq.install,
    pgqueuer.install,
    procrastinate.install,
    pgboss.install,
    graphile.install,
]


@contextlib.contextmanager
def install_all(server: Server) -> Generator[list[System]]:
    """Fresh ones; everything of theirs is dropped in the end."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(install(server)) for install in INSTALLS]
