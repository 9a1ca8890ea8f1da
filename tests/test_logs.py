import json
import subprocess
import sys
from typing import Literal

import pytest

PROGRAM = """
import logging, structlog
from supajobs.logs import configure_logs
from tests.test_auth import make_settings

configure_logs(make_settings(log_format={format!r}))
token = "eyJ-a-token"
try:
    raise ValueError("told")
except ValueError:
    structlog.get_logger().exception("crashed", job_id="j1")
    logging.getLogger("library").exception("crashed too")
logging.getLogger("httpx").info("GET /rest/v1/plan_generation_jobs?id=eq.1")
"""


@pytest.mark.parametrize("log_format", ["json", "text"])
def test_tracebacks_tell_no_local_variables(log_format: Literal["json", "text"]) -> None:
    result = subprocess.run(  # noqa: S603 - the program above
        [sys.executable, "-c", PROGRAM.format(format=log_format)],
        check=True,
        capture_output=True,
        text=True,
    )
    log = result.stderr
    assert log.count("ValueError: told") == 2
    assert "eyJ-a-token" not in log
    assert "httpx" not in log
    assert "plan_generation_jobs" not in log
    if log_format == "json":
        first, second = map(json.loads, log.splitlines())
        assert (first["event"], first["job_id"], first["level"]) == ("crashed", "j1", "error")
        assert second["event"] == "crashed too"
