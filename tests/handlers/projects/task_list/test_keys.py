"""By what a task is known from one refresh to the next."""

import pytest
from tests.handlers.projects.task_list.plans import read

from supajobs.handlers.projects.task_list import parse

PLAN = """\
# Plan
## One
- [ ] 1. write *tests* (2d) @anna
  - [ ] for it
- [ ] again
- [ ] again
## Two
- [ ] again
"""


def keys(text: str) -> dict[str, str]:
    """By number among all of its text, because that is what tells tasks apart here."""
    tasks = read(text).tasks
    return {f"{index} {task.text}": task.key for index, task in enumerate(tasks)}


def test_tasks_that_are_alike_have_keys_of_their_own() -> None:
    plan = parse([("a.md", PLAN.encode()), ("b.md", PLAN.encode()), ("b.md", PLAN.encode())])
    assert len({task.key for task in plan.tasks}) == 15
    assert all(len(task.key) == 32 for task in plan.tasks)


def test_names_that_cannot_be_stored_are_kept_apart() -> None:
    plan = parse([("\udc80.md", b"- [ ] a\n"), ("\udc81.md", b"- [ ] a\n")])
    assert {task.path for task in plan.tasks} == {"\ufffd.md"}
    assert len({task.key for task in plan.tasks}) == 2


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("[ ]", "[x]"),
        ("# Plan\n", "# Plan, renamed\n\nMore words.\n\n"),
        ("write *tests* (2d) @anna", "Write tests (3h) @ben @c due: 2026-12-31"),
        ("1. write", "2.1 write"),
        ("- [ ]", "* [-]"),
        ("\n", "\r\n"),
        ("## Two", "## Two\n- [ ] new"),
    ],
)
def test_a_key_stays_when_a_task_is_not_another_one(old: str, new: str) -> None:
    assert set(keys(PLAN).values()) <= set(keys(PLAN.replace(old, new)).values())


def test_a_key_stays_when_the_task_moves_within_its_phase() -> None:
    moved = PLAN.replace("- [ ] again\n- [ ] again\n", "")
    moved = moved.replace("## One\n", "## One\n- [ ] again\n- [ ] again\n")
    assert set(keys(moved).values()) == set(keys(PLAN).values())


@pytest.mark.parametrize(
    ("old", "new", "changed"),
    [
        ("for it", "for them", 1),
        ("write", "rewrite", 2),  # and what is below it
        ("Two", "Three", 1),
        ("  - [ ] for", "- [ ] for", 1),
    ],
)
def test_another_text_phase_or_parent_is_another_task(old: str, new: str, changed: int) -> None:
    changed_keys = set(keys(PLAN.replace(old, new)).values())
    assert len(set(keys(PLAN).values()) - changed_keys) == changed
