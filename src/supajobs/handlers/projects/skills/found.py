"""What the code of a project shows."""

from collections.abc import Callable
from dataclasses import dataclass, field

Warn = Callable[[str, int, str, str], None]
"""Hears the path, the line (from 1), a code that stays the same, and a sentence about it."""


@dataclass(frozen=True, slots=True)
class Language:
    """A programming language, or one of markup; `share` is percent of the bytes of all."""

    name: str
    bytes: int
    share: float
    files: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where a skill is seen; lines count from 1."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Skill:
    """A framework, library, database, tool or platform that the project uses.

    `confidence`: 0.95 for what a manifest asks for, or what is configured; 0.75 for what only its
    development or its tests need. `versions`: the ranges as they are written.
    """

    kind: str
    name: str
    confidence: float
    versions: list[str] = field(default_factory=list[str])
    evidence: list[Evidence] = field(default_factory=list[Evidence])


@dataclass(frozen=True, slots=True)
class SkillWarning:
    """What could not be read."""

    path: str
    line: int
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Skills:
    """Languages, the largest first, and the rest, the surest first."""

    languages: list[Language]
    tools: list[Skill]
    warnings: list[SkillWarning]
