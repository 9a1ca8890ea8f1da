from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
from tests.local.conftest import write_migration

from supajobs.local.errors import LocalStackError
from supajobs.local.stack import Stack, StackInfo


def history(info: StackInfo) -> list[tuple[str, str, int]]:
    with psycopg.connect(info.db_url) as connection:
        rows = connection.execute(
            "select version, name, cardinality(statements)"
            " from supabase_migrations.schema_migrations order by version"
        )
        return [(version, name, count) for version, name, count in rows]


def test_new_files_are_applied_once_also_while_running(
    make_stack: Callable[..., Stack], tmp_path: Path
) -> None:
    stack = make_stack()
    one = "-- a; comment\ncreate table a (id int);\ninsert into a values (1);\n"
    write_migration(tmp_path, "20260101000000_one.sql", one)
    info = stack.up()
    assert history(info) == [("20260101000000", "one", 2)]

    write_migration(tmp_path, "20260102000000_two.sql", "insert into a select id + 1 from a;")
    write_migration(tmp_path, "README.sql", "this is no migration")
    assert stack.up() == info
    stack.up()

    assert history(info)[1:] == [("20260102000000", "two", 1)]
    with psycopg.connect(info.db_url) as connection:
        assert connection.execute("select array_agg(id order by id) from a").fetchone() == ([1, 2],)
        owner = connection.execute("select tableowner from pg_tables where tablename = 'a'")
        assert owner.fetchone() == ("postgres",)


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("create table b ();\n\nselect\n  nonsense;\n", r':4: column "nonsense" does not exist'),
        ("create table b ();\n-- why\n\ndo $$ begin\n  raise 'no; way';\nend $$;", r":4: no; way"),
        ("create table b ();\nalter role anon superuser;", r":2: permission denied to alter role"),
        ("create table b ();\nselec 1;", r':2: syntax error at or near "selec"'),
    ],
)
def test_a_failing_file_says_where_and_leaves_nothing(
    stack: StackInfo, project: Path, script: str, message: str
) -> None:
    before = history(stack)
    file = write_migration(project, "20990101000000_fail.sql", script)
    try:
        with pytest.raises(LocalStackError, match=rf"{file}{message}"):
            Stack(stack.dir, project).up()
    finally:
        file.unlink()
    assert history(stack) == before
    with psycopg.connect(stack.db_url) as connection:
        assert connection.execute("select to_regclass('public.b')").fetchone() == (None,)


def test_what_ran_elsewhere_is_not_repeated(stack: StackInfo, project: Path) -> None:
    file = write_migration(project, "20990101000000_elsewhere.sql", "select nonsense;")
    with psycopg.connect(stack.db_url, autocommit=True) as connection:
        record = "insert into supabase_migrations.schema_migrations (version) values (%s)"
        connection.execute(record, ["20990101000000"])
        Stack(stack.dir, project).up()
        connection.execute(
            "delete from supabase_migrations.schema_migrations where version = %s",
            ["20990101000000"],
        )
    file.unlink()


def test_what_will_not_be_applied_is_told(stack: StackInfo, project: Path) -> None:
    here = Stack(stack.dir, project)
    before = here.list_left_out()
    written = [
        write_migration(project, name, "select 1;")
        for name in ("20990201000000_early.sql", "20990202000000_other.sql")
    ]
    try:
        here.up()
        assert here.list_left_out() == before
        written[0].write_text("select 1;\nselect 2;\n")
        written[1].write_text("\n\nselect   1;")
        written.append(write_migration(project, "nameless.sql", "select 1;"))
        written.append(write_migration(project, "20990202000000_twin.sql", "select 1;"))
        told = set(here.list_left_out()) - set(before)
    finally:
        for file in written:
            file.unlink()
        with psycopg.connect(stack.db_url, autocommit=True) as connection:
            connection.execute(
                "delete from supabase_migrations.schema_migrations where version like '209902%'"
            )
    assert len(told) == 3
    assert any("nameless.sql is not applied: put a version" in each for each in told)
    assert any("20990202000000_other.sql and 20990202000000_twin.sql" in each for each in told)
    assert any("20990201000000_early.sql was applied as it was before" in each for each in told)
