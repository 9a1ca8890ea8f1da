"""Frameworks, databases and tools that manifests show: those that are known by name."""

import json
from collections.abc import Iterable
from functools import cache
from itertools import islice
from pathlib import Path

from supajobs.handlers.projects.skills.data_files import ManifestError
from supajobs.handlers.projects.skills.found import Evidence, Skill, Warn
from supajobs.handlers.projects.skills.manifests import (
    MAX_DEPENDENCIES,
    Dependency,
    find_kind,
)
from supajobs.storable import clean

_TABLE = Path(__file__).with_name("known_tools.json")
ASKED, FOR_DEVELOPMENT = 0.95, 0.75
MAX_EVIDENCE = 20
MAX_BYTES = 500_000  # of a manifest
MAX_VERSIONS = 10


@cache
def read_known() -> dict[tuple[str, str], tuple[str, str]]:
    """The kind and the name of what is known, by the ecosystem and the name of a package."""
    return {
        (ecosystem, package): (kind, name)
        for ecosystem, kinds in json.loads(_TABLE.read_text()).items()
        for kind, names in kinds.items()
        for name, packages in names.items()
        for package in packages
    }


class ToolCount:
    """Takes one manifest after the other."""

    def __init__(self, warn: Warn) -> None:
        self._warn = warn
        self._skills: dict[tuple[str, str], Skill] = {}

    def take(self, path: str, content: bytes) -> None:
        """Adds what a manifest shows; one that cannot be read is told of."""
        if not (kind := find_kind(path)):
            return
        path = clean(path)  # which is told of; it may have bytes that are no UTF-8
        if kind.shows:
            self._add(path, [Dependency("file", kind.shows, "", 1)])
        if len(content) > MAX_BYTES:
            self._warn(path, 1, "manifest_too_large", f"It has more than {MAX_BYTES} bytes.")
            return
        try:
            text = content.decode("utf-8-sig", errors="replace")
            self._add(path, islice(kind.read(text), MAX_DEPENDENCIES))
        except ManifestError as error:
            why, line = error.args
            self._warn(path, line, "manifest_unreadable", f"The manifest is not read: {why}.")

    def _add(self, path: str, dependencies: Iterable[Dependency]) -> None:
        known = read_known()
        for each in dependencies:
            if found := known.get((each.ecosystem, each.name)):
                self._note(found, path, each)

    def _note(self, found: tuple[str, str], path: str, dependency: Dependency) -> None:
        sure = FOR_DEVELOPMENT if dependency.is_for_development else ASKED
        was = self._skills.get(found) or Skill(*found, confidence=sure)
        evidence = Evidence(path, dependency.line)
        versions = [dependency.version] if dependency.version else []
        self._skills[found] = Skill(
            *found,
            confidence=max(was.confidence, sure),
            versions=list(dict.fromkeys([*was.versions, *versions]))[:MAX_VERSIONS],
            evidence=list(dict.fromkeys([*was.evidence, evidence]))[:MAX_EVIDENCE],
        )

    def tell(self) -> list[Skill]:
        """The skills, the surest first."""
        return sorted(self._skills.values(), key=lambda each: (-each.confidence, each.name))
