"""The plan of a project: Markdown in, tasks and progress out."""

from supajobs.handlers.projects.task_list.parsing import parse
from supajobs.handlers.projects.task_list.plan_files import find_plan_files
from supajobs.handlers.projects.task_list.progress import (
    PhaseProgress,
    Progress,
    compute_progress,
)
from supajobs.handlers.projects.task_list.stored_plan import read_plan
from supajobs.handlers.projects.task_list.tasks import (
    ParseWarning,
    Phase,
    PlanFile,
    State,
    Task,
    TaskList,
)

__all__ = [
    "ParseWarning",
    "Phase",
    "PhaseProgress",
    "PlanFile",
    "Progress",
    "State",
    "Task",
    "TaskList",
    "compute_progress",
    "find_plan_files",
    "parse",
    "read_plan",
]
