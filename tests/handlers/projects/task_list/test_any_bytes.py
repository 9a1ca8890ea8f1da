"""What holds of any files at all: they are read, and in time that grows as they do."""

import sys
from collections.abc import Callable
from dataclasses import asdict
from types import FrameType
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tests.handlers.projects.task_list.plans import read

from supajobs.handlers.projects.task_list import TaskList, compute_progress, find_plan_files, parse
from supajobs.handlers.projects.task_list.tasks import MAX_WARNINGS
from supajobs.storable import require_kept

# Of what Markdown, front matter and plans are made of, more than chance would put together.
PIECES = [
    "- ", "* ", "1. ", "23) ", "[ ] ", "[x] ", "[X]", "[~] ", "[-] ", "[?] ", "[]", "> ", "# ",
    "## ", "---", "...", "===", "```", "~~~", "<!--", "-->", "<details>", "<br>", "<a ", "| ",
    "|-|", "\n", "\n\n", "\r\n", "\r", "\t", "    ", "  ", " ", "\0", "\ufeff", "\u202e",
    "\u2028", "\ud800", "é", "👩\u200d💻", "مرحبا", "a", "word ", "**", "_", "`", "[", "]", "(",
    ")", "![", "](", "\\", "&#0;", "&#x202e;", "[a]: b", "[a]", "https://a.example/", "@anna ",
    "@", "(2d)", "(999999w)", "weight: ", "9", "due: ", "2026-02-30", "2026-01-05", "📅", "1.2 ",
    "title: ", "owners: ", "due: ", "[a, b]", "&a ", "*a", "{", "}", ": ", "? ", "!!int ",
    "%YAML 9", '"\\U', "<<: ", "- - ", "'", '"',
]  # fmt: skip


def join(pieces: list[str]) -> str:
    return "".join(pieces)


def encode(text: str, encoding: str) -> bytes:
    return text.encode(encoding, "replace")


texts = st.lists(st.sampled_from(PIECES), max_size=60).map(join)
encodings = st.sampled_from(["utf-8", "utf-16", "utf-16-be", "utf-32", "latin-1"])
contents = st.one_of(
    st.binary(max_size=300),
    st.builds(encode, texts, encodings),
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")),
    texts.map(lambda text: f"---\ntitle: {text}\n---\n{text}".encode("utf-8", "surrogatepass")),
)
paths = st.one_of(st.sampled_from(["a.md", "b.md", "a\ud800.md", ""]), st.text(max_size=10))


def hold(plan: TaskList) -> None:
    """What every list of tasks keeps to."""
    assert "unreadable" not in {warning.code for warning in plan.warnings}
    assert [task.position for task in plan.tasks] == list(range(len(plan.tasks)))
    assert len({task.key for task in plan.tasks}) == len(plan.tasks)
    assert len(plan.warnings) <= MAX_WARNINGS
    files = [file.path for file in plan.files]
    if len(set(files)) == len(files):
        for told in (plan.tasks, plan.phases, plan.warnings[: MAX_WARNINGS - 1]):
            places = [(files.index(each.path), each.line) for each in told]
            assert places == sorted(places)
    for task in plan.tasks:
        assert task.text
        assert task.parent is None or task.parent < task.position
        assert task.weight >= 0
    assert all(each.line >= 1 for each in [*plan.tasks, *plan.phases, *plan.warnings])


def storable(value: Any) -> None:
    """Refuses what the database would."""
    require_kept(value, value, "")


@given(st.lists(st.tuples(paths, contents), max_size=3))
@example([("a.md", b"---\ntitle: '\n---\n")])
def test_any_bytes_are_read(files: list[tuple[str, bytes]]) -> None:
    plan = parse(files)
    hold(plan)
    progress = compute_progress(plan.tasks)
    for each in (progress, *progress.by_phase):
        assert 0 <= each.percentage <= 100
        assert 0 <= each.done_weight <= each.total_weight
    assert sum(progress.by_state.values()) == len(plan.tasks)
    for each in [*plan.tasks, *plan.files]:
        storable({**asdict(each), "due": None, "starts_on": None})
    for each in [*plan.phases, *plan.warnings, progress]:
        storable(asdict(each))


@given(texts)
def test_a_plan_is_read_alike_each_time(text: str) -> None:
    content = text.encode("utf-8", "replace")
    assert read(content) == read(content)


@given(st.lists(st.text(st.sampled_from("ab/*.[]!-?\ud800\n")), max_size=5), st.text("ab/*.[]!-?"))
def test_any_pattern_is_answered(names: list[str], pattern: str) -> None:
    assert set(find_plan_files(names, pattern)) <= set(names)


def count_calls(run: Callable[[], object]) -> int:
    """How many functions are called meanwhile: a measure of time that is the same each time."""
    count = 0

    def note(_frame: FrameType, _event: str, _argument: object) -> None:
        nonlocal count
        count += 1

    profiled = sys.getprofile()
    sys.setprofile(note)
    try:
        run()
    finally:
        sys.setprofile(profiled)
    return count


@pytest.mark.parametrize(
    "piece",
    [
        "- [ ] task with `code`, [a link](b.md), **words** @anna (2d) due: 2026-05-01\n",
        "- [ ] a\n  - [x] b\n    - [~] c\n",
        "## a\n\n- [ ] b\n\n",
        "text\n2. [ ] a\n",
        "> - [ ] a\n\n",
        "- - - - - - [ ] a\n",
        "- [ ] [a] [[[ *** ``` <a <!-- \n",
        "[a]: b\n",
        "- ```\n",
        "-\n",
        "a\n",
        "<!--\n",
        "|a|b|\n|-|-|\n|c|d|\n",
    ],
)
def test_twice_as_much_takes_twice_as_long(piece: str) -> None:
    once, twice = (count_calls(lambda n=n: read(piece * n)) for n in (500, 1000))
    assert twice < 2.2 * once


@pytest.mark.parametrize(
    "piece", [",", "( ", "@a ", "(,", "due ", "(1", "https://", "[a](", "*a_ "]
)
def test_a_long_text_is_read(piece: str) -> None:
    plan = read(f"- [ ] a {piece * 3000}\n" * 20)
    assert len(plan.tasks) == 20
    hold(plan)


def test_ten_thousand_tasks_are_read() -> None:
    tasks = "".join(
        f"- [{'x' if i % 2 else ' '}] task {i} with `code` and [a link](https://a.example/{i})"
        f" @anna (2d) due: 2026-05-01\n"
        for i in range(10_000)
    )
    plan = read(tasks)
    assert len(plan.tasks) == 10_000
    assert not plan.warnings
    assert compute_progress(plan.tasks).percentage == 50
