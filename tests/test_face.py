"""What `from supajobs import …` offers."""

import ast
import inspect
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path
from typing import TypeGuard

import pytest
from tests.parts import PROJECT
from tests.shown import GUIDE, find_examples

import supajobs
from supajobs import errors, testing
from supajobs.sync_client import SyncClient

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
ERRORS = {
    "DebounceWithoutDedupeError",
    "EnqueueRateLimitedError",
    "IdempotencyConflictError",
    "InvalidRequestError",
    "JobFinishedError",
    "JobNotFinishedError",
    "JobNotFoundError",
    "JobsNotRunningError",
    "MonthlyCostReachedError",
    "NotAuthenticatedError",
    "NotRunningError",
    "ParentNotFoundError",
    "ProjectRequiredError",
    "ProviderKeyNotAllowedError",
    "ProviderKeyRequiredError",
    "ProviderKeysNotOfferedError",
    "ScheduleNameTakenError",
    "ScheduleNotFoundError",
    "ServerBusyError",
    "SeveralRunningError",
    "SignalTooLateError",
    "SupabaseRefusedError",
    "SupabaseUnavailableError",
    "SupajobsError",
    "TooManySchedulesError",
    "UnknownJobTypeError",
    "UserGoneError",
}
TESTING = {"InMemoryQueue", "InlineRun", "StackQueue", "run_inline"}
OFFERED = {"supajobs": FACE, "supajobs.errors": ERRORS, "supajobs.testing": TESTING}
QUESTIONS = {"enqueue", "enqueue_many", "schedule", "signal", "get", "cancel", "retry"}
GIVEN = {"id", "user_id", "attempt", "deadline", "cancelled", "log", "claimed"}
ASKED = {"report", "spend", "step", "sleep", "wait_for", "enqueue", "parents", "provider_key"}
DECLARED = {"name", "params", "handle", "check_date", "description", "runs_in"}
MEMBERS: dict[type, set[str]] = {
    supajobs.Supajobs: {
        *QUESTIONS,
        *("CurrentUser", "app", "lifespan", "queue", "router", "settings", "sync"),
    },
    SyncClient: {*QUESTIONS, "close"},
    supajobs.JobQueue: {
        *("enqueue", "enqueue_many", "get", "get_active", "cancel", "retry", "get_position"),
        *("claim", "heartbeat", "complete", "fail", "release", "suspend", "advance"),
        *("get_steps", "save_step", "get_provider_key", "get_changed", "cleanup"),
        *("describe", "check", "schedules", "signals", "flows", "bulk", "notes"),
        *("secrets", "elsewhere"),
    },
    supajobs.RunningJob: {*GIVEN, *ASKED, "is_stopped"},
    supajobs.SyncRunningJob: {*GIVEN, *ASKED, "is_stopped"},
    supajobs.JobType: {*DECLARED, "dump", "load", "request"},
    supajobs.NewJob: {"job_type", "params", "user_id", "ref", "options"},
    testing.InMemoryQueue: {"enqueue", "enqueue_many", "jobs", "parents", "assert_enqueued"},
    testing.StackQueue: {
        *("enqueue", "enqueue_many", "signal", "drain", "read", "sign_up", "clear", "settings"),
    },
}
NO_OBJECTS_OF_THEIR_OWN = {"CurrentUser", "__version__"}
SHOWN = [PROJECT / "README.md", *GUIDE.glob("*.md"), *find_examples("*.py")]


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


def test_each_code_has_the_one_error_of_this_list() -> None:
    kinds = [kind for kind in vars(errors).values() if is_error(kind)]
    assert {kind.__name__ for kind in kinds} == ERRORS
    assert len({kind.code for kind in kinds}) == len(kinds)


def is_error(kind: object) -> TypeGuard[type[supajobs.SupajobsError]]:
    return inspect.isclass(kind) and issubclass(kind, supajobs.SupajobsError)


@pytest.mark.parametrize("kind", MEMBERS, ids=lambda kind: kind.__name__)
def test_a_class_has_these_members(kind: type) -> None:
    """Each is for users: what is for our own programs alone begins with an underscore."""
    made = re.findall(r"^        self\.(\w+)(?:: .+)? = ", inspect.getsource(kind), re.MULTILINE)
    fields = getattr(kind, "__dataclass_fields__", {})
    assert {name for name in (*dir(kind), *made, *fields) if name[0] != "_"} == MEMBERS[kind]


def test_the_kit_for_tests_is_this_list() -> None:
    assert set(testing.__all__) == TESTING
    assert {getattr(testing, name).__name__ for name in TESTING} == TESTING
    with pytest.raises(AttributeError, match="no attribute 'Queue'"):
        _ = testing.Queue  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]


def test_the_kit_needs_no_extra_until_it_does() -> None:
    code = "import supajobs.testing, sys; print('psycopg' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603 - our own arguments
    assert ran.stdout == "False\n"


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
def test_what_is_shown_to_users_imports_what_is_offered(path: Path) -> None:
    text = path.read_text()
    assert not re.findall(r"^\s*import supajobs\..*", text, re.MULTILINE)
    imported = re.findall(r"^\s*from (supajobs\S*) import ([^\n(]+|\([^)]+\))", text, re.MULTILINE)
    for module, names in imported:
        assert set(re.findall(r"\w+", names)) <= OFFERED[module]
