import asyncio
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from supajobs.testing import StackQueue


async def test_tests_of_a_handler_pass(handbook: Path) -> None:
    """In a process of their own, as their author runs them."""
    options = ("-q", "-o", "asyncio_mode=auto", "-p", "no:cacheprovider", "--rootdir", ".")
    process = await asyncio.create_subprocess_exec(
        *(
            sys.executable,
            "-m",
            "pytest",
            *options,
            "test_reports.py",
            "test_stories.py",
            "test_requests.py",
            "test_posts.py",
        ),
        cwd=handbook,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert b"6 passed" in output


@pytest.mark.usefixtures("rows")
def test_a_test_of_the_whole_way_passes(
    load: Callable[[str], Any], supajobs_queue: StackQueue
) -> None:
    load("test_whole_way").test_a_report_is_written(supajobs_queue)
