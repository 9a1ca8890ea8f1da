"""Whether each job type that there is code for has its row in the database."""

from supajobs.doctor.finding import Verdict, enumerate_some, error, ok
from supajobs.doctor.project import Project
from supajobs.handlers.families import create_job_types
from supajobs.handlers.job_modules import JobModuleError


async def check_job_types(project: Project) -> Verdict:
    """Whether the job types of these settings import, and jobs of each can be asked for."""
    try:
        handled = create_job_types(project.settings)
    except JobModuleError as reason:
        return error(str(reason), "Set JOB_MODULES to modules that `supajobs work` can import.")
    known = (await project.describe_schema()).job_types
    if missing := sorted(handled.keys() - set(known)):
        rows = ", ".join(f"('{name}')" for name in missing)
        return error(
            f"No job can be asked for of a type without a row: {enumerate_some(missing)}.",
            f"In a migration: insert into plan_job_types (job_type) values {rows};",  # noqa: S608 - to be read
        )
    return ok("Each job type that there is code for has its row.")
