import ast
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


def test_a_test_of_three_steps_has_six_lines_at_most(handbook: Path) -> None:
    [test, *_] = [
        node
        for node in ast.parse((handbook / "test_reports.py").read_text()).body
        if isinstance(node, ast.AsyncFunctionDef)
    ]
    assert test.end_lineno
    assert test.end_lineno - test.lineno < 6
    assert "list(run.steps) == ['outline', 'part 1', 'part 2']" in ast.unparse(test)


@pytest.mark.usefixtures("rows")
def test_a_test_of_the_whole_way_passes(
    load: Callable[[str], Any], supajobs_queue: StackQueue
) -> None:
    load("test_whole_way").test_a_report_is_written(supajobs_queue)
