"""What an app (or a model that acts for its user) may call by name: the server decides how.

An immediate tool answers within the request. A job type is a tool as well, and is queued.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, Generic

from pydantic import BaseModel

from supajobs.handlers.job_modules import JobModuleError
from supajobs.job_types import JobType, JobTypes, Params


@dataclass(frozen=True)
class Tool(Generic[Params]):
    """A name, the model of its params, and the coroutine that answers at once.

    The coroutine shares the event loop with all other requests: it has seconds, mostly to wait
    for others, and milliseconds to compute. What takes longer is a job type.
    """

    name: str
    description: str
    params: type[Params]
    run: Callable[[Params], Coroutine[Any, Any, BaseModel]]


Tools = dict[str, Tool[Any]]
Registry = dict[str, Tool[Any] | JobType[Any]]


def register(tools: Tools, job_types: JobTypes) -> Registry:
    """Everything that may be called, by name.

    Raises:
        JobModuleError: a tool and a job type have the same name.
    """
    if clashes := sorted(tools.keys() & job_types.keys()):
        raise JobModuleError(f"Tools and job types of the same name: {', '.join(clashes)}.")
    return {**tools, **job_types}
