"""Everything that a project writes down, and where in it a secret lies, in whatever form."""

import math
from base64 import b64encode
from collections.abc import Mapping
from urllib.parse import quote

import psycopg
from psycopg.sql import SQL, Identifier


def write_forms(secret: str) -> dict[str, str]:
    """The secret as it may stand in other texts, by the name of the form; case does not matter."""
    return {
        "plain": secret,
        "URL-encoded": quote(secret, safe=""),
        "hexadecimal": secret.encode().hex(),  # as which Postgres shows bytes
        **{f"base64, {place} bytes in": _write_base64(secret, place) for place in range(3)},
    }


def _write_base64(secret: str, place: int) -> str:
    """The letters that do not depend on what stands before it, `place` bytes, or behind it."""
    whole = b64encode(bytes(place) + secret.encode()).decode()
    bits = 8 * (place + len(secret.encode()))
    return whole[math.ceil(8 * place / 6) : bits // 6]


def read_tables(url: str) -> dict[str, str]:
    """All rows of all tables but Postgres' own, by the table's name with its schema."""
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables "
            "where schemaname not in ('pg_catalog', 'information_schema')"
        ).fetchall()
        query = SQL("select string_agg(row_to_json(each)::text, E'\\n') from {} as each")
        return {
            f"{schema}.{table}": rows
            for schema, table in tables
            for [rows] in connection.execute(query.format(Identifier(schema, table)))
            if rows
        }


def find(secrets: Mapping[str, str], texts: Mapping[str, str]) -> set[tuple[str, str]]:
    """Which secrets stand in which texts, by their names."""
    # In base64url two letters are others.
    lowered = {
        name: text.lower().replace("-", "+").replace("_", "/") for name, text in texts.items()
    }
    return {
        (secret, place)
        for secret, value in secrets.items()
        for form in write_forms(value).values()
        for place, text in lowered.items()
        if form.lower().replace("-", "+").replace("_", "/") in text
    }
