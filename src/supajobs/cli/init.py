"""`supajobs init`."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from supajobs.cli.setup.env_file import OWNER_ONLY
from supajobs.first_job import FIRST_TYPE, write_request
from supajobs.shipped_sql import FAMILIES, find_migrations

_STARTER = Path(__file__).with_name("starter")
_ENV = ".env"
_ANYBODY = 0o666  # as far as the umask lets them


def init(
    folder: Annotated[Path, typer.Argument(help="Made where it is missing.")] = Path(),
) -> None:
    """Write a first job type, its row, its test and an .env into an empty folder."""
    files = _list_files()
    try:
        if there := [name for name in files if (folder / name).exists()]:
            _refuse(f"Nothing was written: {', '.join(there)} is there. Take an empty folder.")
        for name, text in files.items():
            _write(folder / name, text)
    except OSError as error:
        _refuse(f"{error.filename} cannot be written: {error.strerror}.")
    for name in files:
        typer.echo(f"Wrote {folder / name}")
    typer.echo("Next:")
    if folder.resolve() != Path.cwd():
        typer.echo(f"  cd {folder}")
    typer.echo("  pip install pytest && python -m pytest    # its test")
    typer.echo("  supajobs dev    # and in another terminal:")
    typer.echo("  export $(supajobs local env)")
    typer.echo(f"  {write_request(FIRST_TYPE)}")
    typer.echo("  supajobs jobs show ID --result    # the id that enqueue has printed")


def _list_files() -> dict[str, str]:
    """What is written, by where it goes."""
    places = {
        "jobs.py": "jobs.py",
        "test_jobs.py": "test_jobs.py",
        f"supabase/migrations/{_next_version()}_add_poem_job_type.sql": "add_poem_job_type.sql",
        _ENV: "env",
        ".gitignore": "gitignore",
    }
    return {name: (_STARTER / source).read_text() for name, source in places.items()}


def _next_version() -> int:
    """A migration's, by the clock; but after those of the queue, whose table it fills."""
    newest = max(int(file.name.partition("_")[0]) for file in find_migrations(FAMILIES))
    return max(int(f"{datetime.now(UTC):%Y%m%d%H%M%S}"), newest + 1)


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch(mode=OWNER_ONLY if file.name == _ENV else _ANYBODY, exist_ok=False)
    file.write_text(text)


def _refuse(reason: str) -> None:
    typer.echo(reason, err=True)
    raise typer.Exit(1)
