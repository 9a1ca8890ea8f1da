"""The commands by name. What a command needs is imported when it is called, and not for --help."""

import importlib.util
from importlib import import_module
from typing import Any, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup


class Place(NamedTuple):
    """Where a command is, and what the list of commands says of it: its first sentence."""

    module: str
    name: str
    help: str
    needs: str = ""
    """A module that an extra brings."""
    extra: str = ""

    def load(self) -> Any:
        """Import the command, or exit where it needs an extra that is not installed."""
        if self.needs and not importlib.util.find_spec(self.needs):
            install = import_module("supajobs.extras").install_command(self.extra)
            typer.echo(f"This needs the extra `{self.extra}`: {install}", err=True)
            raise typer.Exit(1)
        found = getattr(import_module(self.module), self.name)
        if isinstance(found, typer.Typer):
            return typer.main.get_group(found)
        alone = typer.Typer(add_completion=False)
        alone.command()(found)
        return typer.main.get_command(alone)


_LOCAL = ("psycopg", "local")

PLACES = {
    "local": Place(
        "supajobs.local.cli",
        "app",
        "The embedded local Supabase: PostgreSQL, REST, Auth and cron, without Docker.",
        *_LOCAL,
    ),
    "dev": Place(
        "supajobs.local.cli",
        "dev",
        "Run the local stack, the API and a worker in this terminal, until Ctrl-C.",
        *_LOCAL,
    ),
    "api": Place("supajobs.cli.programs", "api", "Serve the HTTP API."),
    "work": Place(
        "supajobs.cli.programs",
        "work",
        "Run jobs until stopped: SIGTERM or Ctrl-C releases what does not end in time.",
    ),
    "process": Place(
        "supajobs.cli.programs",
        "process",
        "Run the jobs that are due, print how they ended as JSON, and exit.",
    ),
    "openapi": Place(
        "supajobs.cli.openapi", "openapi", "Print the OpenAPI description of the HTTP API."
    ),
    "jobs": Place(
        "supajobs.cli.jobs", "app", "Ask for jobs, look at them, cancel them, and run them again."
    ),
    "schedules": Place(
        "supajobs.cli.schedules", "app", "Have jobs recur: list, add, pause, run and remove them."
    ),
    "queue": Place(
        "supajobs.cli.queue",
        "queue",
        "Show what waits, runs and has lately ended, and whether the queue does its work.",
    ),
    "doctor": Place(
        "supajobs.cli.doctor",
        "doctor",
        "Look for what is wrong with the project, and say what to do about it.",
    ),
    "init": Place(
        "supajobs.cli.init",
        "init",
        "Write a first job type, its row, its test and an .env into an empty folder.",
    ),
    "setup": Place(
        "supajobs.cli.setup", "setup", "Set the queue up in your Supabase project, and try it."
    ),
}


class Entry(TyperCommand):
    """What stands in the list for a command, and loads it when it is called."""

    def make_context(self, *given: Any, **named: Any) -> Any:
        """That of the command itself, for typer goes on with the command of the context."""
        assert self.name  # noqa: S101 - Catalogue gives it
        return PLACES[self.name].load().make_context(*given, **named)


class Catalogue(TyperGroup):
    """The group of all commands."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**attributes)
        self.commands = {name: Entry(name, help=place.help) for name, place in PLACES.items()}
