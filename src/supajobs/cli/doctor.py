"""`supajobs doctor`."""

import asyncio

import stamina.instrumentation
import typer
from rich.console import Console
from rich.text import Text

from supajobs.cli.environment import read_settings
from supajobs.cli.screen import AsJson, open_console, print_json
from supajobs.doctor.examination import examine, open_project
from supajobs.doctor.finding import Finding, FindingStatus
from supajobs.settings import Settings

MARKS = {
    FindingStatus.OK: ("✓", "green"),
    FindingStatus.WARNING: ("!", "yellow"),
    FindingStatus.ERROR: ("✗", "red"),
    FindingStatus.SKIPPED: ("-", "dim"),
}


def doctor(*, as_json: AsJson = False) -> None:
    """Look for what is wrong with the project, and say what to do about it.

    Exits with 1 if something does not work, with 0 if all is well or there are warnings alone.
    """
    settings = read_settings()
    stamina.instrumentation.set_on_retry_hooks(())  # a finding says it
    findings = asyncio.run(_examine(settings, None if as_json else open_console()))
    if as_json:
        print_json({"findings": [finding.model_dump() for finding in findings]})
    if any(finding.status == FindingStatus.ERROR for finding in findings):
        raise typer.Exit(1)


async def _examine(settings: Settings, console: Console | None) -> list[Finding]:
    findings: list[Finding] = []
    async with open_project(settings) as project:
        async for finding in examine(project):
            findings.append(finding)
            if console:
                print_finding(console, finding)
    return findings


def print_finding(console: Console, finding: Finding) -> None:
    """A line for what was found, and below it what to do."""
    print_line(console, finding.status, f"{finding.check}: {finding.message}", finding.remedy)


def print_line(
    console: Console, status: FindingStatus, text: str, remedy: str | None = None
) -> None:
    """The same for what no check has found."""
    console.print(Text.assemble(MARKS[status], f" {text}"))
    if remedy:
        console.print(Text(f"    → {remedy}", style="bold"))
