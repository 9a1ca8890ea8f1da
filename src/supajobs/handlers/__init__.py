"""The job types that come with supajobs."""

from supajobs.handlers.training_plan import create_training_plan_type
from supajobs.jobs import JobTypes
from supajobs.settings import Settings


def create_job_types(settings: Settings) -> JobTypes:
    """The built-in job types, by name."""
    built_in = (create_training_plan_type(seconds_per_week=settings.planner_seconds_per_week),)
    return {job_type.name: job_type for job_type in built_in}
