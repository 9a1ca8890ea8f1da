"""`supajobs queue`: what waits, runs and has lately ended, and whether that is well."""

import asyncio
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, nullcontext, suppress
from datetime import datetime
from typing import Annotated, NamedTuple

import typer
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text

from supajobs.cli.asking import OpenProject, Outage, ask
from supajobs.cli.screen import AsJson, make_table, open_console, print_json, show
from supajobs.cli.wording import clean, tell_seconds
from supajobs.queue.condition import QueueDescription, QueueFigures, QueueHealth

WATCH_SECONDS = 2.0

_STYLES = {"healthy": "green", "degraded": "yellow", "unhealthy": "bold red"}
_NOW = ("pending", "scheduled", "processing", "oldest_pending_seconds")
_ENDED = ("completed", "failed", "cancelled", "retrying", "released", "suspended", "crashed")
_RUNS = ("success_rate", "throughput_per_minute", "duration_p50", "duration_p95")
_WIDTH_FOR_ENDED_AND_RUNS = 140


class QueueState(NamedTuple):
    """What one look has found."""

    queue: QueueDescription
    health: QueueHealth


def queue(
    *,
    watch: Annotated[
        bool, typer.Option("--watch", help="Look again every 2 s, until Ctrl-C.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show what waits, runs and has lately ended, and whether the queue does its work.

    Exits with 1 when it is unhealthy; with --watch, Ctrl-C is 0.
    """
    console = open_console()
    if watch:
        with suppress(KeyboardInterrupt):
            ask(lambda project: _watch(project, console, as_json=as_json))
        return
    state = ask(_look)
    _print(state, console, as_json=as_json)
    if state.health.status == "unhealthy":
        raise typer.Exit(1)


async def _look(project: OpenProject) -> QueueState:
    return QueueState(await project.queue.describe(), await project.queue.check())


async def _watch(project: OpenProject, console: Console, *, as_json: bool) -> None:
    is_live = console.is_terminal and not as_json
    live = Live(console=console, auto_refresh=False) if is_live else None
    async with aclosing(_look_on(project)) as states:
        with live or nullcontext():
            async for state in states:
                if live:
                    live.update(show_queue(state, console.width), refresh=True)
                else:
                    _print(state, console, as_json=as_json)


async def _look_on(project: OpenProject) -> AsyncGenerator[QueueState]:
    outage = Outage()
    yield await _look(project)
    while True:
        await asyncio.sleep(WATCH_SECONDS)
        with outage.borne():
            yield await _look(project)


def _print(state: QueueState, console: Console, *, as_json: bool) -> None:
    if as_json:
        print_json({"queue": state.queue.model_dump(), "health": state.health.model_dump()})
    else:
        show(show_queue(state, console.width))


def show_queue(state: QueueState, width: int) -> Group:
    """Health first, then the figures of each job type and of all together."""
    ended = f"ended within {tell_seconds(state.queue.window_seconds)}"
    parts = [_show_health(state.health), _list_figures(state.queue, _NOW, "now")]
    if width >= _WIDTH_FOR_ENDED_AND_RUNS:
        parts += [_list_figures(state.queue, _ENDED + _RUNS, ended)]
    else:
        parts += [_list_figures(state.queue, _ENDED, ended), _list_figures(state.queue, _RUNS)]
    return Group(*(each for part in parts for each in (part, "")))


def _show_health(health: QueueHealth) -> RenderableType:
    looked_at = f"{datetime.now().astimezone():%H:%M:%S}"
    lines = [Text.assemble((health.status, _STYLES[health.status]), (f"  {looked_at}", "dim"))]
    lines += [
        Text.assemble((reason.code, _STYLES[reason.status]), f": {clean(reason.message)}")
        for reason in health.reasons
    ]
    return Group(*lines)


def _list_figures(
    queue: QueueDescription, columns: tuple[str, ...], title: str | None = None
) -> Table:
    table = make_table(title=title)
    table.add_column("job_type", overflow="fold")
    for column in columns:
        table.add_column(column, justify="right", no_wrap=True)
    # First, for the live view ends where the terminal does.
    table.add_row("total", *_tell_figures(queue.total, columns), style="bold")
    for figures in queue.job_types:
        table.add_row(clean(figures.job_type), *_tell_figures(figures, columns))
    return table


def _tell_figures(figures: QueueFigures, columns: Iterable[str]) -> Iterable[str]:
    for column in columns:
        value = getattr(figures, column)
        if value is None:
            yield ""
        elif column == "success_rate":
            yield f"{value:.1%}"
        elif column == "throughput_per_minute":
            yield f"{value:,.1f}"
        elif column in {"oldest_pending_seconds", "duration_p50", "duration_p95"}:
            yield tell_seconds(value)
        else:
            yield f"{value:,}" + "+" * (figures.capped and column in {"pending", "scheduled"})
