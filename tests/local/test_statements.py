import pytest
from hypothesis import given
from hypothesis import strategies as st

from supajobs.local.statements import split_statements

WHOLE = [
    "select 1",
    "select 'a;b''; c'",
    r"select e'a\';b'",
    'select ";" from "a"";b"',
    "do $$ begin perform 1; end $$",
    "do $body$ begin perform '$$;'; end $body$",
    "select $1, a$b$c",
    "/* a; /* nested; */ b; */ select 1",
    "-- a; b\nselect 1",
    "select 1 -- a; b",
    "create function f() returns int begin atomic select case when true then 1 end; select 2; end",
    "create rule r as on insert to t do also (select 1; select 2)",
    "select case when true then 'end' end",
    "begin",
]


@pytest.mark.parametrize("statement", WHOLE)
def test_a_statement_stays_whole(statement: str) -> None:
    assert [each.text for each in split_statements(f"{statement}\n;")] == [statement]


@given(st.lists(st.sampled_from(WHOLE)))
def test_statements_come_back_in_order_with_their_lines(statements: list[str]) -> None:
    script = "".join(f"\n{statement}\n;" for statement in statements)
    pieces = split_statements(script)
    assert [piece.text for piece in pieces] == statements
    lines = script.split("\n")
    for piece in pieces:
        assert lines[piece.line - 1].startswith(piece.text.split("\n")[0])


@given(st.text(alphabet="ab;'\"$-/*()\n e"))
def test_nothing_is_lost_and_nothing_hangs(script: str) -> None:
    pieces = "".join(piece.text for piece in split_statements(script))
    kept = [character for character in pieces if character not in " \n;"]
    all_of_it = iter([character for character in script if character not in " \n;"])
    assert all(character in all_of_it for character in kept)


@pytest.mark.parametrize("script", ["", " \n", ";;", "-- only a comment", "/* so; */ ;"])
def test_comments_alone_are_no_statement(script: str) -> None:
    assert split_statements(script) == []


def test_code_begins_behind_the_comments() -> None:
    (statement,) = split_statements("\n-- one\n/* two\n */ select 1;")
    assert statement.line == 2
    assert statement.text[statement.code :] == "select 1"
