"""The answer of describe_plan_schema, and the one that a project should give: `schema.json`."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pydantic import BaseModel, TypeAdapter

from supajobs.setting_sources import JobFamily
from supajobs.shipped_sql import list_unwanted

SNAPSHOT = Path(__file__).parent / "schema.json"

Grants = dict[str, list[str]]
"""Privileges by role: `anon`, `authenticated`, `service_role`, and `public` for everybody."""


class Column(BaseModel):
    """`value` is its default, or how it is generated."""

    type: str
    not_null: bool
    value: str | None
    grants: Grants


class Policy(BaseModel):
    """A policy of Row Level Security; `kind` is permissive or restrictive."""

    command: str
    kind: str
    roles: list[str]
    using: str | None
    with_check: str | None


class Relation(BaseModel):
    """A table or view. `definition` is the md5 of a view's, as its PostgreSQL version prints it."""

    kind: str
    options: list[str]
    definition: str | None
    row_level_security: bool
    grants: Grants
    columns: dict[str, Column]
    constraints: dict[str, str]
    indexes: dict[str, str]
    policies: dict[str, Policy]
    triggers: dict[str, str]


class Function(BaseModel):
    """A function; `body` is the md5 of its source."""

    name: str
    arguments: str
    returns: str
    language: str
    volatility: str
    security_definer: bool
    settings: list[str]
    body: str
    grants: Grants


class SchemaDescription(BaseModel):
    """Relations by name, functions by signature, names of migrations by version.

    `private_schema` says who may use the schema `supajobs`.
    `postgres` is the major version. `migrations` is None where their history cannot be read.
    """

    postgres: int
    migrations: dict[str, str | None] | None
    private_schema: Grants
    job_types: list[str]
    relations: dict[str, Relation]
    functions: dict[str, Function]


schema_description = TypeAdapter(SchemaDescription)


@cache
def read_snapshot() -> SchemaDescription:
    """What all migrations of this package make of an empty project."""
    return schema_description.validate_json(SNAPSHOT.read_bytes())


def expect(families: Iterable[JobFamily]) -> SchemaDescription:
    """What the migrations of the queue and of these families make of an empty project."""
    everything = read_snapshot()
    unwanted = list_unwanted(families)
    migrations = {family.migration for family in unwanted}
    job_types = {name for family in unwanted for name in family.job_types}
    tables = {name for family in unwanted for name in family.tables}
    functions = {name for family in unwanted for name in family.functions}
    known = (everything.migrations or {}).items()
    return everything.model_copy(
        update={
            "migrations": {version: name for version, name in known if name not in migrations},
            "job_types": [name for name in everything.job_types if name not in job_types],
            "relations": {
                name: each for name, each in everything.relations.items() if name not in tables
            },
            "functions": {
                name: each for name, each in everything.functions.items() if name not in functions
            },
        }
    )
