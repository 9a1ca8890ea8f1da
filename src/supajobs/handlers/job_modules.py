"""Job types from outside the package: of installed packages, and of modules that settings name."""

import os
import sys
import traceback
from collections.abc import Generator, Iterable, Mapping
from importlib import import_module
from importlib.metadata import entry_points
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from supajobs.job_types import JobType, JobTypes, require_job_type

ENTRY_POINTS = "supajobs.job_types"
_HERE = f"{Path(__file__).parents[1]}{os.sep}"


class JobModuleError(Exception):
    """A module does not give the job types that it should; the message says why."""


class _Reference(NamedTuple):
    """Where job types are, and who says so."""

    source: str
    module: str
    attribute: str | None

    def __str__(self) -> str:
        attribute = f":{self.attribute}" if self.attribute else ""
        return f"{self.source}: {self.module}{attribute}"


def add_job_types(built_in: Iterable[JobType[Any]], modules: Iterable[str]) -> JobTypes:
    """The built-in job types, those of installed packages, and those of `modules`, by name.

    Packages name theirs by entry points of the group `supajobs.job_types`. Both these and
    `modules` are `module`, for all job types in it, or `module:attribute` for one.

    Raises:
        JobModuleError: a module cannot be imported or has no job type, or two have the same name.
    """
    job_types: JobTypes = {}
    sources: dict[str, str] = {}
    for source, job_type in _list(built_in, modules):
        known = job_types.setdefault(job_type.name, job_type)
        first = sources.setdefault(job_type.name, source)
        if known is not job_type:  # the same one may be named twice
            raise JobModuleError(
                f"{source} has a job type {job_type.name!r}, as {first} has: rename one of them."
            )
    return job_types


def index_job_types(job_types: Iterable[JobType[Any]]) -> JobTypes:
    """The job types by name.

    Raises:
        JobModuleError: two have the same name.
        TypeError: there is something else among them, or they are no list.
    """
    if isinstance(job_types, JobType | Mapping):
        raise TypeError("job_types is a list of job types: job_types=[story]")
    named = list(job_types)
    for each in named:
        require_job_type(each)
    index = {each.name: each for each in named}
    if len(index) < len(named):
        names = sorted(each.name for each in named)
        twice = next(name for name, following in pairwise(names) if name == following)
        raise JobModuleError(f"Two job types have the name {twice!r}: rename one of them.")
    return index


def _list(
    built_in: Iterable[JobType[Any]], modules: Iterable[str]
) -> Generator[tuple[str, JobType[Any]]]:
    """All job types, each with where it comes from."""
    for job_type in built_in:
        yield "supajobs", job_type
    for reference in _list_references(modules):
        for job_type in _load(reference):
            yield str(reference), job_type


def _list_references(modules: Iterable[str]) -> Generator[_Reference]:
    for entry in entry_points(group=ENTRY_POINTS):
        package = entry.dist.name if entry.dist else "a package"
        yield _Reference(f"Entry point {entry.name} of {package}", entry.module, entry.attr or None)
    for named in modules:
        # A console script has its own folder on the path, not the one that it was started in.
        if (here := os.getcwd()) not in sys.path:  # noqa: PTH109 - as sys.path has it
            sys.path.append(here)
        module, _, attribute = named.partition(":")
        yield _Reference("JOB_MODULES", module, attribute or None)


def _load(reference: _Reference) -> list[JobType[Any]]:
    try:
        module = import_module(reference.module)
    except Exception as error:
        raise JobModuleError(f"{reference} does not import: {_explain(error)}") from error
    if reference.attribute is None:
        found: list[JobType[Any]] = [
            each for each in vars(module).values() if isinstance(each, JobType)
        ]
        if not found:
            raise JobModuleError(
                f"{reference} has no job type: decorate a coroutine function with "
                "@supajobs.job_type."
            )
        return found
    if not hasattr(module, reference.attribute):
        raise JobModuleError(f"{reference} does not exist: the module has no such attribute.")
    named: object = getattr(module, reference.attribute)
    if not isinstance(named, JobType):
        raise JobModuleError(f"{reference} is no job type: decorate it with @supajobs.job_type.")
    return [named]


def _explain(error: Exception) -> str:
    """What went wrong, and the line that did it, where it is one of the module's."""
    lines = [
        f"{frame.filename}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((_HERE, "<frozen"))
        and f"{os.sep}importlib{os.sep}" not in frame.filename
    ]
    return f"{type(error).__name__}: {error}" + (f" ({lines[-1]})" if lines else "")
