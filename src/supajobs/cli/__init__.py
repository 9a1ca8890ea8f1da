"""The command line of supajobs."""

from importlib import import_module
from typing import Annotated

import typer

from supajobs.cli.catalogue import Catalogue

app = typer.Typer(
    cls=Catalogue,
    help="Durable background jobs for Supabase apps.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _tell_version(wanted: bool) -> None:  # noqa: FBT001 - typer calls it
    if wanted:
        typer.echo(import_module("importlib.metadata").version("supajobs"))
        raise typer.Exit


@app.callback()
def supajobs(
    *,
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_tell_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    """Durable background jobs for Supabase apps."""
