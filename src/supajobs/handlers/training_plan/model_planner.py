"""A plan written by a model: the outline, then blocks of weeks, each a step that is paid for once.

The outline carries the targets of all weeks. A block is asked for with the outline and the end of
what is written, and held to the rules together with all that is written, so that what is wrong
with a plan is found in the block where it is, and goes back to the model.
"""

from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from math import ceil
from typing import Protocol, TypeVar

from pydantic import BaseModel, JsonValue

from supajobs.handlers.training_plan.calendar import PlanWeek
from supajobs.handlers.training_plan.cycling.brief import CyclingBrief
from supajobs.handlers.training_plan.cycling.plan import CyclingPlan
from supajobs.handlers.training_plan.cycling.profile import Athlete
from supajobs.handlers.training_plan.request import TrainingPlanRequest, resolve_dates
from supajobs.handlers.training_plan.strength.brief import StrengthBrief
from supajobs.handlers.training_plan.strength.plan import StrengthPlan
from supajobs.handlers.training_plan.strength.profile import Trainee
from supajobs.job_types import RunningJob
from supajobs.jobs import Progress
from supajobs.models.language_model import LanguageModel

BLOCK_WEEKS = 3  # at most; more take a model longer than is wise to lose

Sketch = TypeVar("Sketch")
Week = TypeVar("Week", bound=PlanWeek)
Answer = TypeVar("Answer")


class Brief(Protocol[Sketch, Week]):
    """What a model is asked for to write one plan, and how its answers are read.

    `read_…` raise a ValueError that tells the model what is wrong.
    """

    @property
    def weeks(self) -> int:
        """How many the plan has."""
        ...

    @property
    def instructions(self) -> str:
        """What holds for all answers."""
        ...

    @property
    def outline_prompt(self) -> str:
        """Asks for the outline."""
        ...

    @property
    def outline_type(self) -> type[BaseModel]:
        """The form of the outline."""
        ...

    @property
    def block_type(self) -> type[BaseModel]:
        """The form of a block of weeks."""
        ...

    def block_prompt(self, outline: Sketch, written: Sequence[Week], numbers: range, /) -> str:
        """Asks for the weeks with these numbers, which follow those written."""
        ...

    def read_outline(self, output: JsonValue, /) -> Sketch:
        """The outline that the model wrote."""
        ...

    def read_block(
        self, outline: Sketch, written: Sequence[Week], numbers: range, output: JsonValue, /
    ) -> list[Week]:
        """The weeks that the model wrote."""
        ...

    def assemble(self, outline: Sketch, weeks: Sequence[Week], /) -> CyclingPlan | StrengthPlan:
        """The whole plan, all invariants checked."""
        ...


async def write_plan(
    model: LanguageModel, job: RunningJob, request: TrainingPlanRequest
) -> CyclingPlan | StrengthPlan:
    """The plan, written by the model as far as an earlier run has not; raises what it raises."""
    # Dates count from the day of the request, so that a retry goes on with the same plan.
    starts_on, weeks = resolve_dates(request, today=request.get_today(job.claimed.created_at))
    if request.athlete_profile is not None:
        athlete = Athlete.from_profile(request.athlete_profile)
        return await _write(model, job, CyclingBrief(athlete, starts_on, weeks))
    if request.profile_snapshot is not None:
        trainee = Trainee.from_profile(request.profile_snapshot)
        return await _write(model, job, StrengthBrief(trainee, starts_on, weeks))
    raise AssertionError("a validated request has a profile")


async def _write(
    model: LanguageModel, job: RunningJob, brief: Brief[Sketch, Week]
) -> CyclingPlan | StrengthPlan:
    async def take_step(
        name: str, prompt: str, form: type[BaseModel], read: Callable[[JsonValue], Answer]
    ) -> Answer:
        async def ask() -> JsonValue:
            output = await model.write(
                prompt,
                form,
                instructions=brief.instructions,
                check=lambda output: read(output.model_dump(mode="json")),
                spend=job.spend,
                what="training plan",
                key=await job.provider_key(),
            )
            return output.model_dump(mode="json")

        return await job.step(name, ask, read)

    blocks = split_weeks(brief.weeks)
    outline = await take_step(
        "outline", brief.outline_prompt, brief.outline_type, brief.read_outline
    )
    job.report(_tell(1, len(blocks), "outline", "The outline is written"))
    written: list[Week] = []
    for place, numbers in enumerate(blocks, start=1):
        written += await take_step(
            f"block-{place}",
            brief.block_prompt(outline, written, numbers),
            brief.block_type,
            partial(brief.read_block, outline, tuple(written), numbers),
        )
        message = f"Week {len(written)} of {brief.weeks} is written"
        job.report(_tell(1 + place, len(blocks), written[-1].phase, message))
    return brief.assemble(outline, written)


def _tell(steps: int, blocks: int, phase: str, message: str) -> Progress:
    percentage = 100 * steps // (blocks + 2)  # the outline, the blocks, and the end
    return Progress(phase=phase, percentage=percentage, message=message)


def split_weeks(weeks: int) -> list[range]:
    """The numbers of a plan's weeks in blocks that are as equal as can be."""
    count = ceil(weeks / BLOCK_WEEKS)
    ends = [1 + weeks * block // count for block in range(count + 1)]
    return [range(start, end) for start, end in pairwise(ends)]
