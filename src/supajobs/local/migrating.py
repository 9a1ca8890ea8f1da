"""Applying `supabase/migrations/*.sql` as the Supabase CLI does, so that either may go on."""

import re
from collections.abc import Iterable
from pathlib import Path

import psycopg

from supajobs.local.errors import LocalStackError
from supajobs.local.statements import Statement, split_statements

_FILE_NAME = re.compile(r"(?P<version>\d+)_.*\.sql")
_SPACE = re.compile(r"[\s;]+")


def apply_migrations(project: Path, db_url: str, *, shipped: Iterable[Path] = ()) -> list[str]:
    """Apply the migrations that the database has not seen; return the names of their files.

    They are the project's own, completed by those that are `shipped`. Each file is one
    transaction, run with the role of `db_url` (`postgres`, as on Supabase) and recorded in
    `supabase_migrations.schema_migrations`.

    Raises:
        LocalStackError: one failed. It was rolled back; those before it stay.
    """
    applied: list[str] = []
    with psycopg.connect(db_url, autocommit=True) as connection:
        seen = _recorded_versions(connection)
        for version, file in sorted(_find_files(project, shipped).items()):
            if version not in seen:
                name = file.stem.removeprefix(f"{version}_")
                _apply(connection, file, version=version, name=name)
                applied.append(file.name)
        if applied:
            connection.execute("notify pgrst, 'reload schema'")
    return applied


def list_left_out(project: Path, db_url: str) -> list[str]:
    """What of the project's folder the database does not have and will not get: a sentence each."""
    by_version: dict[str, list[Path]] = {}
    told: list[str] = []
    for file in sorted((project / "supabase" / "migrations").glob("*.sql")):
        if match := _FILE_NAME.fullmatch(file.name):
            by_version.setdefault(match["version"], []).append(file)
        else:
            told.append(f"{file} is not applied: put a version before its name, 20261231000000_….")
    with psycopg.connect(db_url) as connection:
        recorded = dict(
            connection.execute(
                "select version, statements from supabase_migrations.schema_migrations"
            ).fetchall()
        )
    for version, files in by_version.items():
        if len(files) > 1:
            names = " and ".join(file.name for file in files)
            told.append(f"{names} have the same version, and one alone is applied: change one.")
        elif (there := recorded.get(version)) and not _is_same(there, files[0]):
            told.append(
                f"{files[0]} was applied as it was before: put the change into a new migration, or "
                "begin anew with `supajobs local down --purge`."
            )
    return told


def _is_same(recorded: list[str], file: Path) -> bool:
    """Whether these are the statements of the file, however they were cut and spaced."""
    now = [statement.text for statement in split_statements(file.read_text())]
    return _SPACE.sub("", "".join(recorded)) == _SPACE.sub("", "".join(now))


def _find_files(project: Path, shipped: Iterable[Path]) -> dict[str, Path]:
    """By version. What a project has under one of them is its own affair."""
    files = [*shipped, *sorted((project / "supabase" / "migrations").glob("*.sql"))]
    matches = [(_FILE_NAME.fullmatch(file.name), file) for file in files]
    return {match["version"]: file for match, file in matches if match}


def _recorded_versions(connection: psycopg.Connection) -> set[str]:
    rows = connection.execute("select version from supabase_migrations.schema_migrations")
    return {str(version) for (version,) in rows}


def _apply(connection: psycopg.Connection, file: Path, *, version: str, name: str) -> None:
    statements = split_statements(file.read_text())
    with connection.transaction():
        for statement in statements:
            try:
                connection.execute(statement.text.encode())
            except psycopg.Error as error:
                line = _line_of(error, statement)
                raise LocalStackError(f"{file}:{line}: {_message(error)}") from error
        connection.execute("reset all")
        connection.execute(
            "insert into supabase_migrations.schema_migrations (version, name, statements)"
            " values (%s, %s, %s)",
            [version, name, [statement.text for statement in statements]],
        )


def _line_of(error: psycopg.Error, statement: Statement) -> int:
    position = error.diag.statement_position
    offset = int(position) - 1 if position else statement.code
    return statement.line + statement.text.count("\n", 0, offset)


def _message(error: psycopg.Error) -> str:
    diagnostics = error.diag
    parts = [diagnostics.message_primary or str(error), diagnostics.message_detail]
    hint = diagnostics.message_hint and f"Hint: {diagnostics.message_hint}"
    return " ".join(part for part in [*parts, hint] if part)
