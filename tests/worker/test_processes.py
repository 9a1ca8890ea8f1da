"""Handlers that compute, in processes of their own: whatever becomes of one is its job's alone."""

import asyncio
import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
import pytest
import structlog
from tests.parts import PROJECT, Person, enqueue, make_processor
from tests.serving import eventually
from tests.worker.claims import QuietQueue, make_job
from tests.worker.computing import MEGABYTE, Task, compute

from supajobs.job_types import JobType, RunningJob, SyncRunningJob, job_type
from supajobs.jobs import Progress
from supajobs.outcomes import Completed, Failed, Outcome, Released, Usage
from supajobs.queue.job_queue import JobQueue
from supajobs.worker.runs import Run
from supajobs.worker.verdicts import OUT_OF_MEMORY, PROCESS_DIED, TIMED_OUT, UNEXPECTED


@pytest.fixture
def quiet() -> QuietQueue:
    return QuietQueue()


def make_run(quiet: QuietQueue, do: str, max_process_bytes: int | None = None, **job: Any) -> Run:
    path = job.pop("path", "/nowhere")
    claimed = make_job(params={"do": do, "path": str(path)}, **job)
    return Run(claimed, quiet, lambda: None, max_process_bytes=max_process_bytes)


async def run(quiet: QuietQueue, do: str, **job: Any) -> Outcome:
    return await make_run(quiet, do, **job).handle(compute)


async def test_it_has_all_that_a_handler_in_a_thread_has(quiet: QuietQueue) -> None:
    quiet.steps = {"outline": "old", "count": "many"}
    one = make_run(quiet, "tell")
    with structlog.testing.capture_logs() as logs:
        outcome = await one.handle(compute)
    assert outcome == Completed(result=["old", 7, "sk-user", 1, False], usage=Usage(cost_usd=0.5))
    assert one.progress == Progress(phase="work", percentage=50, message="halfway")
    assert quiet.steps == {"outline": "old", "count": "7"}
    assert quiet.spent == [Usage(cost_usd=0.5)]
    lines = {each["event"]: each for each in logs}
    assert lines["it_computes"]["job_id"] == str(one.job.id)
    assert lines["it_computes"]["what"] == repr(Task.model_validate(one.job.params))
    assert "step_outdated" in lines


async def test_each_has_a_process_of_its_own(quiet: QuietQueue) -> None:
    outcomes = await asyncio.gather(*(run(quiet, "say_where") for _ in range(2)))
    pids = {str(outcome.result) for outcome in outcomes if isinstance(outcome, Completed)}
    assert len(pids) == 2
    assert str(os.getpid()) not in pids
    assert not any(psutil.pid_exists(int(pid)) for pid in pids)


@pytest.mark.parametrize(
    ("do", "code", "retryable"),
    [
        ("refuse", "nothing_to_do", False),
        ("crash", "internal_error", True),
        ("return_nothing", "internal_error", False),
        ("return_what_cannot_be_stored", "outcome_refused", False),
        ("return_an_odd_usage", "outcome_refused", False),
        ("keep_what_cannot_be_stored", "outcome_refused", False),
        ("ask_for_what_cannot_be_stored", "outcome_refused", False),
        ("ask_for_nothing", "outcome_refused", False),
        ("exit_", "internal_error", True),
        ("escape", "internal_error", True),
        ("die", "process_died", True),
        ("leave", "process_died", True),
    ],
)
async def test_how_it_ends_badly_is_its_jobs_own(
    quiet: QuietQueue, do: str, code: str, *, retryable: bool
) -> None:
    bad = await run(quiet, do)
    assert isinstance(bad, Failed)
    assert (bad.error.code, bad.retryable) == (code, retryable)
    assert bad.usage == Usage(cost_usd=0.5)


@pytest.mark.parametrize(
    ("do", "where"),
    [("return_what_is_cleaned", "result.0"), ("fail_with_what_is_cleaned", "error.detail.why")],
)
async def test_the_log_says_once_that_text_was_cleaned(
    quiet: QuietQueue, do: str, where: str
) -> None:
    with structlog.testing.capture_logs() as logs:
        outcome = await run(quiet, do)
    [cleaned] = [each for each in logs if each["event"] == "text_cleaned"]
    assert cleaned["where"] == where
    assert "a\ufffdb" in repr(outcome)
    assert "\x00" not in repr(outcome)


async def test_the_log_says_what_of_an_outcome_was_refused(quiet: QuietQueue) -> None:
    with structlog.testing.capture_logs() as logs:
        await run(quiet, "return_what_cannot_be_stored")
    [refused] = [each for each in logs if each["event"] == "outcome_refused"]
    assert refused["where"] == "result.weeks.0"


async def test_what_raised_an_error_is_told_without_secrets(
    quiet: QuietQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QuietQueue, "secrets", {"what nobody should read"})
    one = make_run(quiet, "crash")
    with structlog.testing.capture_logs() as logs:
        outcome = await one.handle(compute)
    assert isinstance(outcome, Failed)
    assert outcome.error == UNEXPECTED.error
    assert outcome.cause
    assert outcome.cause.exception == "KeyError"
    assert "in crash: " in outcome.cause.frames[-1]
    assert outcome.cause.message == "'[secret]'"
    [failed] = [each for each in logs if each["event"] == "handler_failed"]
    assert "in crash\n" in failed["exception"]


@pytest.mark.parametrize(
    ("do", "kind", "frame"),
    [("exit_", "RuntimeError", "in exit_: sys.exit(3)"), ("escape", "Escape", "in escape: raise ")],
)
async def test_what_is_meant_to_end_a_process_says_where_it_was_raised(
    quiet: QuietQueue, capfd: pytest.CaptureFixture[str], do: str, kind: str, frame: str
) -> None:
    outcome = await run(quiet, do)
    assert isinstance(outcome, Failed)
    assert outcome.cause
    assert outcome.cause.exception.endswith(kind)
    innermost = outcome.cause.cause or outcome.cause
    assert frame in innermost.frames[-1]
    assert "Traceback" not in capfd.readouterr().err


async def test_a_killed_process_says_how_it_ended(quiet: QuietQueue) -> None:
    outcome = await run(quiet, "die")
    assert isinstance(outcome, Failed)
    assert outcome.error == PROCESS_DIED.error
    assert outcome.cause
    assert outcome.cause.message == "exit code -9"


async def test_an_error_of_its_run_is_raised_where_it_was_asked(quiet: QuietQueue) -> None:
    outcome = await run(quiet, "take_a_step_twice")
    assert isinstance(outcome, Completed)
    assert outcome.result == "the job has two steps named 'one'"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems do not bound it")
async def test_its_memory_is_bounded(quiet: QuietQueue) -> None:
    outcome = await run(quiet, "take_all_memory", max_process_bytes=512 * MEGABYTE)
    assert isinstance(outcome, Failed)
    assert outcome.error == OUT_OF_MEMORY.error


async def test_it_is_killed_at_its_deadline(quiet: QuietQueue, tmp_path: Path) -> None:
    one = make_run(quiet, "compute_for_ever", path=tmp_path / "pids", max_runtime_seconds=1)
    outcome = await one.handle(compute)
    assert isinstance(outcome, Failed)
    assert outcome.error == TIMED_OUT.error
    assert one.left_behind is None
    pids = read_pids(tmp_path / "pids")
    await eventually(lambda: not any(map(is_alive, pids)))


async def test_it_is_killed_with_what_it_has_started_when_its_job_is_cancelled(
    quiet: QuietQueue, tmp_path: Path
) -> None:
    one = make_run(quiet, "compute_for_ever", path=tmp_path / "pids")
    running = asyncio.create_task(one.handle(compute))
    pids = await eventually(lambda: read_pids(tmp_path / "pids"))
    one.stop()
    assert await running == Released(usage=Usage(cost_usd=0.5))
    await eventually(lambda: not any(map(is_alive, pids)))


async def test_a_job_that_is_cancelled_before_its_process_starts_starts_none(
    quiet: QuietQueue,
) -> None:
    one = make_run(quiet, "say_where")
    running = asyncio.create_task(one.handle(compute))
    await asyncio.sleep(0)
    one.stop()
    assert isinstance(await running, Released)


def read_pids(path: Path) -> list[int]:
    return [int(pid) for pid in path.read_text().split()] if path.exists() else []


def is_alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_what_cannot_run_in_a_process_is_refused_with_the_reason() -> None:
    def inner(job: SyncRunningJob, task: Task) -> Completed:
        raise NotImplementedError

    async def waits(job: RunningJob, task: Task) -> Completed:
        raise NotImplementedError

    with pytest.raises(TypeError, match="inner is to be found by its name in its module"):
        job_type(runs_in="process")(inner)
    decorate: Any = job_type(runs_in="process")
    with pytest.raises(TypeError, match="waits is a coroutine function, and does not run in a pro"):
        decorate(waits)


SLOW_TO_IMPORT = """
import os, time
from pydantic import BaseModel
from supajobs import Completed, SyncRunningJob, job_type

class Nothing(BaseModel):
    pass

@job_type(runs_in="process")
def handle(job: SyncRunningJob, params: Nothing) -> Completed:
    return Completed(result="it began")

if os.getpid() != {pid}:
    time.sleep({seconds})
"""


def write_slow_module(folder: Path, monkeypatch: pytest.MonkeyPatch, seconds: int) -> JobType[Any]:
    name = f"slow_{seconds}"
    (folder / f"{name}.py").write_text(SLOW_TO_IMPORT.format(pid=os.getpid(), seconds=seconds))
    monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
    return import_module(name).handle


async def test_its_time_begins_with_its_handler(
    quiet: QuietQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = write_slow_module(tmp_path, monkeypatch, 4)
    one = Run(make_job(params={}, max_runtime_seconds=3), quiet, lambda: None)
    assert await one.handle(slow) == Completed(result="it began")


async def test_a_job_whose_handler_never_began_goes_back_unburned(
    quiet: QuietQueue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = write_slow_module(tmp_path, monkeypatch, 600)
    job = make_job(params={}, max_runtime_seconds=1, lease_seconds=6)
    with structlog.testing.capture_logs() as logs:
        assert await Run(job, quiet, lambda: None).handle(slow) == Released()
    assert [each["event"] for each in logs] == ["handler_never_began"]


PROGRAM = """
import asyncio, sys
sys.path.append({project!r})
sys.is_set_up = True
import own_jobs
from tests.worker.claims import QuietQueue, make_job
from supajobs.worker.processes import preload
from supajobs.worker.runs import Run

async def main():
    preload([own_jobs.handle])
    for _ in range(3):
        print(await Run(make_job(params={{}}), QuietQueue(), lambda: None).handle(own_jobs.handle))

if __name__ == "__main__":
    asyncio.run(main())
"""
SAYS_WHO_IMPORTS_IT = """
import os, pathlib
with pathlib.Path(__file__).with_name("imports").open("a") as imports:
    print(os.getpid(), file=imports)
"""
WANTS_TO_BE_SET_UP = """
import multiprocessing, sys
if not multiprocessing.parent_process() and not hasattr(sys, "is_set_up"):
    raise RuntimeError("set me up")
"""


async def run_three(folder: Path, module: str) -> list[str]:
    """What becomes of three jobs in a program whose handler's module begins so."""
    (folder / "own_jobs.py").write_text(module + SLOW_TO_IMPORT.format(pid=0, seconds=0))
    (folder / "program.py").write_text(PROGRAM.format(project=str(PROJECT)))
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, "program.py"),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await program.communicate()
    return [line for line in out.decode().splitlines() if line.startswith("Completed(")]


@pytest.mark.skipif(sys.platform == "win32", reason="there each is started anew")
async def test_its_module_is_imported_once_for_all_processes(tmp_path: Path) -> None:
    assert len(await run_three(tmp_path, SAYS_WHO_IMPORTS_IT)) == 3
    imported_by = (tmp_path / "imports").read_text().split()
    assert len(imported_by) == 2, "the program, and the server that forks"


@pytest.mark.skipif(sys.platform == "win32", reason="there each is started anew")
async def test_a_module_that_cannot_be_imported_beforehand_runs_all_the_same(
    tmp_path: Path,
) -> None:
    assert len(await run_three(tmp_path, WANTS_TO_BE_SET_UP)) == 3


async def test_a_worker_runs_it_as_any_other(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[..., Any],
) -> None:
    name = make_job_type(max_retries=0)  # one may be due before the others have ended
    own = JobType(name, Task, compute.handle, runs_in="process")
    jobs = [await enqueue(queue, person, name, do=do) for do in ("say_where", "die", "say_where")]
    assert await make_processor(queue, own).drain() == {"completed": 2, "failed": 1}
    assert [read_job(job)["status"] for job in jobs] == ["completed", "failed", "completed"]
    assert read_job(jobs[1])["error"]["code"] == "process_died"
