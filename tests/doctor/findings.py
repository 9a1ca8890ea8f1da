"""The words of these tests."""

import contextlib
from collections.abc import Awaitable, Callable

from tests.parts import CRON_SECRET

from supajobs.doctor.finding import Finding, FindingStatus
from supajobs.local.schedule import schedule_processing
from supajobs.local.stack import StackInfo

Findings = dict[str, Finding]
Diagnose = Callable[..., Awaitable[Findings]]
Break = Callable[..., contextlib.AbstractContextManager[None]]


def not_ok(findings: Findings) -> dict[str, str]:
    """The status of each check that is not well."""
    return {
        name: finding.status.value
        for name, finding in findings.items()
        if finding.status != FindingStatus.OK
    }


def schedule(
    stack: StackInfo, url: str, *, cron_secret: str = CRON_SECRET, every: str = "0 0 1 1 *"
) -> None:
    """So rarely that no test sees a tick that it has not asked for."""
    schedule_processing(stack.db_url, process_url=url, cron_secret=cron_secret, schedule=every)
