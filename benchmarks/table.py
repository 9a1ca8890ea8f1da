"""The tables that parts of a run end in."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.systems import floor, supajobs


@dataclass(frozen=True)
class Metric:
    """One column: a number for each row, in `unit`."""

    name: str
    unit: str
    values: dict[str, float]
    compared_to: Sequence[str] = (floor.NAME, supajobs.NAME)
    """The rows to which each is put in proportion."""


@dataclass(frozen=True)
class Table:
    title: str
    metrics: list[Metric]
    note: str = ""


def render(table: Table) -> str:
    """Markdown, with the proportions in brackets."""
    rows = dict.fromkeys(row for metric in table.metrics for row in metric.values)
    lines = [
        f"### {table.title}",
        "",
        _render_row(["", *(_render_header(metric) for metric in table.metrics)]),
        _render_row(["---", *("---:" for _ in table.metrics)]),
        *(_render_row([row, *(_render_cell(m, row) for m in table.metrics)]) for row in rows),
        "",
    ]
    return "\n".join([*lines, table.note, ""] if table.note else lines)


def _render_row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _render_header(metric: Metric) -> str:
    header = f"{metric.name}, {metric.unit}"
    compared_to = ", ".join(f"× {row}" for row in metric.compared_to)
    return f"{header} ({compared_to})" if compared_to else header


def _render_cell(metric: Metric, row: str) -> str:
    if row not in metric.values:
        return "–"
    value = metric.values[row]
    ratios = [value / metric.values[other] for other in metric.compared_to]
    compared = ", ".join(f"{_render_number(ratio, digits=2)}×" for ratio in ratios)
    number = _render_number(value, digits=3)
    return f"{number} ({compared})" if compared else number


def _render_number(value: float, *, digits: int) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 ** (digits - 1) else f"{value:.{digits}g}"
