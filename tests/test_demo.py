"""The demo is the first thing that anybody sees of us."""

import re
import subprocess
import sys

import httpx
import psutil
from tests.parts import PROJECT

from supajobs.local.stack import Stack

DIRECTORY = PROJECT / ".supajobs-demo"
STATUS = re.compile(r"curl (http\S+/status/\S+) -H 'Authorization: Bearer (\S+)'")


def run_demo(*arguments: str) -> str:
    result = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "scripts/demo.py", *arguments],
        cwd=PROJECT,
        check=False,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout


def test_the_demo_shows_a_plan_and_leaves_nothing_behind() -> None:
    shown = run_demo()
    assert "kill -9" in shown
    assert re.search(r"crashed after .* then completed after", shown)
    assert re.search(r"│ +12 │", shown), "the table has no twelfth week"
    assert not DIRECTORY.exists()


def test_the_demo_can_be_kept() -> None:
    try:
        shown = run_demo("--keep")
        assert shown.count("curl") == 3
        [(status_url, token)] = STATUS.findall(shown)
        answer = httpx.get(status_url, headers={"Authorization": f"Bearer {token}"})
        assert answer.json()["status"] == "completed"
        [pid] = re.findall(r"kill (\d+);", shown)
        api = psutil.Process(int(pid))
        api.terminate()
        api.wait(timeout=20)
    finally:
        Stack(DIRECTORY, project=PROJECT).down(purge=True)
