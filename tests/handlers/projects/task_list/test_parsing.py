"""Which lines of which files are tasks, where they belong, and what is warned of."""

import datetime as dt

import pytest
from tests.handlers.projects.task_list.plans import PATH, codes, read, texts

from supajobs.handlers.projects.task_list import PlanFile, TaskList, markdown_tasks, parse, parsing
from supajobs.handlers.projects.task_list.file_text import MAX_FILE_BYTES, MAX_LINE, MAX_LINES
from supajobs.handlers.projects.task_list.tasks import MAX_PHASES, MAX_WARNINGS, Warn

PLAN = """\
# A plan

Some words.

## Phase 1

- [x] install
  - [~] on Linux
    1. [ ] Debian
    2. [-] Arch
- a group
  * [X] in a group

### Phase 1.1

1. [ ] one
2. not a task
   1. [ ] below it

## Phase 2

> - [ ] quoted
"""


def test_a_task_has_its_state_phase_parent_number_and_line() -> None:
    plan = read(PLAN)
    assert [
        (task.line, task.state, task.text, task.parent, task.phase, task.number)
        for task in plan.tasks
    ] == [
        (7, "done", "install", None, ["Phase 1"], None),
        (8, "doing", "on Linux", 0, ["Phase 1"], None),
        (9, "open", "Debian", 1, ["Phase 1"], "1"),
        (10, "dropped", "Arch", 1, ["Phase 1"], "2"),
        (12, "done", "in a group", None, ["Phase 1"], None),
        (16, "open", "one", None, ["Phase 1", "Phase 1.1"], "1"),
        (18, "open", "below it", None, ["Phase 1", "Phase 1.1"], "2.1"),
        (22, "open", "quoted", None, ["Phase 2"], None),
    ]
    assert [task.position for task in plan.tasks] == list(range(8))
    assert {task.path for task in plan.tasks} == {PATH}
    assert [(phase.line, phase.names) for phase in plan.phases] == [
        (5, ["Phase 1"]),
        (14, ["Phase 1", "Phase 1.1"]),
        (20, ["Phase 2"]),
    ]
    assert plan.title == "A plan"


def test_several_first_headings_are_phases_and_no_title() -> None:
    plan = read("# One\n- [ ] a\n# Two\n- [ ] b\n")
    assert [task.phase for task in plan.tasks] == [["One"], ["Two"]]
    assert plan.title is None


def test_headings_may_be_underlined_ticked_and_of_one_name() -> None:
    plan = read("Setup\n-----\n- [ ] a\n\n## [x] Done\n- [ ] b\n\n## Setup ##\n- [ ] c\n")
    assert [task.phase for task in plan.tasks] == [["Setup"], ["Done"], ["Setup"]]
    assert [phase.names for phase in plan.phases] == [["Setup"], ["Done"]]


def test_headings_of_lists_and_quotations_are_no_phases() -> None:
    plan = read("- # [ ] a\n- x\n\n  ## y\n  - [ ] b\n\n> ## z\n\n- [ ] c\n  ---\n")
    assert [(task.text, task.phase) for task in plan.tasks] == [("a", []), ("b", []), ("c", [])]


def test_files_are_one_list_in_their_order() -> None:
    plan = parse([("b.md", b"# B\n- [ ] b\n  - [ ] bb\n"), ("a.md", b"- [x] a\n  - [x] aa\n")])
    assert [(task.path, task.position, task.parent) for task in plan.tasks] == [
        ("b.md", 0, None),
        ("b.md", 1, 0),
        ("a.md", 2, None),
        ("a.md", 3, 2),
    ]
    assert [file.path for file in plan.files] == ["b.md", "a.md"]
    assert plan.title == "B"


def test_no_files_are_no_tasks() -> None:
    assert parse([]) == TaskList([], [], [], [])
    assert read("") == TaskList([], [], [], [PlanFile(PATH)])


@pytest.mark.parametrize(
    "text",
    [
        "```\n- [ ] a\n```\n",
        "~~~~ md\n~~~\n- [ ] a\n~~~~\n",
        "- ```\n  - [ ] a\n  ```\n",
        "<!--\n- [ ] a\n\n- [ ] b\n-->\n",
        "- [a] is a link\n- [a]b\n- [[ ] b\n\n[a]: https://a.example\n",
        "| - [ ] a |\n|---|\n| - [ ] b |\n",
        "- [link](there)\n- [ ](there)\n- [ref]: x\n- \\[ ] a\n- `[ ]` open\n- [1] a\n- text [ ]\n",
    ],
)
def test_what_only_looks_like_a_task_is_none(text: str) -> None:
    plan = read(text)
    assert not plan.tasks
    assert not plan.warnings


@pytest.mark.parametrize(
    ("text", "tasks", "warned"),
    [
        ("- [ ] a\n- [ ]\n  - [ ] b\n", ["a", "b"], [(2, "no_text")]),
        ("\n- [?] a\n- [] b\n", ["a", "b"], [(2, "unknown_mark"), (3, "unknown_mark")]),
        ("- [S] a\n- [✓] b\n", ["a", "b"], [(1, "unknown_mark"), (2, "unknown_mark")]),
        ("- [x]a\n", ["a"], [(1, "no_space")]),
        ("text\n2. [ ] a\n", ["a"], [(2, "odd_indent")]),
        ("- [ ] a\n        - [ ] b\n          more\n", ["a", "b more"], [(2, "odd_indent")]),
        ("[ ] a\n", [], [(1, "no_list")]),
        ("    - [ ] a\n", [], [(1, "hidden_task")]),
        ("text\n\n\t- [ ] a\n", [], [(3, "hidden_task")]),
        ("<details>\n- [ ] a\n</details>\n\n- [ ] b\n", ["b"], [(2, "hidden_task")]),
        ("- [ ] a\n\n```\n- [ ] b\n", ["a"], [(3, "unclosed_fence")]),
        ("- [ ] a\n\n<!--\n- [ ] b\n", ["a"], [(3, "unclosed_comment")]),
        ("- [x] a\n  - [ ] b\n  - [~] c\n", ["a", "b", "c"], [(1, "open_below_done")]),
    ],
)
def test_what_is_malformed_is_read_as_far_as_possible(
    text: str, tasks: list[str], warned: list[tuple[int, str]]
) -> None:
    plan = read(text)
    assert texts(plan) == tasks
    assert codes(plan) == warned


def test_a_task_that_is_indented_oddly_is_below_the_one_above() -> None:
    assert [task.parent for task in read("- [ ] a\n        - [ ] b\n").tasks] == [None, 0]


def test_tabs_and_spaces_may_indent_one_list() -> None:
    plan = read("- [ ] a\n\t- [ ] b\n    - [ ] c\n\t\t- [ ] d\n- [ ] e\n")
    assert [(task.text, task.parent) for task in plan.tasks] == [
        ("a", None),
        ("b", 0),
        ("c", 0),
        ("d", 2),
        ("e", None),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"\xff\xfe\0\0", "utf-32-le"),
    ],
)
def test_files_of_any_encoding_and_line_end_say_the_same(
    end: str, mark: bytes, encoding: str
) -> None:
    text = PLAN.replace("install", "⚙️ تثبيت")
    written = read(mark + text.replace("\n", end).encode(encoding))
    assert written == read(text)


@pytest.mark.parametrize(
    ("content", "tasks", "warned"),
    [
        (b"- [ ] a\n- [ ] caf\xe9\n", ["a", "caf\ufffd"], [(2, "not_unicode")]),
        (b"- [ ] a\r- [ ] \xff\r", ["a", "\ufffd"], [(2, "not_unicode")]),
        (b"\xff\xfe-\0 \0[\0 \0]\0 \0a\0\0\xd8", ["a\ufffd"], [(1, "not_unicode")]),
        (b"- [ ] a\n- [ ] b\0c\n", ["a", "b\ufffdc"], [(2, "nul")]),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n", [], [(1, "lfs_pointer")]),
    ],
)
def test_what_is_no_text_is_warned_of(
    content: bytes, tasks: list[str], warned: list[tuple[int, str]]
) -> None:
    plan = read(content)
    assert texts(plan) == tasks
    assert codes(plan) == warned


def test_a_file_that_is_elsewhere_is_none_of_the_files_read() -> None:
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:00\n"
    plan = parse([("a.md", pointer), ("b.md", b"")])
    assert [file.path for file in plan.files] == ["b.md"]


def test_front_matter_is_read_and_lines_count_on() -> None:
    plan = read("""\
---
title: "The plan"
Owners: [anna, "@ben"]
start-date: 2026-01-05
due: 2026-12-31  # at last
status: active
unknown: {a: [b]}
---
# Another title
- [ ] a
""")
    assert plan.files == [
        PlanFile(
            PATH,
            title="The plan",
            status="active",
            owners=["anna", "ben"],
            starts_on=dt.date(2026, 1, 5),
            due=dt.date(2026, 12, 31),
        )
    ]
    assert plan.tasks[0].line == 10
    assert plan.title == "The plan"
    assert not plan.warnings


@pytest.mark.parametrize(
    ("source", "line"),
    [
        ("title: [", 3),
        ("a: &a [x]\nb: *a", 3),
        ("a: &a [x, x]\nb: &b [*a, *a]", 3),
        (f"title: {'[' * 9}", 2),
        ("title: \x01", 1),
        ('title: "\\UFFFFFFFF"', 1),
        ("title: x\ndue: tomorrow", 3),
    ],
)
def test_front_matter_that_is_none_is_warned_of_and_left_out(source: str, line: int) -> None:
    plan = read(f"---\n{source}\n---\n- [ ] a\n")
    assert [(each.line, each.code) for each in plan.warnings] in (
        [(line, "front_matter")],
        [(line, "unreadable_date")],
    )
    assert texts(plan) == ["a"]


def test_a_line_across_the_page_is_no_front_matter() -> None:
    assert texts(read("---\n- [ ] a\n---\n- [ ] b\n")) == ["a", "b"]
    unclosed = read("---\ntitle: a\n- [ ] b\n")
    assert texts(unclosed) == ["b"]
    assert codes(unclosed) == [(1, "front_matter")]


def test_what_is_nested_too_deep_is_left_out_and_the_rest_is_read() -> None:
    staircase = "".join(f"{'  ' * depth}- [ ] {depth}\n" for depth in range(1000))
    plan = read(f"{staircase}\n\n# After\n\n- [ ] after\n")
    assert texts(plan)[:-1] == [str(depth) for depth in range(19)]
    assert texts(plan)[-1] == "after"
    assert (20, "too_deep") in codes(plan)


@pytest.mark.parametrize("opening", ["> ", "- ", "1. ", "[", "![", "*", "x`", "<", "("])
def test_depth_within_a_line_is_no_trouble(opening: str) -> None:
    plan = read(f"{opening * 3000}\n\n- [ ] {opening * 300}\n\n# After\n\n- [ ] after\n")
    assert texts(plan)[-1] == "after"
    assert "unreadable" not in {warning.code for warning in plan.warnings}


@pytest.mark.parametrize(
    ("content", "warned"),
    [
        (b"- [ ] a\n\n" + b"x" * (10 * 2**20), [(3, "file_too_large"), (3, "line_too_long")]),
        (b"- [ ] a\n" + b"\n" * MAX_LINES, [(MAX_LINES, "file_too_large")]),
        (b"- [ ] a\n\n" + b"x" * MAX_LINE + b"\xc3\xa4\n", [(3, "line_too_long")]),
        (b"- [ ] a\n" + b"- x\n" * 29_000, [(20_001, "file_too_large")]),
    ],
)
def test_too_much_is_cut_where_the_warning_says(
    content: bytes, warned: list[tuple[int, str]]
) -> None:
    plan = read(content)
    assert texts(plan) == ["a"]
    assert codes(plan) == warned


def test_a_file_is_not_cut_within_a_letter() -> None:
    plan = read(b"- [ ] a\n" + "ä".encode() * MAX_FILE_BYTES)
    assert "not_unicode" not in {warning.code for warning in plan.warnings}


def test_too_many_tasks_are_left_out() -> None:
    plan = read("- [ ] a\n" * (parsing.MAX_TASKS + 2))
    assert len(plan.tasks) == parsing.MAX_TASKS
    assert codes(plan) == [(parsing.MAX_TASKS + 1, "too_many_tasks")]


def test_too_many_phases_are_not_listed_but_kept_apart() -> None:
    plan = read("".join(f"## {i}\n- [ ] a\n" for i in range(MAX_PHASES + 2)))
    assert len(plan.phases) == MAX_PHASES
    assert plan.tasks[-1].phase == [str(MAX_PHASES + 1)]
    assert codes(plan) == [(2 * MAX_PHASES + 1, "too_many_phases")]


def test_too_many_files_are_left_out() -> None:
    plan = parse((f"{i}.md", b"- [ ] a\n") for i in range(parsing.MAX_FILES + 2))
    assert len(plan.files) == len(plan.tasks) == parsing.MAX_FILES
    [warning] = plan.warnings
    assert (warning.path, warning.code) == (f"{parsing.MAX_FILES}.md", "too_many_files")


def test_files_that_are_too_large_together_are_left_out() -> None:
    large = b"- [ ] a\n" + b" " * MAX_FILE_BYTES
    plan = parse((f"{i}.md", large) for i in range(3))
    assert [task.path for task in plan.tasks] == ["0.md", "1.md"]
    assert plan.warnings[-1].code == "files_too_large"


def test_too_many_warnings_end_with_one_that_says_so() -> None:
    plan = read("- [?] a\n" * (MAX_WARNINGS + 1))
    assert len(plan.warnings) == MAX_WARNINGS
    assert plan.warnings[-1].code == "too_many_warnings"


def test_what_a_parser_stumbles_at_leaves_the_other_files_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    find_tasks = markdown_tasks.find_tasks

    def stumble(text: str, warn: Warn) -> markdown_tasks.MarkdownTasks:
        if "bad" in text:
            raise RecursionError
        return find_tasks(text, warn)

    monkeypatch.setattr(parsing, "find_tasks", stumble)
    plan = parse([("a.md", b"- [ ] bad\n"), ("b.md", b"- [ ] b\n")])
    assert texts(plan) == ["b"]
    assert [(each.path, each.code) for each in plan.warnings] == [("a.md", "unreadable")]
