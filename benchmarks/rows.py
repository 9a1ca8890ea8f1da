"""Filling tables: rows made by a queue's own statements, copied a million times."""

from collections.abc import Mapping

from benchmarks.server import Sql, connect, fetch_value


def copy_rows(
    sql: Sql,
    table: str,
    template: str,
    times: int | str,
    changes: Mapping[str, str | None] | None = None,
) -> None:
    """Copies the rows of `table` for which `template` holds.

    `times` is how often, or a query for what the copies shall call `n`. `changes` gives columns
    another expression, or (None) their default. Generated columns look after themselves.
    """
    changes = changes or {}
    found = sql.execute(
        b"select attname from pg_attribute where attrelid = $1::text::regclass and attnum > 0 "
        b"and not attisdropped and attgenerated = '' order by attnum",
        [table],
    ).fetchall()
    columns = [name for (name,) in found if changes.get(name, "") is not None]
    values = ", ".join(changes.get(name) or f'template."{name}"' for name in columns)
    names = ", ".join(f'"{name}"' for name in columns)
    copies = f"select generate_series(1, {times})" if isinstance(times, int) else times
    sql.execute(
        f"insert into {table} ({names}) select {values} from ({copies}) as copies (n) "
        f"cross join (select * from {table} where {template}) as template".encode()
    )


def vacuum(url: str) -> None:
    with connect(url) as owner:
        owner.execute(b"vacuum analyze")


def last_id(sql: Sql, table: str, column: str = "id") -> int:
    return fetch_value(sql, f"select coalesce(max({column}), 0) from {table}")
