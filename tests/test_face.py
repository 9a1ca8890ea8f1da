"""What `from supajobs import …` offers."""

import ast
import inspect
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest
from tests.parts import PROJECT
from tests.shown import GUIDE

import supajobs

FACE = {
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
}
NO_OBJECTS_OF_THEIR_OWN = {"CurrentUser", "__version__"}
SHOWN = [PROJECT / "README.md", *GUIDE.glob("*.md"), *(PROJECT / "examples").rglob("*.py")]


def list_typed() -> set[str]:
    """What type checkers see in the module."""
    [block] = [
        node
        for node in ast.parse(inspect.getsource(supajobs)).body
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    names = set[str]()
    for node in block.body:
        if isinstance(node, ast.ImportFrom):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.AnnAssign):
            names.add(ast.unparse(node.target))
    return names


def test_the_face_is_this_list() -> None:
    assert set(supajobs.__all__) == FACE == list_typed()
    assert len(supajobs.__all__) == len(FACE)
    assert set(dir(supajobs)) >= FACE


@pytest.mark.parametrize("name", sorted(FACE - NO_OBJECTS_OF_THEIR_OWN))
def test_each_name_has_a_docstring_with_one_example(name: str) -> None:
    said: str = getattr(supajobs, name).__doc__
    assert len(re.findall(r"::\n\n {4}\s*\S", said)) == 1, said


def test_the_version_is_that_of_the_package() -> None:
    assert supajobs.__version__ == version("supajobs")


def test_what_is_not_there_is_missed() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Worker'"):
        _ = supajobs.Worker  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def test_importing_it_imports_nothing_else() -> None:
    code = "import supajobs, sys; print(*(name for name in sys.modules if 'supajobs' in name))"
    imported = subprocess.run(  # noqa: S603 - our own arguments
        [sys.executable, "-S", "-c", code],
        env={"PYTHONPATH": str(Path(supajobs.__file__).parents[1])},
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    assert imported == ["supajobs"]


@pytest.mark.parametrize("path", SHOWN, ids=lambda path: path.name)
def test_what_is_shown_to_users_imports_from_the_face(path: Path) -> None:
    text = path.read_text()
    assert not re.findall(r"^\s*(?:from|import) supajobs\.(?!testing\b).*", text, re.MULTILINE)
    for names in re.findall(r"from supajobs import ([^\n(]+|\([^)]+\))", text):
        assert set(re.findall(r"\w+", names)) <= FACE
