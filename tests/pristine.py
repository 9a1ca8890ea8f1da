"""A project as it was made: what tests have written is taken away, what migrations have, stays."""

from typing import LiteralString

import psycopg
from psycopg.sql import SQL, Identifier

_TABLES: LiteralString = """
    select schemaname, tablename from pg_tables
    where schemaname not in ('pg_catalog', 'information_schema', 'supabase_migrations')
"""


class Pristine:
    """The rows of all tables, which are few, as they are now."""

    def __init__(self, superuser_db_url: str) -> None:
        self._db_url = superuser_db_url
        with psycopg.connect(superuser_db_url) as connection:
            tables = [Identifier(*row) for row in connection.execute(_TABLES).fetchall()]
            self._truncate = SQL("truncate {}").format(SQL(", ").join(tables))
            copies = [(table, _read(connection, table)) for table in tables]
        self._copies = [(table, rows) for table, rows in copies if rows]

    def restore(self) -> None:
        """Makes the tables as they were, without a trigger noticing."""
        with psycopg.connect(self._db_url) as connection, connection.cursor() as cursor:
            cursor.execute("set local lock_timeout = '30 s'")
            cursor.execute("set local session_replication_role = replica")
            cursor.execute(self._truncate)
            for table, rows in self._copies:
                with cursor.copy(SQL("copy {} from stdin").format(table)) as copy:
                    copy.write(rows)


def _read(connection: psycopg.Connection, table: Identifier) -> bytes:
    statement = SQL("copy {} to stdout").format(table)
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        return b"".join(bytes(block) for block in copy)
