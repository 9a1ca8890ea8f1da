"""How far a project is."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from supajobs.handlers.projects.task_list.tasks import MAX_PHASES, State, Task


@dataclass(frozen=True, slots=True)
class PhaseProgress:
    """How far a phase is, with all phases below it."""

    path: str
    names: list[str]
    """Its headings, the outermost first; empty for the tasks that are below none."""
    percentage: float
    done_weight: float
    total_weight: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is by weight: that of all that is done, of all that is not dropped.

    A task with others below it counts by those: with the sum of their weights, or with its own if
    the plan says one, done in the same part as they are. If nothing below it counts, it counts
    itself. What is below a dropped task is dropped. What is being done is not done.
    """

    percentage: float
    """0 to 100, rounded down to one decimal: 100 is said of nothing that is not done. 0 if nothing
    counts."""
    done_weight: float
    total_weight: float
    by_phase: list[PhaseProgress]
    """In the order of their first tasks. Of those that have headings, the first MAX_PHASES."""
    by_state: dict[State, int]
    """How many tasks, by the boxes before them."""


@dataclass(slots=True)
class _Sum:
    done: float = 0.0
    total: float = 0.0

    def add(self, other: "_Sum") -> None:
        self.done += other.done
        self.total += other.total

    @property
    def percentage(self) -> float:
        return math.floor(1000 * self.done / self.total) / 10 if self.total else 0.0


def compute_progress(tasks: Sequence[Task]) -> Progress:
    """The progress of tasks that are in the order of their positions."""
    below: dict[int, _Sum] = {}
    roots: list[tuple[Task, _Sum]] = []
    for task in reversed(tasks):
        own = _weigh(task, below.pop(task.position, _Sum()))
        if task.parent is None:
            roots.append((task, own))
        else:
            below.setdefault(task.parent, _Sum()).add(own)
    overall, phases = _Sum(), dict[tuple[str, ...], _Sum]()
    for task, own in reversed(roots):
        overall.add(own)
        for phase in _list_phases(task):
            phases.setdefault(phase, _Sum()).add(own)
    with_headings = [phase for phase in phases if len(phase) > 1]
    for phase in with_headings[MAX_PHASES:]:
        del phases[phase]
    by_state: dict[State, int] = {"open": 0, "doing": 0, "done": 0, "dropped": 0}
    for task in tasks:
        by_state[task.state] += 1
    return Progress(
        percentage=overall.percentage,
        done_weight=round(overall.done, 4),
        total_weight=round(overall.total, 4),
        by_phase=[
            PhaseProgress(path, names, each.percentage, round(each.done, 4), round(each.total, 4))
            for (path, *names), each in phases.items()
        ],
        by_state=by_state,
    )


def _weigh(task: Task, below: _Sum) -> _Sum:
    if task.state == "dropped":
        return _Sum()
    if not below.total:
        return _Sum(task.weight if task.state == "done" else 0.0, task.weight)
    if task.estimated:
        return _Sum(task.weight * (below.done / below.total), task.weight)
    return below


def _list_phases(task: Task) -> Iterable[tuple[str, ...]]:
    """Those that the task is in, the outermost first."""
    depths = range(1, len(task.phase) + 1) if task.phase else [0]
    return ((task.path, *task.phase[:depth]) for depth in depths)
