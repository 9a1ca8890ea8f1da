"""A handler from its start to its outcome, without a stack."""

import asyncio
import math
import re
from collections.abc import Callable, Coroutine
from datetime import timedelta
from functools import partial
from typing import Annotated, Any

import pytest
import structlog
from pydantic import AfterValidator, BaseModel, JsonValue, SecretStr, ValidationError
from tests.worker.claims import QuietQueue, make_job

from supajobs.errors import SupabaseRefusedError
from supajobs.job_types import JobType, RunningJob, SyncRunningJob
from supajobs.outcomes import (
    Completed,
    Failed,
    JobError,
    Outcome,
    PermanentError,
    RateLimitedError,
    Released,
    Usage,
)
from supajobs.worker.runs import Run
from supajobs.worker.verdicts import INVALID_PARAMS, TIMED_OUT, UNEXPECTED


class Params(BaseModel):
    weeks: int = 1


Handle = Callable[[RunningJob, Params], Coroutine[Any, Any, Completed]]


@pytest.fixture
def queue() -> QuietQueue:
    return QuietQueue()


def make_run(queue: QuietQueue, **job: Any) -> Run:
    return Run(make_job(**job), queue, on_progress=lambda: None)


async def run_to_end(run: Run, handle: Handle) -> Outcome:
    return await run.handle(JobType("test", Params, handle))


async def test_the_outcome_carries_all_that_was_spent(queue: QuietQueue) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        job.spend(Usage(input_tokens=2, cost_usd=0.25))
        job.spend(Usage(input_tokens=3, cost_usd=0.5))
        return Completed(result=params.weeks, usage=Usage(input_tokens=5, cost_usd=1))

    outcome = await run_to_end(make_run(queue, params={"weeks": 4}), handle)
    assert outcome == Completed(result=4, usage=Usage(input_tokens=10, cost_usd=1.75))


async def test_what_was_spent_is_told_of_a_failure_too(queue: QuietQueue) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        job.spend(Usage(cost_usd=0.5))
        raise PermanentError("no", code="nothing_to_do")

    outcome = await run_to_end(make_run(queue), handle)
    assert isinstance(outcome, Failed)
    assert (outcome.error.code, outcome.retryable) == ("nothing_to_do", False)
    assert outcome.usage == Usage(cost_usd=0.5)


async def test_params_that_are_invalid_reach_no_handler(queue: QuietQueue) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        raise AssertionError("it was called")

    assert await run_to_end(make_run(queue, params={"weeks": "x"}), handle) == INVALID_PARAMS


@pytest.mark.parametrize("returned", [None, "done"])
async def test_what_is_no_outcome_is_a_bug_of_the_handler(queue: QuietQueue, returned: Any) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        return returned

    outcome = await run_to_end(make_run(queue), handle)
    assert isinstance(outcome, Failed)
    assert (outcome.error, outcome.retryable) == (UNEXPECTED.error, False)


async def test_a_handler_that_cancels_itself_has_failed(queue: QuietQueue) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        raise asyncio.CancelledError

    assert await run_to_end(make_run(queue), handle) == UNEXPECTED


async def test_a_handler_is_told_which_attempt_of_which_job_it_is(queue: QuietQueue) -> None:
    run, jobs = make_run(queue, retry_count=2, crash_count=1, trace_id="abc"), list[RunningJob]()

    async def handle(job: RunningJob, params: Params) -> Completed:
        jobs.append(job)
        job.log.info("it_began", weeks=params.weeks)
        return Completed()

    with structlog.testing.capture_logs() as logs:
        await run_to_end(run, handle)
    [job] = jobs
    assert (job.id, job.user_id, job.attempt) == (run.job.id, run.job.user_id, 4)
    assert job.deadline - run.job.started_at == timedelta(seconds=60)
    assert job.cancelled is False
    assert logs == [
        {
            "event": "it_began",
            "log_level": "info",
            "job_id": str(job.id),
            "job_type": "test",
            "trace_id": "abc",
            "attempt": 4,
            "weeks": 1,
        }
    ]


async def test_a_handler_that_is_stopped_sees_that_it_is(queue: QuietQueue) -> None:
    run, seen = make_run(queue), list[bool]()

    async def handle(job: RunningJob, params: Params) -> Completed:
        run.stop()
        try:
            await asyncio.Event().wait()
        finally:
            seen.append(job.cancelled)
        return Completed()

    assert await run_to_end(run, handle) == Released()
    assert seen == [True]


async def wait(job: RunningJob, params: Params) -> Completed:
    await asyncio.Event().wait()
    return Completed()


async def test_a_handler_is_stopped_at_its_deadline(queue: QuietQueue) -> None:
    assert await run_to_end(make_run(queue, max_runtime_seconds=0), wait) == TIMED_OUT


async def test_a_run_that_is_stopped_gives_its_job_back(queue: QuietQueue) -> None:
    run = make_run(queue)
    running = asyncio.create_task(run_to_end(run, wait))
    run.stop()
    assert await running == Released()


async def test_a_handler_that_ends_while_it_is_stopped_has_ended(queue: QuietQueue) -> None:
    run = make_run(queue)

    async def handle(job: RunningJob, params: Params) -> Completed:
        run.stop()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return Completed(result="just in time")
        raise AssertionError("it was not cancelled")

    assert await run_to_end(run, handle) == Completed(result="just in time")


async def test_a_handler_that_will_not_stop_is_left_behind(
    queue: QuietQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("supajobs.worker.runs.STOP_PATIENCE", 0.05)
    run, at_last = make_run(queue), asyncio.Event()

    async def handle(job: RunningJob, params: Params) -> Completed:
        run.stop()
        while not at_last.is_set():
            try:
                await at_last.wait()
            except asyncio.CancelledError:
                continue
        return Completed()

    assert await run_to_end(run, handle) == Released()
    at_last.set()


async def test_a_step_that_was_saved_is_not_done_again(queue: QuietQueue) -> None:
    queue.steps = {"outline": "old"}
    done: list[str] = []

    async def handle(job: RunningJob, params: Params) -> Completed:
        async def work(name: str) -> JsonValue:
            done.append(name)
            return "new"

        outline = await job.step("outline", lambda: work("outline"))
        weeks = await job.step("weeks", lambda: work("weeks"))
        return Completed(result=[outline, weeks])

    assert await run_to_end(make_run(queue), handle) == Completed(result=["old", "new"])
    assert done == ["weeks"]
    assert queue.steps == {"outline": "old", "weeks": "new"}


async def test_a_step_whose_output_is_outdated_is_done_again(queue: QuietQueue) -> None:
    queue.steps = {"count": "many"}

    async def work() -> JsonValue:
        return "7"

    async def handle(job: RunningJob, params: Params) -> Completed:
        return Completed(result=await job.step("count", work, lambda output: int(str(output))))

    assert await run_to_end(make_run(queue), handle) == Completed(result=7)
    assert queue.steps == {"count": "7"}


async def test_two_steps_of_one_name_are_a_bug(queue: QuietQueue) -> None:
    async def work() -> JsonValue:
        return None

    async def handle(job: RunningJob, params: Params) -> Completed:
        await job.step("same", work)
        with pytest.raises(ValueError, match="two steps named 'same'"):
            await job.step("same", work)
        return Completed()

    assert await run_to_end(make_run(queue), handle) == Completed()


@pytest.mark.parametrize("name", ["", "n" * 256])
async def test_a_step_whose_name_the_queue_would_refuse_does_no_work(
    queue: QuietQueue, name: str
) -> None:
    async def work() -> JsonValue:
        raise AssertionError

    async def handle(job: RunningJob, params: Params) -> Completed:
        with pytest.raises(ValueError, match="between 1 and 255 characters"):
            await job.step(name, work)
        return Completed()

    assert await run_to_end(make_run(queue), handle) == Completed()


async def test_an_unsaved_step_is_saved_with_the_next_and_its_own_cost(queue: QuietQueue) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        async def work() -> JsonValue:
            job.spend(Usage(cost_usd=0.5))
            queue.is_reachable = not queue.is_reachable
            return "x"

        await job.step("unsaved", work)
        await job.step("saved", work)
        return Completed()

    outcome = await run_to_end(make_run(queue), handle)
    assert queue.steps == {"saved": "x", "unsaved": "x"}
    assert queue.spent == [Usage(cost_usd=0.5)] * 2
    assert outcome == Completed(usage=Usage(cost_usd=1))


async def test_a_step_of_a_job_that_is_lost_is_the_last(queue: QuietQueue) -> None:
    queue.is_held = False

    async def work() -> JsonValue:
        raise AssertionError("it was done")

    async def handle(job: RunningJob, params: Params) -> Completed:
        await job.step("draft", work)
        return Completed()

    run = make_run(queue)
    assert await run_to_end(run, handle) == Released()
    assert run.lost


async def test_a_key_is_read_once(queue: QuietQueue) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        keys = await asyncio.gather(job.provider_key(), job.provider_key())
        assert keys == [SecretStr("sk-user")] * 2
        return Completed()

    assert await run_to_end(make_run(queue), handle) == Completed()
    assert queue.key_reads == 1


async def test_a_job_that_is_lost_has_no_key_and_is_not_run_on_ours(queue: QuietQueue) -> None:
    queue.is_held = False

    async def handle(job: RunningJob, params: Params) -> Completed:
        await job.provider_key()
        raise AssertionError("it went on")

    run = make_run(queue)
    assert await run_to_end(run, handle) == Released()
    assert run.lost


async def test_a_failure_carries_what_raised_it_without_secrets(queue: QuietQueue) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        key = await job.provider_key()
        assert key
        raise RuntimeError(f"refused {key.get_secret_value()} and sb_of_the_project")

    queue.key = SecretStr("words of the user's own")
    outcome = await run_to_end(make_run(queue), handle)
    assert isinstance(outcome, Failed)
    assert outcome.error == UNEXPECTED.error
    assert outcome.cause
    assert outcome.cause.exception == "RuntimeError"
    assert outcome.cause.message == "refused [secret] and [secret]"
    assert "in handle: " in outcome.cause.frames[-1]


class UnreadableError(Exception):
    def __str__(self) -> str:
        raise KeyboardInterrupt


@pytest.mark.parametrize(
    "error",
    [SystemExit(3), KeyboardInterrupt(), UnreadableError(), RateLimitedError("soon")],  # pyright: ignore[reportArgumentType] - as a header has it
    ids=lambda error: type(error).__name__,
)
async def test_what_would_end_the_process_ends_its_own_job_alone(
    queue: QuietQueue, error: BaseException
) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        raise error

    async def innocent(job: RunningJob, params: Params) -> Completed:
        await asyncio.sleep(0.01)
        return Completed(result="done")

    poisoned, other = await asyncio.gather(
        run_to_end(make_run(queue), handle), run_to_end(make_run(queue), innocent)
    )
    assert isinstance(poisoned, Failed)
    assert poisoned.error == UNEXPECTED.error
    assert other == Completed(result="done")


async def test_a_handler_that_took_too_long_tells_where_it_stood(queue: QuietQueue) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        await asyncio.Event().wait()
        return Completed()

    outcome = await run_to_end(make_run(queue, max_runtime_seconds=0), handle)
    assert isinstance(outcome, Failed)
    assert outcome == TIMED_OUT
    assert outcome.cause
    assert any("await asyncio.Event().wait()" in frame for frame in outcome.cause.frames)


async def test_params_that_are_invalid_say_which(queue: QuietQueue) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        raise AssertionError("it was called")

    outcome = await run_to_end(make_run(queue, params={"weeks": "private"}), handle)
    assert isinstance(outcome, Failed)
    assert outcome.cause
    assert outcome.cause.message.startswith("weeks: ")
    assert "private" not in outcome.cause.model_dump_json()


@pytest.mark.parametrize(("method", "kind"), [("report", "Progress"), ("spend", "Usage")])
async def test_what_a_handler_hands_in_of_another_kind_is_named(
    queue: QuietQueue, method: str, kind: str
) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        getattr(job, method)("half")
        return Completed()

    outcome = await run_to_end(make_run(queue), handle)
    assert isinstance(outcome, Failed)
    assert outcome.cause
    assert outcome.cause.exception == "TypeError"
    assert outcome.cause.message == f"job.{method} takes a {kind}, not str: {kind}(…)"


@pytest.mark.parametrize("spends", [True, False])
async def test_a_usage_that_is_none_is_refused_by_name(queue: QuietQueue, *, spends: bool) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        usage = Usage.model_construct(cost_usd=math.nan)
        if spends:
            job.spend(usage)
        return Completed(usage=usage)

    outcome = await run_to_end(make_run(queue), handle)
    assert isinstance(outcome, Failed)
    assert (outcome.error.code, outcome.retryable) == ("outcome_refused", False)
    assert isinstance(outcome.error.detail, dict)
    assert outcome.error.detail["where"] == "usage.cost_usd"
    assert outcome.usage is None


class Crashing(dict[str, Any]):
    def items(self) -> Any:
        raise KeyError("of the handler's own class")


NO = JobError(code="no", message="No.")
ODD: Any = {"input_tokens": 3}


@pytest.mark.parametrize("runs_in", ["loop", "thread"])
@pytest.mark.parametrize(
    ("outcome", "where", "why"),
    [
        (Completed(usage=ODD), "usage", "it takes a Usage, not dict: Usage(…)"),
        (Completed(then=ODD), "then", "it takes a list of requests: then=[…]"),
        (Failed(NO, usage=ODD), "usage", "it takes a Usage, not dict: Usage(…)"),
        (Released(usage=ODD), "usage", "it takes a Usage, not dict: Usage(…)"),
        (Failed("No."), "error", "it takes a JobError, not str: JobError(…)"),  # pyright: ignore[reportArgumentType]
        (Failed(NO, retryable="no"), "retryable", "it takes a bool, not str: bool(…)"),  # pyright: ignore[reportArgumentType]
        (Failed(NO, cause=ODD), "cause", "it takes a Cause, not dict: Cause(…)"),
        (
            Failed(JobError.model_construct(code=3, message="No.", detail=None)),
            "error.code",
            "Input should be a valid string",
        ),
    ],
)
async def test_an_outcome_of_odd_parts_fails_for_good_and_names_them(
    queue: QuietQueue, runs_in: str, outcome: Any, where: str, why: str
) -> None:
    async def handle(job: RunningJob, params: Params) -> Any:
        return outcome

    def handle_in_thread(job: SyncRunningJob, params: Params) -> Any:
        return outcome

    given: Any = handle if runs_in == "loop" else handle_in_thread
    failed = await run_to_end(make_run(queue), given)
    assert isinstance(failed, Failed)
    assert (failed.error.code, failed.retryable) == ("outcome_refused", False)
    assert failed.error.detail == {"where": where, "why": why}
    assert failed.cause
    assert failed.cause.message == f"{where}: {why}"
    assert failed.usage is None


async def test_an_outcome_that_crashes_whoever_reads_it_fails_for_good(queue: QuietQueue) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        job.spend(Usage(cost_usd=0.5))
        return Completed(result=Crashing())

    failed = await run_to_end(make_run(queue), handle)
    assert isinstance(failed, Failed)
    assert (failed.error, failed.retryable) == (UNEXPECTED.error, False)
    assert failed.cause
    assert failed.cause.exception == "KeyError"
    assert failed.usage == Usage(cost_usd=0.5)


async def test_a_validator_that_crashes_fails_the_job_and_says_where(queue: QuietQueue) -> None:
    class Careless(BaseModel):
        weeks: Annotated[int, AfterValidator({1: "one"}.__getitem__)]

    async def handle(job: RunningJob, params: Careless) -> Completed:
        raise AssertionError("it was called")

    failed = await make_run(queue, params={"weeks": 2}).handle(JobType("test", Careless, handle))
    assert isinstance(failed, Failed)
    assert failed.error == UNEXPECTED.error
    assert failed.cause
    assert (failed.cause.exception, failed.cause.message) == ("KeyError", "2")


async def test_a_run_that_crashes_beside_its_handler_fails_its_job(queue: QuietQueue) -> None:
    async def work() -> JsonValue:
        queue.is_reachable = False  # so the step is kept until the job waits
        return "x"

    async def handle(job: RunningJob, params: Params) -> Completed:
        job.spend(Usage(cost_usd=0.5))
        await job.step("one", work)
        queue.is_reachable, queue.refusal = True, SupabaseRefusedError("22P05", "the output")
        await job.sleep("nap", days=1)
        raise AssertionError("it did not wait")

    with structlog.testing.capture_logs() as logs:
        failed = await run_to_end(make_run(queue), handle)
    assert isinstance(failed, Failed)
    assert (failed.error.code, failed.retryable) == ("outcome_refused", False)
    assert failed.cause
    assert "22P05" in failed.cause.message
    assert failed.usage == Usage(cost_usd=0.5)
    assert "run_crashed" in [each["event"] for each in logs]


def test_a_cost_that_nobody_can_have_had_is_refused() -> None:
    with pytest.raises(ValidationError, match="less than or equal to 1000000000"):
        Usage(cost_usd=1e300)


def test_a_sum_is_no_more_than_what_can_be_stored() -> None:
    most = Usage(input_tokens=2**63 - 1, cost_usd=1e9)
    assert most + most == most


class Returner:
    async def __call__(self, _job: RunningJob, _params: Params) -> Any:
        return {"a": 1}


async def return_a_dict(job: RunningJob, params: Params) -> Any:
    return {"a": 1}


@pytest.mark.parametrize(
    ("handle", "name"),
    [
        (return_a_dict, "return_a_dict"),
        (partial(return_a_dict), "return_a_dict"),
        (Returner(), "__call__"),
    ],
)
async def test_a_handler_that_returns_no_outcome_is_told_what_to_return(
    queue: QuietQueue, handle: Any, name: str
) -> None:
    outcome = await run_to_end(make_run(queue), handle)
    assert isinstance(outcome, Failed)
    assert (outcome.error.code, outcome.retryable) == ("internal_error", False)
    assert outcome.cause
    assert outcome.cause.message == "the handler returned dict: return Completed(result=…)"
    [frame] = outcome.cause.frames
    assert re.fullmatch(rf"{re.escape(__file__)}:\d+ in {name}", frame)


async def test_a_step_whose_work_is_no_coroutine_function_is_told_so(queue: QuietQueue) -> None:
    async def handle(job: RunningJob, params: Params) -> Completed:
        work: Any = lambda: 1  # noqa: E731
        await job.step("one", work)
        raise AssertionError("it was taken")

    failed = await run_to_end(make_run(queue), handle)
    assert isinstance(failed, Failed)
    assert failed.cause
    told = "the work of step 'one' returned int: make it a coroutine function"
    assert failed.cause.message == told
