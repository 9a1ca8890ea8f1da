"""The settings that `supajobs setup` begins with: those there are, and those it asks for."""

import secrets
from collections.abc import Callable
from pathlib import Path

import typer
from pydantic import AnyHttpUrl, TypeAdapter, ValidationError

from supajobs.cli.environment import read_settings
from supajobs.cli.setup.env_file import read_env, write_env
from supajobs.project_access import KeyKind, check_project_url, tell_kind
from supajobs.settings import Settings

ALIASES = {
    "SUPABASE_URL": ("SUPABASE_URL",),
    "SUPABASE_PUBLISHABLE_KEY": ("SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY"),
    "SUPABASE_SECRET_KEY": ("SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY"),
}
CRON_SECRET = "CRON_SECRET"  # noqa: S105 - its name

_url = TypeAdapter(AnyHttpUrl)


def settle_settings(env_file: Path, *, yes: bool) -> Settings:
    """The settings of the environment and the file, which gets what is asked for and made here.

    Exits with 2 where something is missing and nobody may be asked.
    """
    known = read_env(env_file)
    missing = [name for name, names in ALIASES.items() if not any(map(known.get, names))]
    if missing and yes:
        typer.echo(f"Missing: {', '.join(missing)}.", err=True)
        typer.echo(
            f"Set them in the environment or in {env_file}, or leave --yes out to be asked.",
            err=True,
        )
        raise typer.Exit(2)
    new = {name: _ask(name) for name in missing}
    if CRON_SECRET not in known:
        new[CRON_SECRET] = secrets.token_hex(32)
    if new:
        _keep(env_file, new, yes=yes)
    return read_settings(env_file)


def _ask(name: str) -> str:
    if name == "SUPABASE_URL":
        return _ask_until(
            "SUPABASE_URL (https://<ref>.supabase.co; Dashboard → Settings → Data API)", _read_url
        )
    kind = KeyKind.SECRET if name == "SUPABASE_SECRET_KEY" else KeyKind.PUBLISHABLE

    def read_key(given: str) -> str:
        if (found := tell_kind(given)) != kind:
            raise typer.BadParameter(f"That is {found}, not {kind}.")
        return given

    where = f"{name} (sb_{kind.name.lower()}_…; Dashboard → Settings → API Keys)"
    return _ask_until(where, read_key, hide=kind == KeyKind.SECRET)


def _ask_until(text: str, read: Callable[[str], str], *, hide: bool = False) -> str:
    return typer.prompt(text, value_proc=lambda given: read(given.strip()), hide_input=hide)


def _read_url(given: str) -> str:
    try:
        check_project_url(_url.validate_python(given))
    except ValidationError:
        raise typer.BadParameter("That is no address such as https://<ref>.supabase.co.") from None
    except ValueError as error:
        raise typer.BadParameter(f"It {error}.") from None
    return given


def _keep(env_file: Path, new: dict[str, str], *, yes: bool) -> None:
    names = ", ".join(new)
    if not yes and not typer.confirm(f"Write {names} to {env_file}?", default=True):
        typer.echo(f"Set {names} in the environment, then run this again.", err=True)
        raise typer.Exit(1)
    try:
        write_env(env_file, new)
    except OSError as error:
        typer.echo(f"{env_file} cannot be written: {error.strerror}.", err=True)
        raise typer.Exit(1) from None
    typer.echo(f"Wrote {names} to {env_file}; keep it out of version control.")
