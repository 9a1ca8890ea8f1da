"""Processors that say that they live, so that people and `check_plan_queue` see who starts jobs."""

from collections.abc import Collection

from supajobs.queue import answers
from supajobs.queue.calls import Call

NOTE_PATIENCE = 5.0  # s; a processor that is not noted works all the same
FORGET_PATIENCE = 1.0  # s; a stop does not wait for it


class ProcessorNotes:
    """The rows of processors, each of which writes its own."""

    def __init__(self, call: Call) -> None:
        self._call = call

    async def note(  # noqa: PLR0913 - the columns of its row
        self,
        worker_id: str,
        *,
        version: str,
        concurrency: int,
        running: int,
        job_types: Collection[str],
        listens: bool,
    ) -> answers.Noted:
        """Says that a processor lives, runs so many jobs, and has code for these types.

        `listens`: it can be called by a broadcast.
        """
        return await self._call(
            "note_plan_processor",
            answers.NOTED,
            patience=NOTE_PATIENCE,
            p_worker_id=worker_id,
            p_version=version,
            p_concurrency=concurrency,
            p_running=running,
            p_job_types=sorted(job_types),
            p_listens=listens,
        )

    async def forget(self, worker_id: str) -> None:
        """Says that a processor has stopped."""
        await self._call(
            "forget_plan_processor", answers.NOTED, patience=FORGET_PATIENCE, p_worker_id=worker_id
        )
