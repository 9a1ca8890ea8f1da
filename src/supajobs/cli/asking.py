"""The Supabase project that the settings name, as commands ask it."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass
from typing import Any, TypeVar

import stamina.instrumentation
import typer

from supajobs.cli.environment import read_settings
from supajobs.cli.refusals import explain
from supajobs.errors import SupabaseUnavailableError, SupajobsError
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.settings import Settings

PATIENCE = 5.0  # s; somebody is looking on

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class OpenProject:
    """Its tables, through `database`, and its functions."""

    database: Database
    queue: JobQueue


def ask(work: Callable[[OpenProject], Coroutine[Any, Any, Answer]]) -> Answer:
    """Does the work of a command, or says what kept it from that and exits."""
    settings = read_settings()
    _check_key(settings)
    # No log in stdout, which is for what was asked for.
    stamina.instrumentation.set_on_retry_hooks([])

    async def run() -> Answer:
        database = Database(settings, patience=PATIENCE)
        try:
            return await work(OpenProject(database, JobQueue(database)))
        finally:
            await database.close()

    try:
        return asyncio.run(run())
    except SupajobsError as error:
        typer.echo(explain(error, settings.supabase_origin), err=True)
        raise typer.Exit(1) from None


def _check_key(settings: Settings) -> None:
    key = settings.supabase_secret_key.get_secret_value()
    if not (key.isascii() and key.isprintable()):  # errors of the HTTP client would quote it
        typer.echo("SUPABASE_SECRET_KEY has letters that no key has: copy it again.", err=True)
        raise typer.Exit(2)


class Outage:
    """What commands that go on looking make of a time without answers: a line, not their end."""

    def __init__(self) -> None:
        self._is_on = False

    @contextlib.contextmanager
    def borne(self) -> Generator[None]:
        """Within this, Supabase may be silent; nothing else may go wrong."""
        try:
            yield
        except SupabaseUnavailableError:
            if not self._is_on:
                typer.echo("Supabase does not answer; asking on.", err=True)
            self._is_on = True
        else:
            if self._is_on:
                typer.echo("Supabase answers again.", err=True)
            self._is_on = False
