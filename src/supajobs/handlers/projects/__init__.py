"""Projects: repositories that users connect, with the tasks of their plans and their skills."""

from supajobs.handlers.projects.git import check_branch, check_url
from supajobs.handlers.projects.project import (
    PROJECT_JOB_TYPES,
    PROJECT_REFRESH,
    PhaseProgress,
    Project,
    ProjectChanges,
    ProjectDetails,
    ProjectProgress,
    ProjectSkill,
    ProjectTask,
    TaskState,
)
from supajobs.handlers.projects.records import Projects

__all__ = [
    "PROJECT_JOB_TYPES",
    "PROJECT_REFRESH",
    "PhaseProgress",
    "Project",
    "ProjectChanges",
    "ProjectDetails",
    "ProjectProgress",
    "ProjectSkill",
    "ProjectTask",
    "Projects",
    "TaskState",
    "check_branch",
    "check_url",
]
