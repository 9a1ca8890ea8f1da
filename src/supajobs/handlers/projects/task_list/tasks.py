"""What a project's plan files say: tasks in order, the phases they are in, what was misread."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

State = Literal["open", "done", "doing", "dropped"]

MAX_PHASES = 1_000  # that are listed
MAX_WARNINGS = 200
_TOO_MANY = "too_many_warnings"

Warn = Callable[[int, str, str], None]
"""Hears the line (from 1), a code that stays the same, and a sentence about it."""


@dataclass(frozen=True, slots=True)
class Task:
    """An item of a list that starts with a box.

    `- [ ]` is open, `[x]` done, `[~]` being done, `[-]` dropped.
    """

    key: str
    """32 hexadecimal digits, unique in the list. It stays when the task is ticked, moved within its
    phase, or given another date, estimate, owner or number. It is another one when its text, its
    phase, its file or the text of a task above it is."""
    path: str
    line: int
    """From 1, as editors count."""
    position: int
    """In the order of the project, from 0."""
    parent: int | None
    """The position of the task that this is a part of."""
    phase: list[str]
    """The headings above it, the outermost first; without the heading that is the plan's title."""
    text: str
    """Plain, on one line, without number, date and estimate."""
    state: State
    due: dt.date | None = None
    owners: list[str] = field(default_factory=list[str])
    """Without the @."""
    weight: float = 1.0
    """In days of eight hours, five of which are a week; or in whatever `weight:` is meant in."""
    estimated: bool = False
    """Whether the plan says the weight."""
    links: list[str] = field(default_factory=list[str])
    """Addresses of the web, or within the repository."""
    number: str | None = None
    """As 1.2, from the text or from numbered lists."""


@dataclass(frozen=True, slots=True)
class Phase:
    """A heading with tasks or further phases below it."""

    path: str
    line: int
    names: list[str]
    """The headings above it, and its own."""


@dataclass(frozen=True, slots=True)
class PlanFile:
    """What a file says of itself: in its front matter, or its only first-level heading."""

    path: str
    title: str | None = None
    description: str | None = None
    status: str | None = None
    owners: list[str] = field(default_factory=list[str])
    starts_on: dt.date | None = None
    due: dt.date | None = None


@dataclass(frozen=True, slots=True)
class ParseWarning:
    """What could not be read as it was probably meant, or was left out."""

    path: str
    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class TaskList:
    """What all plan files of a project say, in their order."""

    tasks: list[Task]
    phases: list[Phase]
    warnings: list[ParseWarning]
    files: list[PlanFile]
    """Those that could be read."""

    @property
    def title(self) -> str | None:
        """That of the first file which has one."""
        return next((each.title for each in self.files if each.title), None)


class Warnings:
    """The first MAX_WARNINGS; the last of them says that there were more."""

    def __init__(self) -> None:
        self._told: list[ParseWarning] = []

    def add(self, path: str, line: int, code: str, message: str) -> None:
        """Tells it, unless enough was told."""
        if len(self._told) == MAX_WARNINGS - 1:
            code, message = _TOO_MANY, "There are more warnings than are told."
        if len(self._told) < MAX_WARNINGS:
            self._told.append(ParseWarning(path, line, code, message))

    def order(self) -> list[ParseWarning]:
        """By file, as the files came, and line."""
        paths = {path: index for index, path in enumerate({each.path: 0 for each in self._told})}
        return sorted(
            self._told, key=lambda each: (each.code == _TOO_MANY, paths[each.path], each.line)
        )
