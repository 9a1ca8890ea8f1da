"""What is stored of the plan of a commit."""

import asyncio
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from tests.handlers.projects.skills.trees import WrittenTree

from supajobs.handlers.projects.task_list import read_plan, stored_plan
from supajobs.handlers.projects.task_list.parsing import MAX_FILES

PLAN = "# A plan\n## A phase\n- [x] a\n  - [x] b\n- [ ] c\n"
PATIENCE = 10.0  # s; only what blocks the loop waits for so long


def codes(plan: dict[str, Any]) -> list[tuple[str, int | None, str]]:
    return [(each["path"], each["line"], each["code"]) for each in plan["warnings"]]


async def test_a_plan_is_read_as_columns_and_rows() -> None:
    plan = await read_plan(WrittenTree({"PLAN.md": PLAN, "b.md": "- [ ] b\n"}), "PLAN.md")
    assert (plan["title"], plan["progress"]["percentage"]) == ("A plan", 50)
    first, second, third = plan["tasks"]
    assert [each["text"] for each in plan["tasks"]] == ["a", "b", "c"]
    assert second["parent_key"] == first["key"]
    assert third["parent_key"] is None
    assert plan["warnings"] == []


@pytest.mark.parametrize("name", ["find_plan_files", "parse", "compute_progress", "asdict"])
async def test_a_plan_is_read_beside_the_event_loop(
    monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    loop, whole = asyncio.get_running_loop(), vars(stored_plan)[name]
    turned: list[bool] = []

    def wait_for_the_loop(given: Any, *others: Any) -> Any:
        turn = threading.Event()
        loop.call_soon_threadsafe(turn.set)
        turned.append(turn.wait(PATIENCE))
        return whole(given, *others)

    monkeypatch.setattr(stored_plan, name, wait_for_the_loop)
    plan = await read_plan(WrittenTree({"PLAN.md": f"{PLAN}- [?] d\n"}), "PLAN.md")
    assert len(plan["tasks"]) == 4
    assert turned
    assert all(turned)


async def test_files_are_read_in_the_order_of_their_numbers() -> None:
    paths = [f"plan-{i}.md" for i in range(1, MAX_FILES + 3)]
    tree = WrittenTree(dict.fromkeys(sorted(paths), "- [ ] a\n"))
    plan = await read_plan(tree, "plan-*.md")
    assert [task["path"] for task in plan["tasks"]] == paths[:MAX_FILES]
    assert codes(plan) == [(paths[MAX_FILES], 1, "too_many_files")]


def without_content(tree: WrittenTree) -> None:
    """As if they were larger than what is fetched of a file."""
    tree.files = [replace(each, size=None) for each in tree.files]


def with_content(_tree: WrittenTree) -> None:
    """As they are."""


@pytest.mark.parametrize(
    ("content", "change", "pattern", "warned"),
    [
        (PLAN, with_content, "plan.md", ("plan.md", None, "no_plan_file")),
        (PLAN, without_content, "PLAN.md", ("PLAN.md", None, "file_too_large")),
        (
            "version https://git-lfs.github.com/spec/v1\noid sha256:00\n",
            with_content,
            "PLAN.md",
            ("PLAN.md", 1, "lfs_pointer"),
        ),
    ],
)
async def test_a_plan_that_is_not_there_has_no_progress(
    content: str,
    change: Callable[[WrittenTree], None],
    pattern: str,
    warned: tuple[str, int | None, str],
) -> None:
    tree = WrittenTree({"PLAN.md": content})
    change(tree)
    plan = await read_plan(tree, pattern)
    assert "progress" not in plan
    assert plan["tasks"] == []
    assert codes(plan) == [warned]


@pytest.mark.parametrize("content", ["", "# A plan\n", "- [ ] a\n"])
async def test_a_plan_that_nothing_is_done_of_is_at_its_start(content: str) -> None:
    plan = await read_plan(WrittenTree({"PLAN.md": content}), "PLAN.md")
    assert plan["progress"]["percentage"] == 0
