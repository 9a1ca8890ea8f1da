"""The kit that users test their handlers with."""

import asyncio
import time
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import structlog
from pydantic import BaseModel, SecretStr
from tests.handlers.training_plan.plans import CYCLING
from tests.test_auth import make_settings
from tests.worker.claims import QuietQueue
from tests.worker.computing import Task, compute
from tests.worker.test_runs import make_run

from supajobs.handlers.canary import CANARY, NoParams
from supajobs.handlers.families import create_job_types
from supajobs.handlers.job_modules import index_job_types
from supajobs.job_types import RunningJob, SyncRunningJob, job_type
from supajobs.jobs import Progress
from supajobs.outcomes import Completed, Failed, PermanentError, Usage
from supajobs.testing import InMemoryQueue, run_inline


class StoryRequest(BaseModel):
    hero: str = "Fox"
    secret: SecretStr = SecretStr("")


async def write(text: str) -> str:
    return text


@job_type
async def story(job: RunningJob, request: StoryRequest) -> Completed:
    outline = await job.step("outline", partial(write, f"About {request.hero}"))
    job.spend(Usage(cost_usd=0.5))
    job.report(Progress(phase="writing", percentage=50, message="Half of it"))
    text = await job.step("text", partial(write, "Once upon a time"))
    end = await job.step("end", partial(write, "The end"))
    key = await job.provider_key()
    job.log.info("written", has_key=key is not None)
    return Completed(result=[outline, text, end])


async def test_three_steps() -> None:
    run = await run_inline(story, StoryRequest(hero="Bear"), saved_steps={"text": "Long ago"})
    assert run.result == ["About Bear", "Long ago", "The end"]
    assert run.steps == {"outline": "About Bear", "text": "Long ago", "end": "The end"}


async def test_all_that_a_handler_does_can_be_looked_at() -> None:
    run = await run_inline(story, StoryRequest(), provider_key="sk-mine")
    assert run.outcome == Completed(
        result=["About Fox", "Once upon a time", "The end"], usage=Usage(cost_usd=0.5)
    )
    assert run.reports == [Progress(phase="writing", percentage=50, message="Half of it")]
    assert run.spends == [Usage(cost_usd=0.5)]
    [line] = run.logs
    assert (line["event"], line["has_key"], line["job_type"]) == ("written", True, "story")


def test_it_runs_in_a_test_that_is_no_coroutine() -> None:
    assert asyncio.run(run_inline(story, StoryRequest())).steps["end"] == "The end"


def test_it_leaves_the_log_as_it_was() -> None:
    structlog.reset_defaults()
    asyncio.run(run_inline(story, StoryRequest()))
    assert not structlog.is_configured()


async def test_an_error_is_what_it_would_be_in_a_worker() -> None:
    @job_type
    async def refuse(job: RunningJob, request: StoryRequest) -> Completed:
        raise PermanentError(f"No {request.hero}, {job.attempt}", code="no_hero")

    run = await run_inline(refuse, StoryRequest(), attempt=3)
    assert isinstance(run.outcome, Failed)
    assert (run.outcome.error.code, run.outcome.error.message) == ("no_hero", "No Fox, 3")
    with pytest.raises(AssertionError, match=r"it has not completed: Failed.*no_hero"):
        _ = run.result


@pytest.mark.parametrize("option", [{"attempt": 0}, {"max_runtime_seconds": -1}])
async def test_there_is_no_run_before_the_first_nor_without_time(option: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="attempt is 1 or more"):
        await run_inline(story, StoryRequest(), **option)  # pyright: ignore[reportArgumentType] - of one kind


@job_type
async def forget(job: RunningJob, request: StoryRequest) -> Any:
    """Forgets to return something."""


@job_type
def give_a_dict(job: SyncRunningJob, request: StoryRequest) -> Any:
    return {}


@pytest.mark.parametrize(
    ("handler", "returned", "name"),
    [(forget, "nothing", "forget"), (give_a_dict, "dict", "give_a_dict")],
)
async def test_a_handler_that_returns_no_outcome_is_told_so(
    handler: Any, returned: str, name: str
) -> None:
    run = await run_inline(handler, StoryRequest())
    words = rf"the handler returned {returned}: return Completed\(result=…\).*\d+ in {name}"
    with pytest.raises(AssertionError, match=words):
        _ = run.result


async def test_params_are_kept_and_read_as_a_worker_does() -> None:
    user_id = uuid4()

    @job_type
    async def tell(job: RunningJob, request: StoryRequest) -> Completed:
        assert job.user_id == user_id
        return Completed(result=request.secret.get_secret_value())

    run = await run_inline(tell, StoryRequest(secret=SecretStr("s")), user_id=user_id)
    assert run.result == "s"


async def test_a_job_is_one_of_the_system_unless_a_user_is_named() -> None:
    @job_type
    async def clean_up(job: RunningJob, request: StoryRequest) -> Completed:
        return Completed(result=job.user_id and str(job.user_id))

    run = await run_inline(clean_up, StoryRequest())
    assert run.result is None
    run = await run_inline(clean_up, StoryRequest(), user_id=None)
    assert run.result is None


async def test_plain_functions_run_in_their_thread_or_process() -> None:
    @job_type
    def block(job: SyncRunningJob, request: StoryRequest) -> Completed:
        while not job.cancelled:
            time.sleep(0.01)
        raise TimeoutError

    run = await run_inline(block, StoryRequest(), max_runtime_seconds=0)
    assert isinstance(run.outcome, Failed)
    assert run.outcome.error.code == "timeout"
    run = await run_inline(compute, Task(do="tell"), provider_key="sk-mine")
    assert run.result == ["new", 7, "sk-mine", 1, False]


BUILT_IN = create_job_types(make_settings())
PARAMS: dict[str, dict[str, Any]] = {"training_plan": CYCLING}


@pytest.mark.parametrize("name", BUILT_IN)
async def test_each_built_in_type(name: str) -> None:
    built_in = BUILT_IN[name]
    run = await run_inline(built_in, built_in.load(PARAMS[name]))
    assert run.result
    assert run.reports


async def test_the_canary() -> None:
    assert (await run_inline(CANARY, NoParams())).outcome == Completed()


@pytest.mark.parametrize("runs_in", ["loop", "thread"])
async def test_the_log_of_the_host_has_no_params(
    caplog: pytest.LogCaptureFixture, runs_in: str
) -> None:
    class Villain(BaseModel):
        hero: int

    @job_type
    async def tell(job: RunningJob, request: StoryRequest) -> Completed:
        Villain.model_validate(request.model_dump())
        raise AssertionError("it was valid")

    @job_type
    def tell_in_thread(job: SyncRunningJob, request: StoryRequest) -> Completed:
        Villain.model_validate(request.model_dump())
        raise AssertionError("it was valid")

    handler: Any = tell if runs_in == "loop" else tell_in_thread
    run = make_run(QuietQueue(), params={"hero": "PRIVATE"})
    structlog.reset_defaults()
    with caplog.at_level("INFO", "supajobs"):
        failed = await run.handle(handler)
    assert isinstance(failed, Failed)
    assert "handler_failed" in caplog.text
    assert "hero: Input should be a valid integer" in caplog.text
    assert "in tell" in caplog.text
    assert "PRIVATE" not in caplog.text


async def test_what_is_no_job_type_or_no_params_is_told_in_a_sentence() -> None:
    odd: Any = 5
    no_params: Any = {}
    with pytest.raises(TypeError, match="5 is no job type: decorate a function with @job_type"):
        await run_inline(odd, StoryRequest())
    with pytest.raises(TypeError, match=r"takes StoryRequest, not dict: StoryRequest\(…\)"):
        await run_inline(story, no_params)
    with pytest.raises(TypeError, match=r"takes StoryRequest, not dict: StoryRequest\(…\)"):
        story.request(no_params)
    wrong: list[Any] = [[odd], [forget.handle]]
    for given in wrong:
        with pytest.raises(TypeError, match="is no job type: decorate a function"):
            index_job_types(given)
    no_lists: list[Any] = [story, {"story": story}]
    for given in no_lists:
        with pytest.raises(TypeError, match=r"a list of job types: job_types=\[story\]"):
            index_job_types(given)
    unmarked: Any = write
    with pytest.raises(TypeError, match="is no job type: decorate a function"):
        await InMemoryQueue().enqueue(unmarked, {}, user_id=None)


def by_keyword(job: RunningJob, *, request: StoryRequest) -> Completed:
    raise AssertionError("it was called")


async def generate(job: RunningJob, request: StoryRequest) -> Any:
    yield Completed()


@pytest.mark.parametrize(
    ("options", "handle", "told"),
    [
        ({"runs_in": "moon"}, give_a_dict.handle, "one of loop, thread, process, not in 'moon'"),
        ({"name": ""}, give_a_dict.handle, "the name of a job type is text, not ''"),
        ({"name": 5}, give_a_dict.handle, "the name of a job type is text, not 5"),
        ({"name": " "}, give_a_dict.handle, "the name of a job type is text, not ' '"),
        ({"name": "a\0"}, give_a_dict.handle, "the name of a job type is text, not 'a.x00'"),
        ({"name": "\ud800"}, give_a_dict.handle, "the name of a job type is text, not"),
        ({}, by_keyword, "the job and its params by position"),
        ({}, generate, "generate is a generator function: return Completed"),
    ],
)
def test_nonsense_is_refused_at_decoration(options: Any, handle: Any, told: str) -> None:
    with pytest.raises(TypeError, match=told):
        job_type(**options)(handle)
