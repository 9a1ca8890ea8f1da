"""Applying `supabase/migrations/*.sql` as the Supabase CLI does, so that either may go on."""

import re
from collections.abc import Iterable
from pathlib import Path

import psycopg

from supajobs.local.errors import LocalStackError
from supajobs.local.statements import Statement, split_statements

_FILE_NAME = re.compile(r"(?P<version>\d+)_.*\.sql")


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
