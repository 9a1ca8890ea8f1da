"""The job types and tools that come with supajobs."""

from supajobs.handlers.training_plan import (
    TRAINING_ZONES,
    create_training_plan_type,
)
from supajobs.jobs import JobTypes
from supajobs.settings import Settings
from supajobs.tools import Tools


def create_job_types(settings: Settings) -> JobTypes:
    """The built-in job types, by name."""
    built_in = (create_training_plan_type(seconds_per_week=settings.planner_seconds_per_week),)
    return {job_type.name: job_type for job_type in built_in}


def create_tools() -> Tools:
    """The built-in immediate tools, by name."""
    return {tool.name: tool for tool in (TRAINING_ZONES,)}
