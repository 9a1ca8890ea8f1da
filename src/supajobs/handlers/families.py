"""The job types and tools that come with supajobs, and the job types that are added to them."""

from functools import partial

from supajobs.handlers.job_modules import add_job_types
from supajobs.handlers.tools import Tools
from supajobs.handlers.training_plan import (
    TRAINING_ZONES,
    Planner,
    create_training_plan_type,
    write_built_in_plan,
)
from supajobs.job_types import JobTypes
from supajobs.settings import BUILT_IN, Settings


def create_job_types(settings: Settings) -> JobTypes:
    """The built-in job types and those that are added to them, by name.

    Raises:
        JobModuleError: job types are to be added that cannot be.
    """
    built_in = (create_training_plan_type(_create_planner(settings)),)
    return add_job_types(built_in, settings.job_modules)


def _create_planner(settings: Settings) -> Planner:
    """Who writes the training plans, as the settings want it."""
    if settings.plan_model == BUILT_IN:
        return partial(write_built_in_plan, seconds_per_week=settings.planner_seconds_per_week)
    # Their import takes seconds, and packages that the built-in planner does not need.
    from supajobs.handlers.training_plan.model_planner import write_plan  # noqa: PLC0415
    from supajobs.models.language_model import LanguageModel  # noqa: PLC0415

    return partial(write_plan, LanguageModel(settings.plan_model, settings))


def create_tools() -> Tools:
    """The built-in immediate tools, by name."""
    return {tool.name: tool for tool in (TRAINING_ZONES,)}
