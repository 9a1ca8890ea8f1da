"""The rules of a plan as the code states them: the sentences by which it refuses one."""

import ast
import inspect
import re
from collections.abc import Iterator
from types import ModuleType

from supajobs.handlers.training_plan import calendar
from supajobs.handlers.training_plan.cycling import brief as cycling_brief
from supajobs.handlers.training_plan.cycling import limits as cycling_limits
from supajobs.handlers.training_plan.cycling import manuscript as cycling_manuscript
from supajobs.handlers.training_plan.cycling import plan as cycling_plan
from supajobs.handlers.training_plan.cycling import ride as cycling_ride
from supajobs.handlers.training_plan.cycling import week as cycling_week
from supajobs.handlers.training_plan.strength import brief as strength_brief
from supajobs.handlers.training_plan.strength import limits as strength_limits
from supajobs.handlers.training_plan.strength import manuscript as strength_manuscript
from supajobs.handlers.training_plan.strength import plan as strength_plan
from supajobs.handlers.training_plan.strength import week as strength_week

CYCLING = (
    calendar,
    cycling_brief,
    cycling_limits,
    cycling_manuscript,
    cycling_plan,
    cycling_ride,
    cycling_week,
)
STRENGTH = (
    calendar,
    strength_brief,
    strength_limits,
    strength_manuscript,
    strength_plan,
    strength_week,
)


def list_rules(modules: tuple[ModuleType, ...]) -> list[str]:
    """The sentences of these modules' refusals, `…` for what differs from case to case."""
    return [
        sentence
        for module in modules
        for node in ast.walk(ast.parse(inspect.getsource(module)))
        for sentence in _read_refusal(node)
        if re.search("[a-z]", sentence)  # else it puts a place before what others say
    ]


def _read_refusal(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Yield(value=ast.expr() as value):
            yield from _read_sentence(value)
        case ast.YieldFrom(value=ast.GeneratorExp(elt=value)):
            yield from _read_sentence(value)
        case ast.Raise(exc=ast.Call(func=ast.Name(id="ValueError"), args=[value])):
            yield from _read_sentence(value)
        case _:
            pass


def _read_sentence(value: ast.expr) -> Iterator[str]:
    match value:
        case ast.Constant(value=str(text)):
            yield text
        case ast.JoinedStr(values=parts):
            yield "".join(
                str(part.value) if isinstance(part, ast.Constant) else "…" for part in parts
            )
        case ast.BinOp(left=left):  # with something that is said in some cases
            yield from _read_sentence(left)
        case _:
            pass


def is_said(rule: str, refusal: str) -> bool:
    """Whether this rule is among those that a refusal names."""
    words = "[^;\n]+?".join(re.escape(part) for part in rule.split("…"))
    return (
        re.search(rf"(^|; |: |Value error, ){words}($|;| \[type=)", refusal, re.MULTILINE)
        is not None
    )
