"""Which languages a file may be in, by its name and its first line.

The table is that of the npm package linguist-languages (MIT, see languages.LICENSE), which has it
from GitHub's Linguist. scripts/write_languages.py writes it anew.
"""

import json
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path, PurePosixPath

_TABLE = Path(__file__).with_name("languages.json")
_SHEBANG = re.compile(rb"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*)?([^\s/]{1,64})")
_VERSION = "0123456789."
COUNTED = {"programming", "markup"}


@dataclass(frozen=True)
class Table:
    """Names of languages, in the order of the alphabet."""

    by_name: dict[str, str]
    """By what .gitattributes may call them, in lower case."""
    by_filename: dict[str, list[str]]
    by_extension: dict[str, list[str]]
    by_interpreter: dict[str, list[str]]
    counted: frozenset[str]
    groups: dict[str, str]

    def name_group(self, language: str) -> str:
        """What it is counted as: TSX as TypeScript."""
        return self.groups.get(language, language)


@cache
def read_table() -> Table:
    """The table, read once."""
    languages = json.loads(_TABLE.read_text())["languages"]
    table = Table({}, {}, {}, {}, _list_counted(languages), _list_groups(languages))
    for name, each in languages.items():
        for called in (name, name.replace(" ", "-"), *each.get("aliases", ())):
            table.by_name.setdefault(called.lower(), name)
        for column, index in (
            ("filenames", table.by_filename),
            ("extensions", table.by_extension),
            ("interpreters", table.by_interpreter),
        ):
            for value in each.get(column, ()):
                key = value.lower() if column == "extensions" else value
                if name not in (names := index.setdefault(key, [])):
                    names.append(name)
    return table


def _list_counted(languages: dict[str, dict[str, str]]) -> frozenset[str]:
    return frozenset(name for name, each in languages.items() if each["type"] in COUNTED)


def _list_groups(languages: dict[str, dict[str, str]]) -> dict[str, str]:
    return {name: each["group"] for name, each in languages.items() if "group" in each}


def find_by_name(path: str) -> list[str]:
    """By its whole name, or the longest of its endings that the table has: .d.ts before .ts."""
    table, name = read_table(), PurePosixPath(path).name
    if name in table.by_filename:
        return table.by_filename[name]
    parts = name.lower().split(".")
    for start in range(1, len(parts)):
        if found := table.by_extension.get("." + ".".join(parts[start:])):
            return found
    return []


def find_by_first_line(head: bytes) -> list[str]:
    """By the interpreter that the file asks for."""
    if not (shebang := _SHEBANG.match(head)):
        return []
    interpreter, table = shebang[1].decode(errors="replace"), read_table()
    return table.by_interpreter.get(interpreter) or table.by_interpreter.get(
        interpreter.rstrip(_VERSION), []
    )
