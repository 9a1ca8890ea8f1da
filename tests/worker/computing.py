"""Handlers for processes of their own, in a module that these import in no time."""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

from pydantic import BaseModel, JsonValue

from supajobs.job_types import SyncRunningJob, job_type
from supajobs.jobs import Progress
from supajobs.outcomes import Completed, Failed, JobError, PermanentError, Usage
from supajobs.waits import Snooze, WaitTimeoutError

MEGABYTE = 2**20


class Task(BaseModel):
    do: str = "tell"
    path: Path = Path("/nowhere")


@job_type(runs_in="process")
def compute(job: SyncRunningJob, task: Task) -> Completed:
    job.spend(Usage(cost_usd=0.5))
    return DOES[task.do](job, task)


def tell(job: SyncRunningJob, task: Task) -> Completed:
    outline = job.step("outline", lambda: "new")
    count = job.step("count", lambda: "7", read=lambda output: int(str(output)))
    job.report(Progress(phase="work", percentage=50, message="halfway"))
    job.log.info("it_computes", what=task, level=3)
    key = job.provider_key()
    assert key
    told: list[JsonValue] = [outline, count, key.get_secret_value(), job.attempt, job.cancelled]
    return Completed(result=told)


def say_where(job: SyncRunningJob, task: Task) -> Completed:
    return Completed(result=os.getpid())


def refuse(job: SyncRunningJob, task: Task) -> Completed:
    raise PermanentError("No.", code="nothing_to_do", detail={"why": "no"})


def crash(job: SyncRunningJob, task: Task) -> Completed:
    raise KeyError("what nobody should read")


def return_nothing(job: SyncRunningJob, task: Task) -> Any:
    return "nothing"


def return_what_cannot_be_stored(job: SyncRunningJob, task: Task) -> Completed:
    result: Any = {"weeks": [object()]}
    return Completed(result=result)


def return_what_is_cleaned(job: SyncRunningJob, task: Task) -> Completed:
    return Completed(result=["a\x00b", "c\x00d"])


def fail_with_what_is_cleaned(job: SyncRunningJob, task: Task) -> Any:
    return Failed(JobError(code="nothing_to_do", message="No.", detail={"why": "a\x00b"}))


def take_a_step_twice(job: SyncRunningJob, task: Task) -> Completed:
    job.step("one", lambda: 1)
    try:
        job.step("one", lambda: 1)
    except ValueError as error:
        return Completed(result=str(error))
    raise AssertionError("it was taken")


def keep_what_cannot_be_stored(job: SyncRunningJob, task: Task) -> Completed:
    lock: Any = threading.Lock()
    return Completed(result=job.step("lock", lambda: lock))


def ask_for_what_cannot_be_stored(job: SyncRunningJob, task: Task) -> Completed:
    request: Any = {"job_type": "digest", "params": {"lock": threading.Lock()}}
    return Completed(result=job.enqueue("next", request))


def ask_for_nothing(job: SyncRunningJob, task: Task) -> Completed:
    nothing: Any = None
    return Completed(result=job.enqueue("next", nothing))


def die(job: SyncRunningJob, task: Task) -> Completed:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("unreachable")


def leave(job: SyncRunningJob, task: Task) -> Completed:
    os._exit(0)


def exit_(job: SyncRunningJob, task: Task) -> Completed:
    sys.exit(3)


class Escape(BaseException):
    pass


def escape(job: SyncRunningJob, task: Task) -> Completed:
    raise Escape("past every except Exception")


def return_an_odd_usage(job: SyncRunningJob, task: Task) -> Any:
    usage: Any = {"input_tokens": 3}
    return Completed(usage=usage)


def take_all_memory(job: SyncRunningJob, task: Task) -> Completed:
    return Completed(result=len(bytearray(4096 * MEGABYTE)))


def compute_for_ever(job: SyncRunningJob, task: Task) -> Completed:
    other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    task.path.write_text(f"{os.getpid()} {other.pid}")
    while True:
        sum(range(10_000))


def wait(job: SyncRunningJob, task: Task) -> Completed:
    job.sleep("nap", days=1)
    try:
        job.wait_for("approval", timeout=timedelta(days=1))
    except WaitTimeoutError:
        raise Snooze(60) from None
    return Completed()


DOES: dict[str, Callable[[SyncRunningJob, Task], Completed]] = {
    each.__name__: each
    for each in (
        tell,
        say_where,
        refuse,
        crash,
        return_nothing,
        return_what_cannot_be_stored,
        return_what_is_cleaned,
        fail_with_what_is_cleaned,
        take_a_step_twice,
        die,
        leave,
        exit_,
        escape,
        return_an_odd_usage,
        keep_what_cannot_be_stored,
        ask_for_what_cannot_be_stored,
        ask_for_nothing,
        take_all_memory,
        compute_for_ever,
        wait,
    )
}
