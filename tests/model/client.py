"""A client of the queue's functions, over a database connection of its own."""

from collections.abc import Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any, LiteralString, TypeVar
from uuid import UUID

import psycopg
from psycopg.rows import class_row, dict_row
from psycopg.sql import SQL, Identifier, Placeholder
from psycopg.types.json import Jsonb
from tests.model.records import Run, Settled
from tests.parts import Sql

Row = TypeVar("Row")

# Nobody in these tests may keep anybody else waiting for longer.
_OPTIONS = "-c lock_timeout=3s -c synchronous_commit=off"


class Client:
    def __init__(self, connection: Sql) -> None:
        self.connection = connection

    @classmethod
    @contextmanager
    def connect(cls, url: str) -> Generator["Client"]:
        with Sql.connect(
            url, autocommit=True, row_factory=dict_row, options=_OPTIONS
        ) as connection:
            yield cls(connection)

    def call(self, function: str, **arguments: Any) -> Any:
        """Calls a function with arguments for which it never raises an error."""
        given = {name: _adapt(value) for name, value in arguments.items()}
        try:
            row = self.connection.execute(_call(function, *given), given).fetchone()
        except psycopg.Error as error:
            raise AssertionError(f"{function} raised {error!r} for {arguments}") from error
        assert row
        return row["answer"]

    def settle(self, verb: str, runs: list[Run], **said: Any) -> list[Settled]:
        if len(runs) == 1:
            [(job_id, claim_id)] = runs
            options = {f"p_{name}": value for name, value in said.items()}
            told = self.call(f"{verb}_plan_job", p_job_id=job_id, p_claim_id=claim_id, **options)
            return [read_settled(told)]
        answers = self.call(f"{verb}_plan_jobs", p_jobs=name_runs(runs, **said))
        return [read_settled(told) for told in answers]

    def execute(self, statement: LiteralString, *values: Any) -> None:
        self.connection.execute(statement, values)

    def insert(self, schema: str, table: str, row: Mapping[str, Any]) -> None:
        names = SQL(", ").join(map(Identifier, row))
        values = SQL(", ").join(map(Placeholder, row))
        statement = SQL("insert into {} ({}) values ({})").format(
            Identifier(schema, table), names, values
        )
        self.connection.execute(statement, row)

    def read(self, kind: type[Row], query: LiteralString) -> Sequence[Row]:
        return self.connection.cursor(row_factory=class_row(kind)).execute(query).fetchall()


def name_runs(runs: list[Run], **said: Any) -> list[dict[str, Any]]:
    return [{"job_id": str(job_id), "claim_id": str(claim_id), **said} for job_id, claim_id in runs]


def read_settled(told: Any) -> Settled:
    run_at = told.get("run_at")
    return (
        UUID(told["job_id"]),
        UUID(told["claim_id"]),
        told["outcome"],
        run_at and datetime.fromisoformat(run_at),
    )


@cache
def _call(function: str, *names: str) -> bytes:
    given = [SQL("{} => {}").format(Identifier(name), Placeholder(name)) for name in names]
    call = SQL("select {}({}) as answer").format(
        Identifier(*function.split(".")), SQL(", ").join(given)
    )
    return call.as_bytes()


def _adapt(value: Any) -> Any:
    """Objects and arrays of objects are JSON; arrays of names are arrays."""
    match value:
        case dict() | [dict(), *_]:
            return Jsonb(value)
        case _:
            return value
