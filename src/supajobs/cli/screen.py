"""What commands print: tables and lines for people, JSON for programs."""

import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.console import Console, RenderableType
from rich.table import Table

from supajobs.cli.wording import clean

EXIT_CODES = (
    "Exits with 0 when all is well, with 1 when something is refused, unknown or out of reach, "
    "and with 2 for wrong usage or settings."
)

_NO_LIMIT = 10_000

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON and nothing else.")]


def print_json(document: Any) -> None:
    """One line of plain ASCII; times in UTC."""
    typer.echo(json.dumps(document, default=_encode))


def _encode(value: object) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    return str(value)  # a UUID


def open_console() -> Console:
    """The terminal; what goes into a file or a pipe is as wide as it needs to be.

    Text is printed as it is: brackets in it are no markup.
    """
    width = None if sys.stdout.isatty() else _NO_LIMIT
    return Console(width=width, highlight=False, markup=False, emoji=False)


def show(*parts: RenderableType) -> None:
    """Prints one under the other; in files and pipes without the blanks that fill tables up."""
    console = open_console()
    if console.is_terminal:
        console.print(*parts, sep="\n")
        return
    with console.capture() as captured:
        console.print(*parts, sep="\n")
    typer.echo("\n".join(line.rstrip() for line in captured.get().splitlines()))


def make_table(*columns: str, title: str | None = None) -> Table:
    """A table without lines, whose columns are called as in SQL, and are not broken."""
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), title=title, title_justify="left")
    table.title_style = table.header_style = "bold"
    for column in columns:
        table.add_column(column, no_wrap=True)
    return table


def make_sheet(fields: Iterable[tuple[str, RenderableType]]) -> Table:
    """One field in a line, with its name before it."""
    sheet = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), show_header=False)
    sheet.add_column(style="dim", no_wrap=True)
    sheet.add_column(overflow="fold")
    for name, value in fields:
        sheet.add_row(name, clean(value) if isinstance(value, str) else value)
    return sheet
