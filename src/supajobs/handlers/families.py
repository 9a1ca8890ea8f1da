"""The families of jobs that come with supajobs, as far as they are wanted, and what is added."""

from functools import partial
from typing import Any

from supajobs.handlers.job_modules import add_job_types
from supajobs.handlers.tools import Tools
from supajobs.handlers.training_plan import (
    TRAINING_ZONES,
    Planner,
    create_training_plan_type,
    write_built_in_plan,
)
from supajobs.job_types import JobType, JobTypes
from supajobs.settings import BUILT_IN, Settings


def create_job_types(settings: Settings) -> JobTypes:
    """The job types of the families that the settings want, and those that are added to them.

    Raises:
        JobModuleError: job types are to be added that cannot be.
    """
    built_in: list[JobType[Any]] = []
    if "training_plan" in settings.job_families:
        built_in.append(create_training_plan_type(_create_planner(settings)))
    if "projects" in settings.job_families:
        # Its import takes long, and is of no use to who does not want it.
        from supajobs.handlers.projects.handler import create_project_types  # noqa: PLC0415

        built_in += create_project_types(settings)
    return add_job_types(built_in, settings.job_modules)


def _create_planner(settings: Settings) -> Planner:
    """Who writes the training plans, as the settings want it."""
    if settings.plan_model == BUILT_IN:
        return partial(write_built_in_plan, seconds_per_week=settings.planner_seconds_per_week)
    # Their import takes seconds, and packages that the built-in planner does not need.
    from supajobs.handlers.training_plan.model_planner import write_plan  # noqa: PLC0415
    from supajobs.models.language_model import LanguageModel  # noqa: PLC0415

    return partial(write_plan, LanguageModel(settings.plan_model, settings))


def create_tools(settings: Settings) -> Tools:
    """The immediate tools of the families that the settings want, by name."""
    if "training_plan" in settings.job_families:
        return {TRAINING_ZONES.name: TRAINING_ZONES}
    return {}
