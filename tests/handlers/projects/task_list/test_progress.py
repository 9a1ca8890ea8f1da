"""How far a plan is, by weight."""

import pytest
from tests.handlers.projects.task_list.plans import PATH, read

from supajobs.handlers.projects.task_list import (
    PhaseProgress,
    Progress,
    TaskList,
    compute_progress,
    parse,
)
from supajobs.handlers.projects.task_list.tasks import MAX_PHASES


def progress(text: str) -> tuple[float, float, float]:
    computed = compute_progress(read(text).tasks)
    return computed.percentage, computed.done_weight, computed.total_weight


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", (0, 0, 0)),
        ("- [ ] a\n", (0, 0, 1)),
        ("- [x] a\n- [ ] b (3d)\n", (25, 1, 4)),
        ("- [x] a (4h)\n- [ ] b (1h)\n", (80, 0.5, 0.625)),
        # What is being done is not done; what is dropped does not count, nor what is below it.
        ("- [x] a\n- [~] b\n- [-] c\n  - [x] d\n  - [ ] e\n", (50, 1, 2)),
        ("- [-] a\n", (0, 0, 0)),
        # A task counts by those below it.
        ("- [ ] a\n  - [x] b\n  - [x] c\n  - [ ] d\n", (66.6, 2, 3)),
        ("- [x] a\n  - [ ] b\n", (0, 0, 1)),
        ("- [ ] a\n  - [ ] b\n    - [x] c\n    - [ ] d\n  - [x] e\n", (66.6, 2, 3)),
        # With its own weight, if it has one.
        ("- [ ] a (10d)\n  - [x] b\n  - [ ] c (3d)\n- [ ] d\n", (22.7, 2.5, 11)),
        # By itself, if nothing below it counts.
        ("- [x] a\n  - [-] b\n- [ ] c\n", (50, 1, 2)),
        ("- [x] a\n  - [ ] b (0h)\n- [ ] c\n", (50, 1, 2)),
        # 100 is said of nothing that is not done.
        ("- [x] a (999d)\n- [ ] b (1min)\n", (99.9, 999, 999.0021)),
        ("- [x] a (0.1d)\n- [x] b (0.2d)\n- [x] c (0.7d)\n  - [x] d\n", (100, 1, 1)),
        ("- [x] a\n- [ ] b (0d)\n", (100, 1, 1)),
    ],
)
def test_progress_is_that_of_the_weights(text: str, expected: tuple[float, float, float]) -> None:
    assert progress(text) == pytest.approx(expected)


def test_progress_is_told_by_phase_and_state() -> None:
    plan = parse(
        [
            (PATH, b"- [x] a\n## A\n- [x] a\n### B\n- [ ] b\n## C\n- [-] c\n## A\n- [~] a\n"),
            ("b.md", b"## A\n- [x] a\n"),
        ]
    )
    assert compute_progress(plan.tasks) == Progress(
        percentage=60,
        done_weight=3,
        total_weight=5,
        by_phase=[
            PhaseProgress(PATH, [], 100, 1, 1),
            PhaseProgress(PATH, ["A"], 33.3, 1, 3),
            PhaseProgress(PATH, ["A", "B"], 0, 0, 1),
            PhaseProgress(PATH, ["C"], 0, 0, 0),
            PhaseProgress("b.md", ["A"], 100, 1, 1),
        ],
        by_state={"open": 1, "doing": 1, "done": 3, "dropped": 1},
    )


def test_only_so_many_phases_are_told_of() -> None:
    headings = "".join(f"## {i}\n- [x] a\n" for i in range(MAX_PHASES + 2))
    progress = compute_progress(read(f"- [ ] a\n{headings}").tasks)
    assert [phase.names for phase in progress.by_phase] == [
        [],
        *([str(i)] for i in range(MAX_PHASES)),
    ]
    assert progress.total_weight == MAX_PHASES + 3


def test_no_tasks_are_no_progress() -> None:
    empty: TaskList = parse([])
    assert compute_progress(empty.tasks).by_phase == []
