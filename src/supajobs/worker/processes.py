"""Handlers that compute: each in a process of its own, which is killed when its time is over.

They come from a server that forks them with supajobs and the handlers' modules imported, and that
has no threads: to fork this process, which has some, would be unsafe, and to start Python anew, and
import all that an app does, takes seconds.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Iterable
from functools import partial
from multiprocessing.reduction import ForkingPickler
from typing import Any

from supajobs.job_types import JobType
from supajobs.loggers import get_logger
from supajobs.outcomes import Outcome
from supajobs.worker import child
from supajobs.worker.child import Answer, Ended, Errand, Question
from supajobs.worker.threads import Ask, AskedRun, Bridge, run_in_thread
from supajobs.worker.verdicts import ProcessDiedError

logger = get_logger(__name__)

if sys.platform == "win32":
    _processes = multiprocessing.get_context("spawn")
else:
    _processes = multiprocessing.get_context("forkserver")
END_SECONDS = 5.0  # that a process has which has said how its handler ended


def preload(job_types: Iterable[JobType[Any]]) -> None:
    """Has the processes of these types start with their handlers' modules imported.

    The server starts with the first job. What it has not imported then, they import themselves.
    """
    modules = {each.handle.__module__ for each in job_types if each.runs_in == "process"}
    if modules and sys.platform != "win32":
        _processes.set_forkserver_preload(["__main__", child.__name__, *sorted(modules)])


async def handle_in_process(
    run: AskedRun, job_type: JobType[Any], max_bytes: int | None
) -> Outcome:
    """Runs the handler in a process; a cancellation kills it."""
    handle, bridge = job_type.handle, Bridge(run)
    params = ForkingPickler.dumps(job_type.params).tobytes()
    errand = Errand(handle.__module__, handle.__qualname__, params, run.job, max_bytes)
    process = JobProcess(errand)

    def stop() -> None:
        process.kill()
        bridge.stop()

    return await run_in_thread(partial(process.run, bridge.ask), stop=stop)


class JobProcess:
    """The process of one job."""

    def __init__(self, errand: Errand) -> None:
        self._pipe, self._its_pipe = _processes.Pipe()
        self._process = _processes.Process(
            target=child.run, args=(errand, self._its_pipe), name="supajobs-handler"
        )
        self._is_killed = False

    def run(self, ask: Ask) -> Outcome:
        """How the handler ended. Until then, what it asks is asked by `ask`.

        Raises:
            asyncio.CancelledError: it was killed by us.
            ProcessDiedError: it died, or was killed by somebody else.
        """
        if self._is_killed:
            raise asyncio.CancelledError
        self._start()
        if self._is_killed:  # while it started
            self.kill()
        self._its_pipe.close()
        try:
            with self._pipe:
                ended = self._answer_until_it_ends(ask)
            self._process.join(END_SECONDS)
        finally:
            self.kill()  # and what it has started
            self._process.join()
        if ended is None:
            raise ProcessDiedError(self._process.exitcode)
        if ended.traceback:
            logger.warning("handler_failed", exception=ended.traceback)
        return ended.outcome

    def _start(self) -> None:
        try:
            self._process.start()
        except (EOFError, OSError):
            if sys.platform == "win32":
                raise
            # The server has died: of a module, say, that wants to be set up before it is imported.
            logger.warning("handler_modules_not_preloaded", exc_info=True)
            _processes.set_forkserver_preload([child.__name__])
            self._process.start()

    def _answer_until_it_ends(self, ask: Ask) -> Ended | None:
        while True:
            try:
                message: Ended | Question = self._pipe.recv()
                if isinstance(message, Ended):
                    return message
                self._pipe.send(_answer(ask, message))
            except (EOFError, OSError):
                if self._is_killed:
                    raise asyncio.CancelledError from None
                return None

    def kill(self) -> None:
        """Kills it, and what it has started; if it is just starting, when that is done.

        The event loop calls this, and does not wait for the seconds that a start may take.
        """
        self._is_killed = True
        if (pid := self._process.pid) is None:
            return
        if sys.platform != "win32":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)
        self._process.kill()


def _answer(ask: Ask, question: Question) -> Answer:
    """What is asked.

    Raises:
        asyncio.CancelledError: nobody waits for the process any more.
    """
    try:
        return Answer(ask(question.name, *question.arguments))
    except asyncio.CancelledError:
        raise
    except BaseException as error:  # noqa: BLE001 - it is raised where it was asked
        return Answer(None, (type(error), error.args, vars(error)))
