"""The house of src/supajobs: what may import what, and how long a module may be."""

import ast
from collections.abc import Iterator
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

import supajobs

SOURCE = Path(supajobs.__file__).parent
MAX_LINES = 320

# What a part may import besides itself and the modules at the top that are not named here.
ALLOWED = {
    "app": {"api", "client", "handlers", "models", "notifications", "queue", "sync_client"}
    | {"telemetry", "wiring", "worker"},
    "api": {"client", "handlers", "models", "notifications", "queue", "telemetry", "worker"},
    "cli": {"api", "app", "client", "doctor", "handlers", "local", "models", "notifications"}
    | {"queue", "telemetry", "testing", "worker"},
    "client": {"models", "queue", "telemetry"},
    "doctor": {"handlers", "queue"},
    "handlers": {"models", "queue"},
    "local": set[str](),
    "models": set[str](),
    "notifications": {"queue", "telemetry"},
    "pytest_plugin": {"local", "testing"},
    "queue": {"models", "telemetry"},
    "sync_client": {"client", "queue"},
    "telemetry": {"models"},
    "testing": {"app", "client", "handlers", "local", "queue", "worker"},
    "wiring": {"api", "client", "handlers", "models", "notifications", "queue", "telemetry"}
    | {"worker"},
    "worker": {"models", "notifications", "queue", "telemetry"},
}
MODULES = {
    "app",
    "client",
    "pytest_plugin",
    "sync_client",
    "wiring",
}  # of these; the others are folders
# At the top are the words that all share. They know of no part, except for what one setting is;
# and the package itself, which shows users what they need of each.
SHARED = {"": {"api", "app", "client", "queue"}, "__main__": {"cli"}, "settings": {"models"}}


def name(file: Path) -> str:
    parts = file.relative_to(SOURCE.parent).with_suffix("").parts
    return ".".join(parts).removesuffix(".__init__")


@cache
def imports() -> dict[str, set[str]]:
    """Each module, and those of the package that it imports anywhere in it."""
    files = {name(file): file for file in SOURCE.rglob("*.py")}
    return {
        module: {found for found in _list(file, files) if found != module}
        for module, file in files.items()
    }


def _list(file: Path, known: dict[str, Path]) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.ImportFrom) and node.module:
            for each in node.names:
                full = f"{node.module}.{each.name}"
                yield from {full if full in known else node.module} & known.keys()
        elif isinstance(node, ast.Import):
            yield from {each.name for each in node.names} & known.keys()


def part(module: str) -> str:
    """`queue` of supajobs.queue.database; `jobs` of supajobs.jobs."""
    return module.split(".")[1] if "." in module else ""


def test_nothing_imports_itself_by_a_detour() -> None:
    try:
        TopologicalSorter(imports()).prepare()
    except CycleError as error:
        pytest.fail(" → ".join(error.args[1]))


def test_each_part_imports_only_what_lies_beneath_it() -> None:
    wings = ALLOWED.keys()
    wrong = [
        f"{module} imports {imported}"
        for module, found in imports().items()
        for imported in found
        if part(imported) in wings - {part(module)}
        and part(imported) not in ALLOWED.get(part(module), SHARED.get(part(module), set()))
    ]
    assert wrong == []


def test_no_part_is_left_out() -> None:
    assert {
        each.name for each in SOURCE.iterdir() if each.is_dir() and list(each.glob("*.py"))
    } == (ALLOWED.keys() - MODULES)


def test_no_module_is_too_long_to_read() -> None:
    lengths = {name(file): len(file.read_text().splitlines()) for file in SOURCE.rglob("*.py")}
    assert {module: length for module, length in lengths.items() if length > MAX_LINES} == {}
