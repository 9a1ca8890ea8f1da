"""What looks for secrets would find them."""

from base64 import b64encode, urlsafe_b64encode
from typing import LiteralString
from urllib.parse import quote_plus

import psycopg
import pytest
from psycopg.sql import SQL, Literal
from tests.secrets.haystack import find, read_tables

from supajobs.local.stack import StackInfo

SECRET = "sk-a+secret/that~lies?about>1"

WRITTEN = {
    "plain": SECRET,
    "in another case": SECRET.upper(),
    "in an address": f"https://example.com/?key={quote_plus(SECRET)}&x=1",
    "in base64": b64encode(SECRET.encode()).decode(),
    "in base64 with a name before it": b64encode(f"user:{SECRET}".encode()).decode(),
    "in base64 as a bearer's": b64encode(f"Bearer {SECRET}!".encode()).decode(),
    "in base64url": urlsafe_b64encode(f"{{'{SECRET}'}}".encode()).decode(),
    "in hexadecimal": SECRET.encode().hex(),
}


@pytest.mark.parametrize("form", WRITTEN)
def test_a_secret_is_found_in_a_text(form: str) -> None:
    texts = {"log": f"it said {WRITTEN[form]}.", "other log": "it said nothing"}
    assert find({"key": SECRET, "other": "sk-another-secret"}, texts) == {("key", "log")}


@pytest.mark.parametrize("column", ["text", "jsonb", "bytea", "text[]"])
def test_a_secret_is_found_in_a_table_of_any_schema(
    stack: StackInfo, column: LiteralString
) -> None:
    values = {"jsonb": f'{{"a": [{{"b": "{SECRET}"}}]}}', "text[]": f"{{a,{SECRET}}}"}
    with psycopg.connect(stack.superuser_db_url) as connection:
        connection.execute("create schema hidden")
        value = SQL("select null as value union all select {}::text::{}").format(
            Literal(values.get(column, SECRET)), SQL(column)
        )
        connection.execute(SQL("create table hidden.place as {}").format(value))
        connection.commit()
        try:
            found = find({"key": SECRET}, read_tables(stack.superuser_db_url))
        finally:
            connection.execute("drop schema hidden cascade")
    assert found == {("key", "hidden.place")}
