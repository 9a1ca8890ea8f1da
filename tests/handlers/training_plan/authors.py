"""Models that write training plans: from a script, or as the built-in planner would."""

import json
import re
from collections import deque
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from fastapi import Response
from tests.handlers.training_plan.manuscripts import block_of, outline_of
from tests.parts import PROJECT
from tests.providers import Call, answer

from supajobs.handlers.training_plan.model_planner import split_weeks
from supajobs.handlers.training_plan.plan import TrainingPlan

Json = dict[str, Any]

SCRIPTS = sorted((PROJECT / "tests" / "data").glob("*_plan.json"))
DOLLARS = {"input": 0.3, "output": 1.2}  # per million tokens


class Bill(NamedTuple):
    """What an answer costs."""

    step: str
    input_tokens: int
    output_tokens: int


def add_up(bills: Iterable[Bill]) -> tuple[int, int, float]:
    """Tokens in and out, and dollars."""
    inputs, outputs = zip(*((bill.input_tokens, bill.output_tokens) for bill in bills), strict=True)
    dollars = sum(inputs) * DOLLARS["input"] + sum(outputs) * DOLLARS["output"]
    return sum(inputs), sum(outputs), dollars / 1_000_000


class Author:
    """Answers for each step in turn what it has for it, the last of it again and again.

    It bills each answer another number of tokens, so that none can be mistaken for another.
    """

    def __init__(self, outputs: dict[str, Sequence[Json]]) -> None:
        self._outputs = {step: deque(each) for step, each in outputs.items()}
        self.bills: list[Bill] = []

    @property
    def asked(self) -> list[str]:
        """The steps, each as often as it was asked for."""
        return [bill.step for bill in self.bills]

    def reply(self, call: Call) -> Response:
        step = find_step(call)
        outputs = self._outputs[step]
        output = outputs[0] if len(outputs) == 1 else outputs.popleft()
        bill = Bill(step, 1000 + len(self.bills), 100 + len(self.bills))
        self.bills.append(bill)
        return answer(call, output, tokens=(bill.input_tokens, bill.output_tokens))


def find_step(call: Call) -> str:
    """`outline`, or the numbers of the weeks: `1-3`."""
    weeks = re.search(r"Write all \w+ of weeks (\d+) to (\d+)", call.text)
    return f"{weeks[1]}-{weeks[2]}" if weeks else "outline"


def write_like(plan: TrainingPlan) -> Author:
    """An author who writes this cycling plan."""
    outputs: dict[str, Sequence[Json]] = {"outline": [outline_of(plan)]}
    for numbers in split_weeks(len(plan.weeks)):
        weeks = [plan.weeks[number - 1] for number in numbers]
        outputs[f"{numbers[0]}-{numbers[-1]}"] = [block_of(weeks)]
    return Author(outputs)


def read_script(file: Path) -> Json:
    """A request, and for each step the answers: wrong ones, with what is wrong, then a right one.

    The answers were made up, in the form in which models give theirs.
    """
    return json.loads(file.read_text())
