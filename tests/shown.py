"""The code that README, handbook and examples show: the fenced blocks of Markdown."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt
from tests.parts import PROJECT

GUIDE = PROJECT / "docs" / "guide"


def find_examples(pattern: str) -> list[Path]:
    """Those of ours: the packages that a page is built with lie beside its code."""
    found = sorted((PROJECT / "examples").rglob(pattern))
    return [file for file in found if "node_modules" not in file.parts]


PAGES = [
    PROJECT / "README.md",
    *sorted((PROJECT / "docs").rglob("*.md")),
    *find_examples("*.md"),
]
"""All that people read and copy from."""


@dataclass(frozen=True)
class Shown:
    """A block. What has a title is a part of the file of that name."""

    language: str
    title: str
    text: str


def read_shown(page: Path) -> list[Shown]:
    return [
        Shown(language, "".join(re.findall(r'title="(.+?)"', told)), token.content)
        for token in MarkdownIt().parse(page.read_text())
        if token.type == "fence"
        for language, _, told in [token.info.partition(" ")]
    ]


def find_shown(page: Path, language: str) -> list[str]:
    return [shown.text for shown in read_shown(page) if shown.language == language]


def write_files(page: Path, folder: Path, replaced: Mapping[str, str] | None = None) -> list[Path]:
    """The files that a page shows, each put together from its blocks.

    `replaced`: what stands there for things that each reader has of their own.
    """
    files = dict[Path, str]()
    for shown in read_shown(page):
        if shown.title:
            path = folder / shown.title
            files[path] = f"{files[path]}\n\n{shown.text}" if path in files else shown.text
    for path, text in files.items():
        for there, own in (replaced or {}).items():
            text = text.replace(there, own)  # noqa: PLW2901 - one after the other
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return list(files)
