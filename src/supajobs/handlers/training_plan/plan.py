"""The training plan of either discipline, told apart by `discipline`."""

from typing import Annotated

from pydantic import Field, TypeAdapter

from supajobs.handlers.training_plan.cycling.plan import CyclingOutline, CyclingPlan
from supajobs.handlers.training_plan.cycling.week import CyclingWeek
from supajobs.handlers.training_plan.strength.plan import StrengthOutline, StrengthPlan
from supajobs.handlers.training_plan.strength.week import StrengthWeek

Week = CyclingWeek | StrengthWeek
Outline = Annotated[CyclingOutline | StrengthOutline, Field(discriminator="discipline")]
TrainingPlan = Annotated[CyclingPlan | StrengthPlan, Field(discriminator="discipline")]

# Reads a stored plan, or one that a language model wrote, and holds it to all its invariants.
PLAN_ADAPTER: TypeAdapter[CyclingPlan | StrengthPlan] = TypeAdapter(TrainingPlan)
OUTLINE_ADAPTER: TypeAdapter[CyclingOutline | StrengthOutline] = TypeAdapter(Outline)
