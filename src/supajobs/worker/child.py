"""The process of one job: it calls the handler, which asks its run for all through a pipe."""

import contextlib
import os
import pickle
import signal
import sys
import threading
from collections.abc import Generator
from dataclasses import replace
from functools import partial, reduce
from importlib import import_module
from multiprocessing import parent_process
from multiprocessing.connection import Connection
from typing import Any, NamedTuple, cast

import structlog

from supajobs.causes import describe, print_error
from supajobs.job_types import JobType
from supajobs.jobs import ClaimedJob
from supajobs.outcomes import Outcome
from supajobs.params import load
from supajobs.waits import Suspension
from supajobs.worker.handler_answers import make_raisable, refuse_unstorable, require_outcome
from supajobs.worker.threads import Ask, make_sync_job
from supajobs.worker.verdicts import judge

PLAIN = (str, int, float, bool, type(None))


class Errand(NamedTuple):
    """What a process is started for: whose handler it is, and with what."""

    module: str
    qualname: str
    params: bytes
    """The pickled class: it is imported when the process already ends with its parent."""
    job: ClaimedJob
    max_bytes: int | None


class Question(NamedTuple):
    """A method of the run, to be called."""

    name: str
    arguments: tuple[object, ...]


class Answer(NamedTuple):
    """What it returned, or what it raised: an exception's class, its arguments and attributes.

    Not the exception, for pickle would make it anew from its message alone.
    """

    value: Any
    raised: tuple[type[BaseException], tuple[Any, ...], dict[str, Any]] | None = None


class Ended(NamedTuple):
    """How the handler ended, and with what traceback, where it raised something."""

    outcome: Outcome
    traceback: str | None = None


def run(errand: Errand, pipe: Connection) -> None:
    """Calls the handler, and says how it ended."""
    _stand_alone()
    ask = _ask_through(pipe)
    _send_log(ask)

    list_secrets = partial(ask, "list_secrets")

    def finish(outcome: Outcome) -> Outcome:
        return refuse_unstorable(outcome, partial(ask, "note_cleaned"), list_secrets)

    try:
        with _bounded_memory(errand.max_bytes):
            ended = Ended(finish(_handle(errand, ask)))
    except Suspension as suspension:
        ended = Ended(suspension.outcome)
    except BaseException as error:  # noqa: BLE001 - it is classified; sys.exit() ends the job alone
        error = make_raisable(error)
        secrets = list_secrets()
        outcome = finish(replace(judge(error, secrets), cause=describe(error, secrets)))
        ended = Ended(outcome, print_error(error, secrets))
    with contextlib.suppress(BrokenPipeError):  # nobody waits for it any more
        pipe.send(ended)


def _stand_alone() -> None:
    """Whose end it is, its parent decides, which gives it grace; and it ends with its parent."""
    if sys.platform != "win32":
        os.setsid()  # so that what it starts can be ended with it
    for number in (signal.SIGINT, signal.SIGTERM):
        # No SIG_IGN, which programs that it starts would inherit.
        signal.signal(number, _ignore)
    parent = parent_process()
    if parent is None:
        return  # it is none of ours
    if sys.platform == "linux":
        _have_the_kernel_end_it_with(parent.sentinel)
    # It may have ended before that; and it is all there is elsewhere.
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


if sys.platform == "linux":

    def _have_the_kernel_end_it_with(parent: int) -> None:
        """Has it killed with what it has started, though it computes and lets no thread run.

        The other end of the pipe is its parent's, and closes with that however it ends. To be
        killed with its parent in the system's sense (PR_SET_PDEATHSIG) would be no use: that is the
        server which forks it, and lives while the process does.
        """
        import fcntl  # noqa: PLC0415 - which Windows has not

        fcntl.fcntl(parent, fcntl.F_SETOWN, -os.getpgrp())
        fcntl.fcntl(parent, fcntl.F_SETSIG, signal.SIGKILL)
        flags = fcntl.fcntl(parent, fcntl.F_GETFL)
        fcntl.fcntl(parent, fcntl.F_SETFL, flags | os.O_ASYNC)


def _end_with(parent: Any) -> None:
    parent.join()
    if sys.platform != "win32":
        os.killpg(0, signal.SIGKILL)
    os._exit(1)


def _ignore(_number: int, _frame: object) -> None:
    pass


@contextlib.contextmanager
def _bounded_memory(max_bytes: int | None) -> Generator[None]:
    """Has allocations beyond it raise a MemoryError. macOS does not do so, and Windows cannot."""
    if sys.platform == "win32" or max_bytes is None:
        yield
        return
    import resource  # noqa: PLC0415 - which Windows has not

    before, most = resource.getrlimit(resource.RLIMIT_DATA)
    resource.setrlimit(resource.RLIMIT_DATA, (max_bytes, most))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_DATA, (before, most))  # there is still to be told of it


def _handle(errand: Errand, ask: Ask) -> Outcome:
    found: Any = reduce(getattr, errand.qualname.split("."), import_module(errand.module))
    handle = cast("JobType[Any]", found).handle if isinstance(found, JobType) else found
    params = pickle.loads(errand.params)  # noqa: S301 - of our own
    ask("begin")
    job = make_sync_job(errand.job, ask, is_stopped=lambda: False)
    return require_outcome(handle(job, load(params, errand.job.params)), handle)


def _ask_through(pipe: Connection) -> Ask:
    one_at_a_time = threading.Lock()  # a handler may have threads

    def ask(name: str, *arguments: object) -> Any:
        with one_at_a_time:
            pipe.send(Question(name, arguments))
            answer: Answer = pipe.recv()
        if answer.raised:
            kind, given, attributes = answer.raised
            error = kind.__new__(kind, *given)
            vars(error).update(attributes)
            raise error
        return answer.value

    return ask


def _send_log(ask: Ask) -> None:
    """Has the process write its log through that of its parent."""

    def send(_logger: object, level: str, event: structlog.typing.EventDict) -> str:
        told = {
            key: value if isinstance(value, PLAIN) else repr(value) for key, value in event.items()
        }
        ask("log", level, told)
        raise structlog.DropEvent

    structlog.configure(
        processors=[structlog.processors.format_exc_info, send], cache_logger_on_first_use=True
    )
