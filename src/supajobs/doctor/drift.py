"""In what a project's schema differs from what the migrations made of it."""

from collections.abc import Generator, Mapping

from supajobs.doctor.schema_description import Column, Function, Relation, SchemaDescription


def list_drift(actual: SchemaDescription, expected: SchemaDescription) -> list[str]:
    """All that is missing or changed, and what else is in the queue's way; by name.

    Who may do what is for `privileges`. Further columns, indexes and triggers that hinder no job
    are the project's own business.
    """
    same_postgres = actual.postgres == expected.postgres
    return [
        *_list_relations(actual, expected, same_postgres=same_postgres),
        *_list_functions(actual.functions, expected.functions),
        *(
            f"job type {name} is missing"
            for name in expected.job_types
            if name not in actual.job_types
        ),
    ]


def _list_relations(
    actual: SchemaDescription, expected: SchemaDescription, *, same_postgres: bool
) -> Generator[str]:
    for name, should in expected.relations.items():
        if (found := actual.relations.get(name)) is None:
            yield f"{should.kind} {name} is missing"
        elif found.kind != should.kind:
            yield f"{name} is a {found.kind}, not a {should.kind}"
        else:
            # Each version of PostgreSQL prints a view in its own way.
            if (same_postgres and found.definition != should.definition) or (
                found.options != should.options
            ):
                yield f"{should.kind} {name} is changed"
            yield from _list_columns(name, found.columns, should.columns)
            yield from _list_parts(name, found, should)


def _list_columns(
    table: str, found: Mapping[str, Column], expected: Mapping[str, Column]
) -> Generator[str]:
    for name, should in expected.items():
        column = found.get(name)
        if column is None:
            yield f"column {table}.{name} is missing"
        elif column.type != should.type:
            yield f"column {table}.{name} is {column.type}, not {should.type}"
        elif (column.not_null, column.value) != (should.not_null, should.value):
            yield f"column {table}.{name} is changed (its default, or whether it may be null)"
    for name in found.keys() - expected.keys():
        if found[name].not_null and found[name].value is None:
            yield f"column {table}.{name} is not the queue's and must not be null"


def _list_parts(table: str, found: Relation, should: Relation) -> Generator[str]:
    parts = (
        ("constraint", found.constraints, should.constraints),
        ("index", found.indexes, should.indexes),
        ("trigger", found.triggers, should.triggers),
    )
    for kind, has, wanted in parts:
        for name, definition in wanted.items():
            if name not in has:
                yield f"{kind} {name} of {table} is missing"
            elif has[name] != definition:
                yield f"{kind} {name} of {table} is changed: {has[name]}"
    for name in sorted(found.constraints.keys() - should.constraints.keys()):
        yield f"constraint {name} of {table} is not the queue's"
    for name in sorted(found.indexes.keys() - should.indexes.keys()):
        if found.indexes[name].startswith("CREATE UNIQUE"):
            yield f"unique index {name} of {table} is not the queue's"


def _list_functions(
    found: Mapping[str, Function], expected: Mapping[str, Function]
) -> Generator[str]:
    for signature, should in expected.items():
        function = found.get(signature)
        if function is None:
            yield f"function {signature} is missing"
        elif function.body != should.body:
            yield f"function {signature} has another body"
        elif function.model_dump(exclude={"grants"}) != should.model_dump(exclude={"grants"}):
            yield f"function {signature} is changed (its settings, defaults or result)"
    names = {function.name for function in expected.values()}
    for signature in sorted(found.keys() - expected.keys()):
        if found[signature].name in names:
            yield f"function {signature} overloads one of the queue's: it cannot be called any more"
