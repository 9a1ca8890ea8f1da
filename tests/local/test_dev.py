import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from tests.local.commands import start

from supajobs.local.stack import Stack

PROGRAM = """
import signal, sys
from pathlib import Path
from supajobs.local.dev import run
from supajobs.local.stack import Stack

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which tests may be run without
stack = Stack(Path("stack"), Path())
commands = {"api": [sys.executable, "-c", sys.argv[1]], "work": [sys.executable, "-c", sys.argv[2]]}
prepare = lambda info, environment: print("prepared", environment["CRON_SECRET"] != "", flush=True)
sys.exit(run(stack, commands=commands, prepare=prepare))
"""
# Ctrl-C between a child's start and its being known.
INTERRUPTED = """
import os, signal, subprocess
from supajobs.local import dev

class Interrupted(subprocess.Popen):
    def __init__(self, *args, **given):
        super().__init__(*args, **given)
        print("started", self.pid, flush=True)
        os.kill(os.getpid(), signal.SIGINT)

class Subprocess:
    def __getattr__(self, name):
        return Interrupted if name == "Popen" else getattr(subprocess, name)

dev.subprocess = Subprocess()
"""
SERVE = """
import os, pathlib, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (os.write(1, b"bye\\n"), sys.exit()))
pathlib.Path("serving").touch()
print("serving", os.environ["SUPABASE_URL"][:7], len(os.environ["CRON_SECRET"]) > 20, flush=True)
time.sleep(60)
"""
FAIL = """
import pathlib, subprocess, sys, time
while not pathlib.Path("serving").exists():
    time.sleep(0.02)
print("child", subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]).pid)
sys.exit(3)
"""


def dev(tmp_path: Path, *commands: str) -> subprocess.Popen[str]:
    return start([sys.executable, "-c", PROGRAM, *commands], cwd=tmp_path)


@pytest.mark.parametrize("told", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_stops_all_of_it(
    make_stack: Callable[..., Stack], tmp_path: Path, told: signal.Signals
) -> None:
    stack = make_stack("stack")
    program = dev(tmp_path, SERVE, SERVE)
    assert program.stdout
    lines: list[str] = []
    while sum("serving http:// True" in line for line in lines) < 2:
        lines.append(program.stdout.readline())
        assert lines[-1], program.communicate()
    assert "prepared True\n" in lines
    assert any(line.startswith("api  │ serving") for line in lines)
    assert stack.status() is not None

    program.send_signal(told)
    output, errors = program.communicate(timeout=30)

    assert (program.returncode, errors) == (0, "")
    assert "api  │ bye" in output
    assert "work │ bye" in output
    assert output.endswith("Stopped.\n")
    assert stack.status() is None


def test_a_command_that_ends_ends_all_of_it(
    make_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    stack = make_stack("stack")
    program = dev(tmp_path, SERVE, FAIL)
    output, _ = program.communicate(timeout=30)
    assert program.returncode == 1
    assert "api  │ bye" in output
    assert output.endswith("work ended by itself (exit code 3).\n")
    assert stack.status() is None
    (line,) = (line for line in output.splitlines() if line.startswith("work │ child"))
    assert not is_running(int(line.split()[-1]))


def test_its_secret_stays_the_same(make_stack: Callable[..., Stack], tmp_path: Path) -> None:
    make_stack("stack")
    show = "import os; print('secret', os.environ['CRON_SECRET'])"
    told = set[str]()
    for _ in range(2):
        output, _ = dev(tmp_path, show, SERVE).communicate(timeout=60)
        told |= {line for line in output.splitlines() if line.startswith("api  │ secret")}
    assert len(told) == 1
    assert (tmp_path / "stack" / "state.json").stat().st_mode & 0o777 == 0o600


def test_a_signal_that_comes_with_a_child_leaves_none_behind(
    make_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    stack = make_stack("stack")
    program = start([sys.executable, "-c", INTERRUPTED + PROGRAM, SERVE, SERVE], cwd=tmp_path)
    output, errors = program.communicate(timeout=60)
    assert (program.returncode, errors) == (0, "")
    (line,) = (line for line in output.splitlines() if line.startswith("started"))
    assert not is_running(int(line.split()[-1]))
    assert stack.status() is None


def test_a_stack_that_was_up_before_stays_up(
    make_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    stack = make_stack("stack")
    stack.up()
    program = dev(tmp_path, SERVE, "pass")
    output, _ = program.communicate(timeout=60)
    assert output.endswith("work ended by itself (exit code 0).\n")
    assert stack.status() is not None


def test_there_is_one_at_a_time_on_a_stack(
    make_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    stack = make_stack("stack")
    (tmp_path / "stack").mkdir()
    (tmp_path / "stack" / "dev.lock").touch()  # of one that was killed
    program = dev(tmp_path, SERVE, SERVE)
    try:
        assert program.stdout
        while not (line := program.stdout.readline()).startswith("prepared"):
            assert line, program.communicate()

        second = dev(tmp_path, SERVE, SERVE)
        output, errors = second.communicate(timeout=30)

        assert (second.returncode, output) == (1, "")
        assert f"Another `supajobs dev` runs on {tmp_path / 'stack'}: stop that" in errors
        assert stack.status() is not None
    finally:
        program.kill()
        program.communicate()
    last = dev(tmp_path, "pass", "pass")
    assert "prepared" in last.communicate(timeout=60)[0]


@pytest.mark.parametrize("port", ["taken", "http"])
def test_a_port_that_cannot_be_had_is_said_before_anything_starts(
    tmp_path: Path, port: str
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        told = str(server.getsockname()[1]) if port == "taken" else port
        program = subprocess.run(
            [sys.executable, "-m", "supajobs", "dev"],
            cwd=tmp_path,
            env={**os.environ, "PORT": told},
            capture_output=True,
            text=True,
            check=False,
        )
    assert program.returncode == 1
    assert f"PORT is {told!r}" in program.stderr or f"Port {told} is taken" in program.stderr
    assert "Traceback" not in program.stderr
    assert not list(tmp_path.iterdir())


def is_running(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
