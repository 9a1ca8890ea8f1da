"""What is left of a fetch that was stopped: no process, no folder."""

import asyncio
import base64
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from pydantic import SecretStr
from tests.handlers.projects.git.forge import Forge, Request
from tests.handlers.projects.git.repositories import make

from supajobs.handlers.projects.git import (
    FetchLimits,
    RepositoryError,
    Source,
    fetch,
    program,
    sweep_left_overs,
)

TOKEN = "a-token-of-somebody"

# As the fixture `forge` arranges it, in a process of its own.
PROGRAM = """
import asyncio, socket, sys, tempfile
from supajobs import addresses
from supajobs.event_loops import run_loop
from supajobs.handlers.projects.git import FetchLimits, Source, fetch, program

tempfile.tempdir, url, program.CONFIG["http.sslCAInfo"] = sys.argv[1:]
addresses.is_public = bool

async def main():
    async def look_up(*_, **__):
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", 0))]
    asyncio.get_running_loop().getaddrinfo = look_up
    async with fetch(Source(url), limits=FetchLimits(2**25, 2**20, 1000, 60)):
        print("fetched")

run_loop(main())
"""


@pytest.fixture
def stalled(forge: Forge) -> Generator[threading.Event]:
    """Is set once a clone waits for its pack, of which some has come."""
    make(forge.root / "a.git", [(b"f%d" % each, os.urandom(1000)) for each in range(100)])
    stalled, over = threading.Event(), threading.Event()

    def stall(request: Request) -> None:
        def halve(body: bytes) -> bytes:
            if b"packfile" not in body:
                return body
            request.begin("application/x-git-upload-pack-result")
            request.wfile.write(body[: len(body) // 2])
            request.wfile.flush()
            stalled.set()
            over.wait(60)
            raise ConnectionError

        forge.change = halve
        request.serve_git()

    forge.answer = stall
    yield stalled
    over.set()


def find_processes(forge: Forge) -> dict[int, list[str]]:
    """Those of fetches from this forge, with their arguments."""
    found: dict[int, list[str]] = {}
    for process in psutil.process_iter():
        try:
            arguments = process.cmdline()
        except psutil.Error:
            continue
        if any(forge.url("") in each for each in arguments) and sys.executable not in arguments:
            found[process.pid] = arguments
    return found


def look_into(folders: Path) -> list[Path]:
    return list(folders.iterdir())


async def wait_for(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, 60)


async def see_them_end(forge: Forge) -> None:
    while find_processes(forge):  # noqa: ASYNC110 - they tell nobody
        await asyncio.sleep(0.02)


async def run(source: Source, limits: FetchLimits) -> None:
    async with fetch(source, limits=limits):
        pass


async def test_a_fetch_that_is_cancelled_leaves_nothing(
    forge: Forge, stalled: threading.Event, limits: FetchLimits, folders: Path
) -> None:
    task = asyncio.create_task(run(Source(forge.url("a.git")), limits))
    await wait_for(stalled)
    assert find_processes(forge)
    assert look_into(folders)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await see_them_end(forge)
    assert look_into(folders) == []


async def test_a_fetch_that_takes_too_long_leaves_nothing(
    forge: Forge, stalled: threading.Event, limits: FetchLimits, folders: Path
) -> None:
    with pytest.raises(RepositoryError) as refusal:
        await run(Source(forge.url("a.git")), replace(limits, seconds=1))
    assert refusal.value.code == "repository_too_slow"
    await see_them_end(forge)


async def test_a_token_is_in_the_arguments_of_no_process(
    forge: Forge, stalled: threading.Event, limits: FetchLimits
) -> None:
    source = Source(forge.url("a.git"), token=SecretStr(TOKEN))
    task = asyncio.create_task(run(source, limits))
    await wait_for(stalled)
    shown = str(find_processes(forge))
    task.cancel()
    await asyncio.wait([task])
    assert "remote-https" in shown
    assert TOKEN not in shown
    assert base64.b64encode(TOKEN.encode()).decode()[4:-4] not in shown
    assert "Basic" not in shown


async def test_a_process_that_is_killed_takes_git_along_and_the_next_one_sweeps(
    forge: Forge, stalled: threading.Event, limits: FetchLimits, folders: Path
) -> None:
    arguments = (str(folders), forge.url("a.git"), program.CONFIG["http.sslCAInfo"])
    killed = subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments])  # noqa: ASYNC220, S603
    await wait_for(stalled)
    [folder] = look_into(folders)
    assert find_processes(forge)
    sweep_left_overs()
    assert folder.exists(), "its process lives"
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    await see_them_end(forge)
    assert folder.exists()
    sweep_left_overs()
    assert look_into(folders) == []


async def test_what_is_read_and_left_leaves_nothing(forge: Forge, limits: FetchLimits) -> None:
    make(forge.root / "a.git", [(b"f%d" % each, bytes(90_000)) for each in range(200)])
    async with fetch(Source(forge.url("a.git")), limits=limits) as tree:
        async for _ in tree.read(tree.files):
            break
        assert [each for each in psutil.Process().children() if "git" in each.name()] == []


async def test_folders_of_others_are_not_swept(folders: Path) -> None:
    (folders / "supajobs-git-link").symlink_to(folders.parent)
    (folders / "supajobs-git-file").touch()
    (folders / "another").mkdir()
    sweep_left_overs()
    assert len(look_into(folders)) == 3
    (folders / "supajobs-git-link").unlink()
    (folders / "supajobs-git-file").unlink()
    (folders / "another").rmdir()
