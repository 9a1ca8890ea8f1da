import asyncio
import os
import sys
from pathlib import Path


async def test_tests_of_a_handler_pass(handbook: Path) -> None:
    """In a process of their own, as their author runs them."""
    options = ("-q", "-o", "asyncio_mode=auto", "-p", "no:cacheprovider", "--rootdir", ".")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "pytest", *options, "test_reports.py"),
        cwd=handbook,
        env={**os.environ, "PYTEST_ADDOPTS": ""},
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()
    assert b"2 passed" in output
