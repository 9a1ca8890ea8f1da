"""Durable background jobs for Supabase apps.

What stands in `__all__` is for users, and stays as it is within a version. So do the errors of
`supajobs.errors`, one for each code, and what `supajobs.testing` offers; all other modules are ours
to change. Each name is imported when it is first asked for: `import supajobs` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from supajobs.api.callers import CurrentUser
    from supajobs.app import Supajobs
    from supajobs.auth import User
    from supajobs.client import NewJob
    from supajobs.errors import SupajobsError
    from supajobs.follow_ups import JobRequest
    from supajobs.job_options import Priority
    from supajobs.job_types import JobType, RunningJob, SyncRunningJob, job_type
    from supajobs.jobs import Job, JobStatus, Parent, Progress
    from supajobs.outcomes import (
        Completed,
        Failed,
        JobError,
        PermanentError,
        RateLimitedError,
        Released,
        Suspended,
        UnavailableError,
        Usage,
    )
    from supajobs.queue.answers import Enqueued
    from supajobs.queue.job_queue import JobQueue
    from supajobs.schedules import Schedule
    from supajobs.settings import Settings
    from supajobs.waits import Snooze, WaitTimeoutError

    __version__: str

__all__ = [
    "Completed",
    "CurrentUser",
    "Enqueued",
    "Failed",
    "Job",
    "JobError",
    "JobQueue",
    "JobRequest",
    "JobStatus",
    "JobType",
    "NewJob",
    "Parent",
    "PermanentError",
    "Priority",
    "Progress",
    "RateLimitedError",
    "Released",
    "RunningJob",
    "Schedule",
    "Settings",
    "Snooze",
    "Supajobs",
    "SupajobsError",
    "Suspended",
    "SyncRunningJob",
    "UnavailableError",
    "Usage",
    "User",
    "WaitTimeoutError",
    "__version__",
    "job_type",
]

_HOMES = {
    "api.callers": ("CurrentUser",),
    "app": ("Supajobs",),
    "auth": ("User",),
    "client": ("NewJob",),
    "errors": ("SupajobsError",),
    "follow_ups": ("JobRequest",),
    "job_options": ("Priority",),
    "job_types": ("JobType", "RunningJob", "SyncRunningJob", "job_type"),
    "jobs": ("Job", "JobStatus", "Parent", "Progress"),
    "outcomes": (
        "Completed",
        "Failed",
        "JobError",
        "PermanentError",
        "RateLimitedError",
        "Released",
        "Suspended",
        "UnavailableError",
        "Usage",
    ),
    "queue.answers": ("Enqueued",),
    "queue.job_queue": ("JobQueue",),
    "schedules": ("Schedule",),
    "settings": ("Settings",),
    "waits": ("Snooze", "WaitTimeoutError"),
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names}


def __getattr__(name: str) -> object:
    if name == "__version__":
        found: object = import_module("importlib.metadata").version("supajobs")
    elif home := _HOME_OF.get(name):
        found = getattr(import_module(f"supajobs.{home}"), name)
    else:
        raise AttributeError(f"module 'supajobs' has no attribute {name!r}")
    globals()[name] = found  # not asked for again
    return found


def __dir__() -> list[str]:
    return sorted(__all__)
