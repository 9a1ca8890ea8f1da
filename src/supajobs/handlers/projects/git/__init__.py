"""Repositories of users, fetched and read by git: within bounds, and nothing in them is run."""

from supajobs.handlers.projects.git.failures import RepositoryError, RepositoryUnavailableError
from supajobs.handlers.projects.git.fetching import fetch
from supajobs.handlers.projects.git.folders import sweep_left_overs
from supajobs.handlers.projects.git.program import FetchLimits
from supajobs.handlers.projects.git.source import Source, check_branch, check_url

__all__ = [
    "FetchLimits",
    "RepositoryError",
    "RepositoryUnavailableError",
    "Source",
    "check_branch",
    "check_url",
    "fetch",
    "sweep_left_overs",
]
