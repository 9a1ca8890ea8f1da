"""Each rule that a model can break is broken in tests/data, and put right in a later answer.

That the model is told so is shown in test_model_planner.py, with the same scripts.
"""

import re
from types import ModuleType
from typing import Any

import pytest
from tests.handlers.training_plan.authors import SCRIPTS, read_script
from tests.handlers.training_plan.plans import TODAY, Json
from tests.handlers.training_plan.rules import CYCLING, STRENGTH, is_said, list_rules

from supajobs.handlers.training_plan import TrainingPlanRequest
from supajobs.handlers.training_plan.cycling.brief import CyclingBrief
from supajobs.handlers.training_plan.cycling.profile import Athlete
from supajobs.handlers.training_plan.model_planner import Brief
from supajobs.handlers.training_plan.request import resolve_dates
from supajobs.handlers.training_plan.strength.brief import StrengthBrief
from supajobs.handlers.training_plan.strength.profile import Trainee

# What a model cannot break: our code works out what these are about from what the model wrote.
OF_BOTH = {
    # The days and phases of the weeks, and their sums.
    "week … stands where week … belongs",
    "week … must run from … to …",
    "week …: sessions must be in order, at most one a day",
    "… on … is outside week …",
    "…: … is not a …",
    "the plan ends on …, but its last week on …",
    "phase … must start with week … and end in time",
    "phase … has other dates than its weeks",
    "week … says …, but lies in …",
    "no phase covers week …",
    "week … says … minutes, its sessions add up to …",
    "week … has no session …",
    # Weekdays of requests; those of a model are one of seven words in its form.
    "not a weekday: …; write Mon or monday, Tue or tuesday, ...",
}
OF_CYCLING = OF_BOTH | {
    # Watts and zones of each step, and what follows from them for the ride, the week and fitness.
    "the zones are not those of … W FTP",
    "… on …: …-… W is not …-… % of … W",
    "…: … % is …",
    "… says … minutes, its blocks add up to …",
    "… says … W normalized power, its blocks give … W",
    "… is …a hard ride",
    "…: IF is …, not …",
    "… on …: TSS is …, not …",
    "week … says … TSS, its sessions have …",
    "week … ends with CTL …, ATL …, TSB …, not …, …, …",
    # The manuscript says it first.
    "the low end of an intensity range is above its high end",
    # The goal is put in by us, nothing stands behind it, and it is hard.
    "the event is on …, the plan has …",
    "there is training after the event on …",
    "the taper drops the intensity, not only the volume",
}
OF_STRENGTH = OF_BOTH | {
    # The sums of sessions and weeks.
    "… says … sets, its exercises say otherwise",
    "… says … minutes; its sets and rests take …",
    "week … says … sets, its sessions have …",
    "week … has … sets for the …",
    # The percentage that goes with the repetitions, and the name in the catalogue.
    "…: … repetitions at … % of the maximum cannot be done; … % is the most",
    "… is called …, not …",
    # The brief says it first, in other words.
    "unknown exercise …",
    "… has the same exercise twice",
}


def make_brief(body: Json) -> CyclingBrief | StrengthBrief:
    request = TrainingPlanRequest.model_validate(body)
    starts_on, weeks = resolve_dates(request, today=TODAY)
    if request.athlete_profile:
        return CyclingBrief(Athlete.from_profile(request.athlete_profile), starts_on, weeks)
    assert request.profile_snapshot
    return StrengthBrief(Trainee.from_profile(request.profile_snapshot), starts_on, weeks)


def read_refusals(script: Json, brief: Brief[Any, Any]) -> list[str]:
    """What is said to the wrong answers; the last answer for each step is right."""
    said: list[str] = []
    outline: Any = None
    written: list[Any] = []

    def read(step: str, output: Json) -> Any:
        if step == "outline":
            return brief.read_outline(output)
        first, last = map(int, step.split("-"))
        return brief.read_block(outline, written, range(first, last + 1), output)

    for step, answers in script["steps"].items():
        for wrong in answers[:-1]:
            with pytest.raises(ValueError, match=re.escape(wrong["wrong"][0])) as refused:
                read(step, wrong["output"])
            said.append(str(refused.value))
        right = read(step, answers[-1]["output"])
        outline, written = (right, []) if step == "outline" else (outline, written + right)
    assert len(written) == brief.weeks
    return said


@pytest.mark.parametrize(
    ("brief_type", "modules", "unbreakable"),
    [(CyclingBrief, CYCLING, OF_CYCLING), (StrengthBrief, STRENGTH, OF_STRENGTH)],
    ids=["cycling", "strength"],
)
def test_every_rule_that_a_model_can_break_is_broken_in_a_script(
    brief_type: type, modules: tuple[ModuleType, ...], unbreakable: set[str]
) -> None:
    scripts = [read_script(file) for file in SCRIPTS]
    briefs = [(script, make_brief(script["body"])) for script in scripts]
    said = [
        refusal
        for script, brief in briefs
        if isinstance(brief, brief_type)
        for refusal in read_refusals(script, brief)
    ]
    rules = set(list_rules(modules))
    broken = {rule for rule in rules if any(is_said(rule, refusal) for refusal in said)}
    assert rules - broken == unbreakable
