"""`supajobs dev`: the local stack and the programs that use it, together in one terminal."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from contextlib import contextmanager, suppress
from fnmatch import fnmatch
from itertools import cycle
from pathlib import Path
from threading import Thread
from typing import IO

from rich.console import Console
from rich.text import Text
from watchfiles import Change, PythonFilter, watch

from supajobs.hangup import end_with_the_terminal
from supajobs.local.errors import LocalStackError
from supajobs.local.stack import Stack, StackInfo

Environment = Mapping[str, str]

COMMANDS = {
    "api": [sys.executable, "-m", "supajobs", "api"],
    "work": [sys.executable, "-m", "supajobs", "work"],
}
_COLOURS = ["cyan", "magenta", "yellow", "green"]
_GRACE_SECONDS = 20  # for the jobs' grace, and what a program takes to end after it
_POLL_SECONDS = 0.1


def run(
    stack: Stack,
    *,
    commands: Mapping[str, list[str]] = COMMANDS,
    given: Environment = os.environ,
    prepare: Callable[[StackInfo, Environment], None] = lambda _info, _environment: None,
    watched: Path | None = None,
) -> int:
    """Run the stack and the commands until Ctrl-C, SIGTERM, SIGHUP, or until one of them ends.

    The commands see what is `given`, the variables of the stack and a CRON_SECRET (the given one,
    or a random one). `prepare` is called with them when the stack is up, before the commands start.
    A stack that was up before stays up.

    There is one at a time on a stack: the trigger can be pointed at one alone.

    Where a folder is `watched`, they start anew when code, SQL or an .env in it changes, and new
    migrations are applied; a command that ends is then waited for to be mended.

    Returns:
        The exit code: 0 when told to stop, 1 when a command ended by itself.

    Raises:
        LocalStackError: the stack did not start, or another one runs on it.
    """
    with stack.reserved():
        return _run(stack, commands, given, prepare, watched)


def _run(
    stack: Stack,
    commands: Mapping[str, list[str]],
    given: Environment,
    prepare: Callable[[StackInfo, Environment], None],
    watched: Path | None,
) -> int:
    console = Console(highlight=False, soft_wrap=True)
    children = _Children(console)
    was_running = stack.status() is not None
    ended = None
    # SIGTERM unwinds like Ctrl-C, so that nothing is left behind; Ctrl-C does so too where it was
    # ignored, as it is for what a script starts in the background.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    end_with_the_terminal()
    try:
        info = stack.up()
        environment = {
            "LOG_FORMAT": "text",
            "WORKER_IDLE_POLL_SECONDS": "2",  # somebody is looking on, and nobody pays for it
            **given,
            **info.environment,
            "CRON_SECRET": given.get("CRON_SECRET") or info.cron_secret,
        }
        prepare(info, environment)
        console.print(f"The local stack serves {info.api_url}; its logs are in {stack.dir}/logs.")
        _tell_what_is_left_out(stack, console)
        children.start(commands, environment)
        if watched:
            for changed in _watch(watched, children):
                console.print(f"{', '.join(changed)} changed: starting anew.")
                children.stop()
                _apply_new_migrations(stack, changed, console)
                children.start(commands, environment)
        ended = children.wait_for_the_first()
    except KeyboardInterrupt:
        pass
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)  # stopping takes seconds; let it finish
        children.stop()
        if not was_running:
            stack.down()
    with suppress(OSError):  # the terminal is closed
        console.print(ended or "Stopped.", style="red" if ended else "")
    return 1 if ended else 0


def _watch(folder: Path, children: "_Children") -> Generator[list[str]]:
    """The files that change, until a KeyboardInterrupt; tells meanwhile which commands have ended.

    Caches, virtual environments and tests are none of them.
    """
    for changes in watch(
        folder,
        watch_filter=_OfInterest(folder),
        rust_timeout=int(_POLL_SECONDS * 1000),
        yield_on_timeout=True,
    ):
        if changes:
            yield sorted({os.path.relpath(path, folder) for _, path in changes})
        else:
            children.tell_who_ended()


class _OfInterest(PythonFilter):
    """Whether what runs may depend on a file."""

    def __init__(self, folder: Path) -> None:
        super().__init__(extra_extensions=(".env", ".sql"))
        self._folder = folder

    def __call__(self, change: Change, path: str) -> bool:
        *folders, name = Path(os.path.relpath(path, self._folder)).parts
        return super().__call__(change, path) and not (
            "tests" in folders or fnmatch(name, "test_*.py") or name == "conftest.py"
        )


def _apply_new_migrations(stack: Stack, changed: Iterable[str], console: Console) -> None:
    if not any(name.endswith(".sql") for name in changed):
        return
    try:
        stack.up()
    except LocalStackError as error:
        console.print(str(error), style="red")
    _tell_what_is_left_out(stack, console)


def _tell_what_is_left_out(stack: Stack, console: Console) -> None:
    for sentence in stack.list_left_out():
        console.print(sentence, style="yellow")


@contextmanager
def _told_later() -> Generator[None]:
    """Holds a KeyboardInterrupt back: nobody would stop a child that nobody knows of yet."""
    told: list[int] = []
    handlers = {
        number: signal.signal(number, lambda number, _frame: told.append(number))
        for number in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    if told:
        raise KeyboardInterrupt


class _Children:
    """The commands as processes, whose output goes to the console behind their names."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self._relays: list[Thread] = []
        self._told: set[str] = set()

    def start(self, commands: Mapping[str, list[str]], environment: Environment) -> None:
        width = max(map(len, commands))
        for (name, command), colour in zip(commands.items(), cycle(_COLOURS), strict=False):
            with _told_later():
                process = self._processes[name] = subprocess.Popen(  # noqa: S603 - the caller's own
                    command,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,  # Ctrl-C is for us; we stop them in order
                )
                prefix = Text(f"{name:<{width}} │ ", style=colour)
                relay = Thread(target=self._relay, args=(process.stdout, prefix), daemon=True)
                relay.start()
                self._relays.append(relay)

    def _relay(self, output: IO[bytes], prefix: Text) -> None:
        for line in output:  # to the end, or who writes it would wait for us
            with suppress(OSError):  # the terminal is closed
                self._console.print(prefix + Text.from_ansi(line.decode(errors="replace").rstrip()))

    def wait_for_the_first(self) -> str:
        """Wait until one of them ends; tell which."""
        while not (ended := self._find_ended()):
            time.sleep(_POLL_SECONDS)
        return next(iter(ended.values()))

    def tell_who_ended(self) -> None:
        """Say of each once that it has, and what comes next."""
        for name, words in self._find_ended().items():
            if name not in self._told:
                self._told.add(name)
                self._console.print(f"{words} It starts again when a file changes.", style="red")

    def _find_ended(self) -> dict[str, str]:
        return {
            name: f"{name} ended by itself (exit code {process.returncode})."
            for name, process in self._processes.items()
            if process.poll() is not None
        }

    def stop(self) -> None:
        """Ask all of them to end, then kill what is left, also of what they started."""
        for process in self._processes.values():
            process.terminate()
        for process in self._processes.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(_GRACE_SECONDS)
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for relay in self._relays:
            relay.join()
        self._processes.clear()
        self._relays.clear()
        self._told.clear()
