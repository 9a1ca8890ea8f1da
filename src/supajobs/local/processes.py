"""Background processes that outlive the command which started them."""

import atexit
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TypedDict

import psutil
from pydantic import BaseModel, ConfigDict

from supajobs.local.errors import LocalStackError

# A process started from here is our child until we exit: somebody has to reap it.
_children: dict[int, subprocess.Popen[bytes]] = {}


@atexit.register
def _reap() -> None:
    for child in _children.values():
        child.poll()


class User(NamedTuple):
    """Whom a process runs as, when not as ourselves."""

    uid: int
    gid: int


class _Identity(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def run_as(user: User | None) -> _Identity:
    """Return the arguments of `subprocess` that make a command run as somebody else."""
    return {"user": user.uid, "group": user.gid, "extra_groups": []} if user else {}


class ProcessRef(BaseModel):
    """A process that stays recognisable after its pid was given to another one."""

    model_config = ConfigDict(frozen=True)

    pid: int
    created: float

    @property
    def alive(self) -> bool:
        """Whether it is this process that runs under the pid."""
        try:
            process = psutil.Process(self.pid)
            # Start times are based on the boot time, which moves when the clock is corrected.
            if abs(process.create_time() - self.created) > 2:  # noqa: PLR2004 - seconds
                return False
            if process.status() != psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return False
        if child := _children.pop(self.pid, None):
            child.wait()
        return False

    def stop(self, sig: signal.Signals = signal.SIGTERM, *, timeout: float = 10) -> None:
        """Send the signal, wait until the process is gone, kill it after `timeout` seconds."""
        for attempt, seconds in ((sig, timeout), (signal.SIGKILL, 5)):
            if not self.alive:
                return
            with suppress(ProcessLookupError):
                os.kill(self.pid, attempt)
            wait_until(lambda: not self.alive, timeout=seconds)


def spawn(
    argv: list[str],
    *,
    log: Path,
    cwd: Path,
    environment: Mapping[str, str] | None = None,
    user: User | None = None,
) -> ProcessRef:
    """Start a process in a session of its own, so that the terminal's Ctrl-C does not reach it."""
    with log.open("ab") as output:
        log.chmod(0o600)  # statements and errors in it hold keys and tokens
        child = subprocess.Popen(  # noqa: S603 - the stack's own commands
            argv,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=cwd,
            env=environment,
            start_new_session=True,
            **run_as(user),
        )
    _children[child.pid] = child
    return ProcessRef(pid=child.pid, created=psutil.Process(child.pid).create_time())


def find(matches: Callable[[psutil.Process], bool]) -> list[ProcessRef]:
    """Return the running processes for which `matches` holds, as far as we may look at them."""
    found: list[ProcessRef] = []
    for process in psutil.process_iter():
        try:
            if matches(process):
                found.append(ProcessRef(pid=process.pid, created=process.create_time()))
        except psutil.Error:
            continue
    return found


def stop_all(recorded: ProcessRef | None, argv: list[str]) -> None:
    """Stop the recorded process and any other with the same arguments.

    There is another one if a command died between starting a process and writing it down.
    """
    if recorded:
        recorded.stop()
    for forgotten in find(lambda process: process.cmdline()[1:] == argv[1:]):
        forgotten.stop()


def wait_until(condition: Callable[[], bool], *, timeout: float) -> bool:
    """Wait until the condition holds; tell whether it did within `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not (holds := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return holds


def wait_until_ready(
    process: ProcessRef, is_ready: Callable[[], bool], *, name: str, log: Path, timeout: float = 30
) -> None:
    """Wait until a freshly started process serves.

    Raises:
        LocalStackError: it exited or did not get ready in time; the message ends with its log.
    """
    wait_until(lambda: not process.alive or is_ready(), timeout=timeout)
    if process.alive and is_ready():
        return
    outcome = "does not answer" if process.alive else "exited while starting"
    process.stop(signal.SIGKILL)
    tail = "\n".join(log.read_text(errors="replace").splitlines()[-8:])
    raise LocalStackError(f"{name} {outcome}; the end of {log}:\n{tail}")


def free_port(preferred: int | None = None) -> int:
    """Return the preferred port if nobody listens on it, else one that the system picks."""
    for port in (preferred or 0, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise LocalStackError("the system has no free port on 127.0.0.1")
