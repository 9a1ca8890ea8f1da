"""Job types of one's own: how they are made, found, and refused."""

import asyncio
import inspect
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pydantic import BaseModel, ValidationError
from tests.cli.running import supajobs
from tests.test_auth import make_settings

from supajobs.handlers.families import create_job_types
from supajobs.handlers.job_modules import JobModuleError, add_job_types
from supajobs.job_types import RunningJob, SyncRunningJob, job_type
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed

if TYPE_CHECKING:
    from supajobs.jobs import Job as OnlyForTypes

IMPORTS = """
from pydantic import BaseModel
from supajobs.job_types import JobType, RunningJob, job_type
from supajobs.outcomes import Completed

class Request(BaseModel):
    pass
"""
ONE = """
@job_type
async def {0}(job: RunningJob, request: Request) -> Completed:
    return Completed()
"""


class Request(BaseModel):
    hero: str


Write = Callable[[str, str], str]


@pytest.fixture
def write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Generator[Write]:
    """Puts a module into the folder where the process was started; gives its name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    written: list[str] = []

    def write(name: str, code: str) -> str:
        (tmp_path / f"{name}.py").write_text(IMPORTS + code)
        written.append(name)
        return name

    yield write
    for name in written:
        sys.modules.pop(name, None)


def make_entry_point(folder: Path, monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    """An installed package "tales" with this entry point."""
    about = folder / "tales-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: tales\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[supajobs.job_types]\n{line}\n")
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])


async def test_a_function_gives_its_name_its_model_and_its_docstring() -> None:
    @job_type
    async def story(job: RunningJob, request: Request) -> Completed:
        """A bedtime story."""
        return Completed(result=request.hero)

    assert (story.name, story.params, story.description) == ("story", Request, "A bedtime story.")
    job: Any = None
    assert (await story.handle(job, Request(hero="Fox"))).result == "Fox"


async def test_the_function_can_still_be_called_and_looks_like_itself() -> None:
    @job_type(name="tales.story")
    async def story(job: RunningJob, request: Request) -> Completed:
        """A bedtime story."""
        return Completed(result=request.hero)

    job: Any = None
    completed = await story(job, Request(hero="Fox"))
    assert completed.result == "Fox"
    assert story.name == "tales.story"
    assert inspect.unwrap(story) is story.handle
    assert list(inspect.signature(story).parameters) == ["job", "request"]
    assert (story.__doc__, story.__module__) == ("A bedtime story.", __name__)


def test_a_plain_function_is_a_handler_too() -> None:
    @job_type
    def story(job: SyncRunningJob, request: Request) -> Completed:
        return Completed(result=request.hero)

    job: Any = None
    assert story(job, Request(hero="Fox")).result == "Fox"
    assert (story.name, story.runs_in) == ("story", "thread")


def test_what_is_no_handler_is_refused_with_what_to_write() -> None:
    def hollow(job: SyncRunningJob, request: Request | None) -> Completed: ...

    async def lonely(job: RunningJob) -> Completed: ...

    async def untyped(job, request) -> Completed: ...  # noqa: ANN001 # pyright: ignore[reportUnknownParameterType, reportMissingParameterType] - it is about that

    async def loose(job: RunningJob, request: dict[str, Any]) -> Completed: ...

    async def hidden(job: "OnlyForTypes", request: Request) -> Completed: ...

    refusals: dict[Any, str] = {
        hollow: "hollow: annotate 'request' with a pydantic model",
        lonely: "lonely takes 1 arguments, not two: the job and its params",
        untyped: "untyped: annotate 'request' with a pydantic model",
        loose: "loose: annotate 'request' with a pydantic model",
        hidden: "'OnlyForTypes' is not defined; import it outside of `if TYPE_CHECKING`",
    }
    for handle, message in refusals.items():
        with pytest.raises(TypeError, match=message):
            job_type(handle)


def test_a_module_gives_all_its_job_types_or_the_one_that_is_named(write: Write) -> None:
    module = write("two_tales", ONE.format("one") + ONE.format("two"))
    assert add_job_types([], [module]).keys() == {"one", "two"}
    assert add_job_types([], [f"{module}:two"]).keys() == {"two"}
    assert add_job_types([], [module, f"{module}:two"]).keys() == {"one", "two"}


def test_a_package_names_its_job_types_by_entry_points(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = write("packaged", ONE.format("tale"))
    make_entry_point(tmp_path, monkeypatch, f"tale = {module}:tale")
    assert add_job_types([], []).keys() == {"tale"}
    settings = make_settings(job_modules=module)  # named twice, and the same
    assert create_job_types(settings).keys() >= {"tale", "training_plan"}


@pytest.mark.parametrize(
    ("code", "attribute", "message"),
    [
        ("import nowhere_at_all", "", r"import: ModuleNotFoundError: .*nowhere.*wrong\.py:\d+\)"),
        ("def f(:", "", r"import: SyntaxError: .*wrong\.py"),
        ("@job_type\ndef tale(): ...", "", r"import: TypeError: tale is no .*wrong\.py:\d+\)"),
        ("", "", "no job type: decorate a coroutine function with @supajobs.job_type"),
        ("tale = 1", ":tale", ":tale is no job type: decorate it"),
        ("", ":tale", ":tale does not exist"),
        (ONE.format("training_plan"), "", "'training_plan', as supajobs has: rename one"),
    ],
)
def test_a_module_that_is_of_no_use_is_named_with_the_reason(
    write: Write, code: str, attribute: str, message: str
) -> None:
    module = write("wrong", code)
    with pytest.raises(JobModuleError, match=rf"^JOB_MODULES: wrong.*{message}"):
        create_job_types(make_settings(job_modules=module + attribute))


def test_a_module_that_is_nowhere_is_named() -> None:
    with pytest.raises(JobModuleError, match=r"JOB_MODULES: nowhere does not import: .*'nowhere'$"):
        add_job_types([], ["nowhere"])


def test_two_of_one_name_are_told_apart_by_where_they_are(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_entry_point(tmp_path, monkeypatch, f"x = {write('their_tales', ONE.format('tale'))}")
    told = "JOB_MODULES: my_tales has .* 'tale', as Entry point x of tales: their_tales has"
    with pytest.raises(JobModuleError, match=told):
        add_job_types([], [write("my_tales", ONE.format("tale"))])


@pytest.mark.parametrize("named", ["my_app/jobs.py", "my_app.", "my app", ":story", "a:b:c"])
def test_what_cannot_be_a_module_is_a_wrong_setting(named: str) -> None:
    with pytest.raises(ValidationError, match=r"is not a module such as my_app\.jobs"):
        make_settings(job_modules=named)


@pytest.mark.parametrize(
    ("command", "code", "message"),
    [
        ("api", "import nowhere_at_all", "nowhere_at_all"),
        ("work", "", "has no job type"),
        ("process", ONE.format("training_plan"), "rename one of them"),
        ("api", ONE.format("training_zones"), "of the same name: training_zones"),
    ],
)
async def test_a_process_does_not_start_with_it_and_says_why(
    stack: StackInfo, tmp_path: Path, command: str, code: str, message: str
) -> None:
    (tmp_path / "tales.py").write_text(IMPORTS + code)
    environment = {**stack.environment, "JOB_MODULES": "tales", "PORT": "0"}
    async with supajobs(command, env=environment, cwd=tmp_path) as process, asyncio.timeout(30):
        _, err = await process.communicate()
    assert process.returncode == 2
    assert message in err.decode()
    assert "Traceback" not in err.decode()
