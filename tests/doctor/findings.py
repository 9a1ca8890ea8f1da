"""The words of these tests."""

import contextlib
from collections.abc import Awaitable, Callable

import psycopg
from tests.parts import CRON_SECRET

from supajobs.doctor.finding import Finding, FindingStatus
from supajobs.local.stack import StackInfo

Findings = dict[str, Finding]
Diagnose = Callable[..., Awaitable[Findings]]
Break = Callable[..., contextlib.AbstractContextManager[None]]

RARELY = "0 0 29 2 *"


def not_ok(findings: Findings) -> dict[str, str]:
    """The status of each check that is not well."""
    return {
        name: finding.status.value
        for name, finding in findings.items()
        if finding.status != FindingStatus.OK
    }


def schedule(
    stack: StackInfo, url: str, *, cron_secret: str = CRON_SECRET, every: str = RARELY
) -> None:
    """So rarely that no test sees a tick that it has not asked for, of either schedule."""
    with psycopg.connect(stack.db_url) as database:  # in one transaction: no tick between the two
        database.execute("select set_up_plan_job_processing(%s, %s)", [url, cron_secret])
        database.execute("select schedule_plan_job_processing(%s, %s)", [every, RARELY])
