"""All functions before plpgsql_check: it finds what PostgreSQL would not see until it is called."""

from collections.abc import Generator

import pytest
from psycopg.rows import dict_row
from tests.parts import Sql

from supajobs.local.stack import StackInfo

# A trigger function is checked once for each trigger that calls it.
FINDINGS = """
select
  function.oid::regproc::text as function,
  concat_ws(': ', found.level, found.message, found.detail) as finding
from pg_proc as function
join pg_language as language on language.oid = function.prolang
left join pg_trigger as trigger on trigger.tgfoid = function.oid
cross join lateral extensions.plpgsql_check_function_tb(
  function.oid,
  coalesce(trigger.tgrelid, 0),
  fatal_errors => false,
  all_warnings => true,
  oldtable => trigger.tgoldtable,
  newtable => trigger.tgnewtable
) as found
where
  function.pronamespace = 'public'::regnamespace
  and language.lanname = 'plpgsql'
  and (function.prorettype <> 'trigger'::regtype or trigger.oid is not null)
"""

MEANT = {
    # '{"outcome": "stale"}' as json, and counts as the integers that they fit into.
    "target type is different type than source type",
}
MEANT_IN = {
    # The table may be missing or closed: an error of EXECUTE is caught for certain.
    ("describe_plan_schema", "immutable expression without parameters found"),
}


@pytest.fixture
def superuser(stack: StackInfo) -> Generator[Sql]:
    with Sql.connect(stack.superuser_db_url, row_factory=dict_row) as connection:
        yield connection
        connection.rollback()


def find(superuser: Sql) -> set[tuple[str, str]]:
    found = {(row["function"], row["finding"]) for row in superuser.execute(FINDINGS)}
    return {
        (function, finding)
        for function, finding in found
        if not any(meant in finding for meant in MEANT)
        and not any(function == name and meant in finding for name, meant in MEANT_IN)
    }


def test_nothing_is_found(superuser: Sql) -> None:
    assert find(superuser) == set()


def test_what_is_wrong_would_be_found(superuser: Sql) -> None:
    superuser.execute(
        "create function public.broken() returns void language plpgsql as $$"
        " begin perform nothing_of_it from public.plan_generation_jobs; end $$"
    )
    found = {finding for function, finding in find(superuser) if function == "broken"}
    assert 'error: column "nothing_of_it" does not exist' in found
