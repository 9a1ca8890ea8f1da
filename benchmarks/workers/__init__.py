"""The queues' own workers, each a process: it says "started" and, all jobs handled, "handled"."""

from pydantic import BaseModel


class NoParams(BaseModel):
    """Of the jobs of supajobs, which do nothing or only take their time."""


class Countdown:
    """Begins as the worker does; a handler counts its job."""

    def __init__(self, jobs: int) -> None:
        self._left = jobs
        print("started", flush=True)

    def count(self) -> None:
        self._left -= 1
        if self._left == 0:
            print("handled", flush=True)
