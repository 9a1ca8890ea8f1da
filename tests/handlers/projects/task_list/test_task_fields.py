"""What is read from the text of a task, and what is left of it."""

import datetime as dt
from typing import Any

import pytest
from tests.handlers.projects.task_list.plans import codes, read, read_task

from supajobs.handlers.projects.task_list.inline_text import MAX_LINKS, MAX_MARKS
from supajobs.handlers.projects.task_list.task_fields import MAX_OWNERS, MAX_TEXT

DAY = dt.date(2026, 2, 28)


def fields(text: str, *names: str) -> tuple[Any, ...]:
    task = read_task(text)
    return tuple(getattr(task, name) for name in names)


@pytest.mark.parametrize(
    "text",
    [
        "a due: 2026-02-28",
        "a Due 2026-2-28",
        "a (due: 2026/02/28)",
        "a @due(2026-02-28)",
        "a 📅 2026-02-28",
        "a by 2026-02-28",
        "a, until 2026-02-28",
        "a — deadline: 2026-02-28",
        "a [due on 2026-02-28]",
        "a (2026-02-28)",
        "**a** due: *2026-02-28*",
    ],
)
def test_a_due_date_is_read_and_taken_from_the_text(text: str) -> None:
    assert fields(text, "text", "due") == ("a", DAY)


@pytest.mark.parametrize(
    "text",
    [
        "a due: tomorrow",
        "a due: 2026-02-30",
        "a @due(31.12.2026)",
        "a 📅 soon",
        "a due:x",
        "a due tomorrow",
        "a due tomorrow @anna",
        "a (due next week)",
        "a due on Friday, b",
        "a deadline end of March",
        "a due in 3 days",
        "a due Q3 2026",
        "a due 01.03.2027",
        "a due 1/3/27",
        "a due date = 3/1/2027",
        "a due 10000-01-01",
        "a due 2026.02.28",
        "a due by 2026-02",
        "a due 2026-02-281",
        "a due March 1st",
        "a due 1st of March",
        "a by 01.03.2027",
        "a until 10000-01-01",
        "a (01.03.2027)",
        "a (10000-01-01)",
    ],
)
def test_a_due_date_that_is_none_is_warned_of_and_left_in_the_text(text: str) -> None:
    plan = read(f"\n- [ ] {text}\n")
    assert [(task.text, task.due) for task in plan.tasks] == [(text, None)]
    assert codes(plan) == [(2, "unreadable_date")]


@pytest.mark.parametrize(
    "text",
    [
        "a 2026-02-28",
        "a due to b",
        "`due: 2026-02-28`",
        "`due tomorrow`",
        "overdue: b",
        "a is due to rain",
        "a due today's outage",
        "list what is due tomorrow in red",
        "a due next to b",
        "payment due may be late",
        "a due 3 times",
        "a, residue 01.03.2027",
        "mended by 1.2.3",
        "a by tomorrow",
        "a of 01.03.2027",
        "a (see 01.03.2027)",
        "a (10.0.0.1)",
        "a (2026.1.2)",
        "subdue the end of March",
    ],
)
def test_other_dates_are_none_by_which_it_is_due(text: str) -> None:
    assert fields(text, "text", "due") == (text.strip("`"), None)


@pytest.mark.parametrize(
    ("text", "left", "weight"),
    [
        ("a (2d)", "a", 2),
        ("a (3h), b", "a, b", 0.375),
        ("a (~1.5 days)", "a", 1.5),
        ("a (0,5d) b", "a b", 0.5),
        ("a (2 weeks, @b)", "a (@b)", 10),
        ("a (@b, 2w)", "a (@b)", 10),
        ("a (@b, 2w, c)", "a (@b, c)", 10),
        ("a [90min]", "a", 0.1875),
        ("a weight: 2", "a", 2),
        ("a (weight=2.5)", "a", 2.5),
        ("a estimate: 4 hours", "a", 0.5),
        ("a (0h)", "a", 0),
        ("a (2d, due: 2026-02-28)", "a", 2),
    ],
)
def test_an_estimate_is_read_and_taken_from_the_text(text: str, left: str, weight: float) -> None:
    assert fields(text, "text", "weight", "estimated") == (left, weight, True)


@pytest.mark.parametrize(
    "text",
    [
        "a",
        "a (2)",
        "a 2d",
        "a (2dogs)",
        "`(2d)`",
        "`(-2d)`",
        "weights: 2",
        "a (see 3d model)",
        "a (3d model)",
        "OpenSSL (1.0.2h)",
        "a (787e24d)",
        "a (2nd)",
        "a (-2)",
        "a (24/7)",
        "a [1-3]",
        "correct the estimate: it is too high",
        "effort: infer it",
        "weight: nancy",
        "weight - 3",
    ],
)
def test_other_numbers_are_no_estimates(text: str) -> None:
    assert fields(text, "text", "weight", "estimated") == (text.strip("`"), 1, False)


@pytest.mark.parametrize(
    "text",
    [
        "a (-2d)",
        "a (\N{MINUS SIGN}2 days)",
        "a (+5d)",
        "a (1e308d)",
        "a (99999999999d)",
        "a [0.33333h]",
        "a (@b, 1e9 weeks, c)",
        "a (1,000,000d)",
        "a (step 3,2d)",
        "a (2-3d)",
        "a (2 \N{EN DASH} 3 weeks)",
        "a (1/2 d)",
        "a (1d 4h)",
        "a (1h30min)",
        "a weight: 1e308",
        "a weight: -3",
        "a weight: .5",
        "a weight: 3-5d",
        "a weight: 1,000,000",
        "a weight: 1234567",
        "a Weight = NaN",
        "a (estimate: -inf)",
        "a effort: 1.2.3",
        "a estimate: ~3d",
    ],
)
def test_an_estimate_that_is_none_is_warned_of_and_left_in_the_text(text: str) -> None:
    plan = read(f"\n- [ ] {text}\n")
    assert [(task.text, task.weight, task.estimated) for task in plan.tasks] == [(text, 1, False)]
    assert codes(plan) == [(2, "unreadable_estimate")]


def test_an_estimate_beyond_reason_is_left_out() -> None:
    plan = read("- [ ] a (999999w)\n")
    assert [(task.text, task.weight, task.estimated) for task in plan.tasks] == [("a", 1, False)]
    assert codes(plan) == [(1, "estimate_too_large")]


@pytest.mark.parametrize(
    ("text", "owners"),
    [
        ("a @anna", ["anna"]),
        ("@anna: ask @ben-c, (@d.e).", ["anna", "ben-c", "d.e"]),
        ("ask @Anna, @anna and @ANNA", ["Anna"]),
        ("ask @Jürgen. Or @安娜!", ["Jürgen", "安娜"]),
        ("*@anna*", ["anna"]),
        ("[@anna](https://a.example)", ["anna"]),
        ("write to a@b.example", []),
        ("update @types/node and `@anna`", []),
        ("call @cache() on https://a.example/@anna at @5 @", []),
        (f"@{'a' * 40}", []),
    ],
)
def test_owners_are_read_and_left_in_the_text(text: str, owners: list[str]) -> None:
    task = read_task(text)
    assert task.owners == owners
    assert all(f"@{owner}" in task.text for owner in owners)


@pytest.mark.parametrize(
    ("text", "left", "number"),
    [
        ("1.2 a", "a", "1.2"),
        ("1.2.3. a", "a", "1.2.3"),
        ("**4.** a", "a", "4"),
        ("4) a", "a", "4"),
        ("**1.2:** a", "a", "1.2"),
        ("**1.2** — a", "a", "1.2"),
        ("1.2b - a", "a", "1.2b"),
        ("4 a", "4 a", None),
        ("1.2", "1.2", None),
    ],
)
def test_a_number_is_read_and_taken_from_the_text(text: str, left: str, number: str | None) -> None:
    assert fields(text, "text", "number") == (left, number)


@pytest.mark.parametrize(
    ("text", "left", "links"),
    [
        ("[a](docs/a.md) [b](#b)", "a b", ["docs/a.md", "#b"]),
        ("see https://a.example/b_(c), b", "see https://a.example/b_(c), b", ["https://a.example/b_(c)"]),
        ("(https://a.example).", "(https://a.example).", ["https://a.example"]),
        ("<https://a.example>", "https://a.example", ["https://a.example"]),
        ("![a](b.png)", "a", ["b.png"]),
        ("[a](https://a.example) [b](https://a.example)", "a b", ["https://a.example"]),
        ("[a](javascript:alert) [a](//b) <c@d.example>", "[a](javascript:alert) a c@d.example", []),
        ("`https://a.example`", "https://a.example", []),
    ],
)  # fmt: skip
def test_links_lead_to_the_web_or_into_the_repository(
    text: str, left: str, links: list[str]
) -> None:
    assert fields(text, "text", "links") == (left, links)


def test_links_may_be_told_elsewhere_in_the_file() -> None:
    [task] = read("- [ ] [a][b]\n\n[b]: https://b.example\n").tasks
    assert (task.text, task.links) == ("a", ["https://b.example"])


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("*a* **b** ~~c~~ `d`", "a b c d"),
        ("a<br>b <b>c</b> <!-- d --> &amp; &lt;", "a b c & <"),
        ("a \\* b", "a * b"),
        ("a\n  b  \n  c", "a b c"),
        ("a\u202eb\u2066c&#x202e;d", "abcd"),
        ("a\x1b[31mb\x85c\u2028d\u00a0e\x7f", "a\ufffd[31mb c d e\ufffd"),
        ("👩\u200d💻 مرحبا \u200fb", "👩\u200d💻 مرحبا \u200fb"),
        ("(2d) @anna", "@anna"),
        ("(2d)", "(2d)"),
        ("<!-- a -->", "…"),
        ("\ufeff", "…"),
        ("due: 2026-02-28", "due: 2026-02-28"),
    ],
)
def test_text_is_plain_and_on_one_line(text: str, left: str) -> None:
    assert read_task(text).text == left


def test_what_is_long_is_cut() -> None:
    plan = read(f"- [ ] {'a' * (MAX_TEXT + 1)}\n- [ ] {'b' * MAX_TEXT}\n")
    assert [task.text for task in plan.tasks] == ["a" * (MAX_TEXT - 1) + "…", "b" * MAX_TEXT]
    assert codes(plan) == [(1, "text_too_long")]


@pytest.mark.parametrize("mark", ["[", "<", "*", "_", "~", "`", "&", "\\"])
def test_text_with_more_marks_than_prose_has_is_as_it_is_written(mark: str) -> None:
    assert read_task(f"**a** {mark * (MAX_MARKS - 4)}").text.startswith("a ")
    assert read_task(f"**a** {mark * (MAX_MARKS + 1)}").text == f"**a** {mark * (MAX_MARKS + 1)}"


def test_of_many_owners_and_links_the_first_are_kept() -> None:
    many = range(30)
    owners = " ".join(f"@a{i}" for i in many)
    assert read_task(owners).owners == [f"a{i}" for i in many][:MAX_OWNERS]
    links = " ".join(f"[a](b{i})" for i in many)
    assert read_task(links).links == [f"b{i}" for i in many][:MAX_LINKS]
