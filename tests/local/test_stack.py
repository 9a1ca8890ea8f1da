import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest
from tests.local.commands import start_cli

from supajobs.local.errors import LocalStackError
from supajobs.local.processes import free_port
from supajobs.local.stack import Stack, StackInfo

MakeStack = Callable[..., Stack]


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def remember(info: StackInfo, number: int) -> None:
    with psycopg.connect(info.db_url) as connection:
        connection.execute("create table if not exists remembered (number int)")
        connection.execute("insert into remembered values (%s)", [number])


def remembered(info: StackInfo) -> list[int]:
    with psycopg.connect(info.db_url) as connection:
        return [number for (number,) in connection.execute("select number from remembered")]


def find_readable_logs(stack: Stack) -> list[str]:
    """Those that others on this machine may read."""
    return [log.name for log in (stack.dir / "logs").iterdir() if log.stat().st_mode & 0o077]


def processes_of(stack: Stack) -> list[str]:
    """Whatever still runs for a stack: its commands name its directory, Postgres works in it."""
    data = (stack.dir / "postgres" / "data").resolve()
    found: list[str] = []
    for process in psutil.process_iter():
        try:
            line = " ".join(process.cmdline())
            if str(stack.dir) in line or process.cwd() == str(data):
                found.append(line)
        except psutil.Error:
            continue
    return found


def test_up_again_changes_nothing(stack: StackInfo, project: Path) -> None:
    again = Stack(stack.dir, project)
    assert again.up() == again.status() == stack


def test_down_and_up_keeps_data_keys_and_addresses(make_stack: MakeStack) -> None:
    stack = make_stack()
    before = stack.up()
    remember(before, 1)
    assert find_readable_logs(stack) == []

    stack.down()
    assert stack.status() is None
    assert processes_of(stack) == []

    after = stack.up()
    assert remembered(after) == [1]
    assert after.model_dump(exclude={"pids"}) == before.model_dump(exclude={"pids"})
    assert set(after.pids.values()).isdisjoint(before.pids.values())


def test_killed_processes_are_healed_by_up(make_stack: MakeStack) -> None:
    stack = make_stack()
    info = stack.up()
    remember(info, 1)
    for names in (["worker"], ["rest"], ["postgres"], ["postgres", "rest", "worker"]):
        kill(*(info.pids[name] for name in names))
        info = stack.up()
        assert httpx.get(f"{info.api_url}/health").is_success
        assert remembered(info) == [1]
        assert stack.status() == info
    stack.down()
    assert processes_of(stack) == []


def test_processes_that_nobody_remembers_do_not_survive(make_stack: MakeStack) -> None:
    stack = make_stack()
    before = stack.up()
    state_file = stack.dir / "state.json"
    state = json.loads(state_file.read_text())
    state_file.write_text(json.dumps({**state, "postgres": None, "rest": None, "worker": None}))

    after = stack.up()

    assert set(after.pids.values()).isdisjoint(before.pids.values())
    stack.down()
    assert processes_of(stack) == []


def test_a_recycled_pid_is_left_alone(make_stack: MakeStack) -> None:
    stack = make_stack()
    info = stack.up()
    stack.down()
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        state_file = stack.dir / "state.json"
        state = json.loads(state_file.read_text())
        for name in ("postgres", "rest", "worker"):
            state[name] = {"pid": stranger.pid, "created": state[name]["created"] - 60}
        state_file.write_text(json.dumps(state))
        (stack.dir / "postgres" / "data" / "postmaster.pid").write_text(f"{stranger.pid}\n")

        assert stack.status() is None
        assert stack.up().api_url == info.api_url
        stack.down()

        assert stranger.poll() is None
        stranger.kill()


def test_a_port_taken_meanwhile_is_replaced(make_stack: MakeStack) -> None:
    stack = make_stack()
    before = stack.up()
    stack.down()
    taken = int(before.api_url.rpartition(":")[2])
    with socket.create_server(("127.0.0.1", taken)):
        after = stack.up()
    assert after.api_url != before.api_url
    assert after.db_url == before.db_url
    assert httpx.get(f"{after.api_url}/health").is_success


def test_a_port_taken_while_the_server_starts_is_replaced(
    make_stack: MakeStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = make_stack()
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        taken = stranger.getsockname()[1]
        picked = iter([free_port(), taken])  # for Postgres, and for the REST server

        def pick(preferred: int | None = None) -> int:
            return next(picked, None) or free_port(preferred)

        monkeypatch.setattr("supajobs.local.stack.free_port", pick)
        info = stack.up()
    assert not info.api_url.endswith(f":{taken}")
    assert httpx.get(f"{info.api_url}/health").is_success


def test_two_stacks_side_by_side_share_nothing(make_stack: MakeStack) -> None:
    one, other = make_stack("one").up(), make_stack("other").up()
    remember(one, 1)
    remember(other, 2)
    assert (remembered(one), remembered(other)) == ([1], [2])
    assert one.secret_key != other.secret_key
    answer = httpx.get(f"{one.api_url}/rest/v1/", headers={"apikey": other.secret_key})
    assert answer.status_code == 401


def test_up_twice_at_once_starts_one_stack(make_stack: MakeStack, tmp_path: Path) -> None:
    stack = make_stack()
    runs = [start_cli("up", "--json", "--dir", str(stack.dir), cwd=tmp_path) for _ in range(2)]
    first, second = (json.loads(run.communicate(timeout=60)[0]) for run in runs)
    assert first == second
    assert first["pids"] == stack.up().pids


def test_purge_erases_everything(make_stack: MakeStack) -> None:
    stack = make_stack()
    stack.up()
    data = (stack.dir / "postgres").resolve()

    stack.down(purge=True)

    assert not stack.dir.exists()
    assert not data.exists()
    assert processes_of(stack) == []


def test_secrets_are_for_the_owner_only(stack: StackInfo) -> None:
    assert (stack.dir / "state.json").stat().st_mode & 0o777 == 0o600


def test_a_directory_with_something_else_is_refused(make_stack: MakeStack) -> None:
    stack = make_stack()
    stack.dir.mkdir()
    (stack.dir / "thesis.txt").write_text("irreplaceable")
    with pytest.raises(LocalStackError, match=r"not a stack: it holds thesis\.txt"):
        stack.up()
    stack.down(purge=True)
    assert (stack.dir / "thesis.txt").exists()


def test_a_server_that_does_not_start_shows_its_log(make_stack: MakeStack) -> None:
    stack = make_stack()
    stack.up()
    stack.down()
    (stack.dir / "postgres" / "data" / "postgresql.conf").write_text("nonsense = 1\n")
    with pytest.raises(LocalStackError, match=r"(?s)PostgreSQL exited.*postgres\.log.*nonsense"):
        stack.up()
    assert processes_of(stack) == []
