"""Which paths a pattern finds."""

import pytest

from supajobs.handlers.projects.task_list import find_plan_files
from supajobs.handlers.projects.task_list.plan_files import MAX_FOUND, MAX_PATTERN

PATHS = [
    "PLAN.md",
    "docs/plan.md",
    "docs/plan-10.md",
    "docs/plan-2.md",
    "docs/a/b/plan.md",
    "docs/a/[x].md",
    "docs/a/x.md",
    "docs/[draft] plan.md",
    "docs/.hidden/plan.md",
    "src/plan.py",
]


@pytest.mark.parametrize(
    ("pattern", "found"),
    [
        ("PLAN.md", ["PLAN.md"]),
        ("./docs//plan.md", ["docs/plan.md"]),
        ("/PLAN.md", ["PLAN.md"]),
        ("plan.md", []),
        ("docs", []),
        ("docs/plan*.md", ["docs/plan.md", "docs/plan-2.md", "docs/plan-10.md"]),
        ("docs/plan-?.md", ["docs/plan-2.md"]),
        ("docs/plan-[0-9]*.md", ["docs/plan-2.md", "docs/plan-10.md"]),
        ("docs/plan-[!2]*.md", ["docs/plan-10.md"]),
        ("docs/a/[[]x].md", ["docs/a/[x].md"]),
        ("docs/a/[x].md", ["docs/a/[x].md"]),
        ("./docs/[draft] plan.md", ["docs/[draft] plan.md"]),
        ("docs/a/[xyz].md", ["docs/a/x.md"]),
        ("docs/*/plan.md", ["docs/.hidden/plan.md"]),
        ("**/plan.md", ["docs/.hidden/plan.md", "docs/a/b/plan.md", "docs/plan.md"]),
        ("docs/**/b/**/plan.md", ["docs/a/b/plan.md"]),
        ("docs/**/**/b/plan.md", ["docs/a/b/plan.md"]),
        ("**/a/**", ["docs/a/[x].md", "docs/a/b/plan.md", "docs/a/x.md"]),
        ("docs/**/b/plan.md/**", ["docs/a/b/plan.md"]),
        ("**/PLAN.md", ["PLAN.md"]),
        ("", []),
        ("a" * (MAX_PATTERN + 1), []),
        ("[", []),
        ("docs/[z-a]", []),
    ],
)
def test_a_pattern_finds_paths(pattern: str, found: list[str]) -> None:
    assert sorted(find_plan_files(PATHS, pattern)) == sorted(found)


def test_what_is_found_is_in_order() -> None:
    found = find_plan_files(PATHS, "docs/plan*.md")
    assert found == ["docs/plan-2.md", "docs/plan-10.md", "docs/plan.md"]
    zeros = ["a01", "a1", "a0", f"a{'9' * 5000}", "a٣"]
    assert find_plan_files(zeros, "*")[0] == "a0"


def test_only_so_many_are_found() -> None:
    assert len(find_plan_files((f"{i}.md" for i in range(MAX_FOUND + 1)), "*")) == MAX_FOUND


@pytest.mark.parametrize("name", ["a" * (MAX_PATTERN - 3), "a/" * (MAX_PATTERN // 2 - 2) + "a"])
def test_as_long_a_path_as_a_project_may_have_is_found(name: str) -> None:
    path = f"{name}.md"
    assert len(path) == MAX_PATTERN
    assert find_plan_files([path, "b.md"], path) == [path]
    assert find_plan_files([path, "b.md"], f"{path[:-3]}?md") == [path]


def test_stars_take_no_time() -> None:
    name = "a" * 4000
    deep = "/".join(name)
    assert find_plan_files([name, deep], f"{'*a' * (MAX_PATTERN // 2 - 1)}b") == []
    for part in ("**/a/", "**/*/", "a/"):
        pattern = f"**/{part * ((MAX_PATTERN - 4) // len(part))}b"
        assert len(pattern) <= MAX_PATTERN
        assert find_plan_files([deep] * 20, pattern) == []
