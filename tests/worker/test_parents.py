"""What a handler is given of the jobs that its own came after."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from tests.api.worker import Anything
from tests.parts import Person, settle

from supajobs.job_types import JobType, RunningJob, SyncRunningJob, job_type
from supajobs.jobs import JobStatus
from supajobs.outcomes import Completed, Outcome
from supajobs.queue.answers import Enqueued
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.requests import Entry, JobOptions
from supajobs.testing import run_inline
from supajobs.worker.runs import Run


@job_type
async def bind(job: RunningJob, _params: Anything) -> Completed:
    """Reads what came before."""
    return Completed(result={ref: parent.result for ref, parent in (await job.parents()).items()})


@job_type
def bind_in_a_thread(job: SyncRunningJob, _params: Anything) -> Completed:
    """The same."""
    return Completed(result={ref: parent.result for ref, parent in job.parents().items()})


@job_type(runs_in="process")
def bind_in_a_process(job: SyncRunningJob, _params: Anything) -> Completed:
    """The same."""
    return Completed(result={ref: parent.result for ref, parent in job.parents().items()})


@pytest.mark.parametrize("binding", [bind, bind_in_a_thread, bind_in_a_process])
async def test_a_handler_reads_the_results_by_their_names(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    binding: JobType[Anything],
) -> None:
    name = make_job_type()
    parent = await queue.enqueue(user_id=person.id, job_type=name, params={})
    await queue.enqueue(user_id=person.id, job_type=name, params={}, after={"text": parent.job.id})
    for result in ({"words": 2}, {"text": {"words": 2}}):
        [claimed] = await queue.claim(
            claim_id=uuid4(), worker_id="test", max_jobs=9, job_types=[name]
        )
        outcome: Outcome = Completed(result=result)
        if claimed.id != parent.job.id:
            outcome = await Run(claimed, queue, lambda: None).handle(binding)
        assert isinstance(outcome, Completed)
        assert outcome.result == result
        await settle(queue, claimed, outcome)


async def test_a_test_gives_the_results() -> None:
    run = await run_inline(bind, Anything(), parents={"text": [1, 2]})
    assert run.result == {"text": [1, 2]}


async def test_a_job_without_parents_has_none(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    name = make_job_type()
    await queue.enqueue(user_id=person.id, job_type=name, params={})
    [claimed] = await queue.claim(claim_id=uuid4(), worker_id="test", max_jobs=1, job_types=[name])
    assert await queue.flows.get_parents(claimed) == {}
    await queue.cancel(claimed.id, person.id)
    await settle(queue, claimed, Completed())
    assert await queue.flows.get_parents(claimed) is None
    found = await queue.get(claimed.id, person.id)
    assert found.job
    assert found.job.status == JobStatus.CANCELLED


async def test_a_parent_is_found_by_each_of_its_names(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    """Those of one request, too, whose two parents turned out to be one job."""
    name, single = make_job_type(), make_job_type(dedupe_by="user")
    answers = await queue.enqueue_many(
        [
            Entry(user_id=person.id, job_type=asked, params={}, options=options, ref=ref)
            for asked, ref, options in [
                (single, "draft", JobOptions()),
                (single, "text", JobOptions()),
                (name, "sound", JobOptions(after=["draft", "text"])),
            ]
        ]
    )
    draft, text, _ = [answer.job for answer in answers if isinstance(answer, Enqueued)]
    assert draft == text
    for due, result in [(single, "Once"), (name, {"draft": "Once", "text": "Once"})]:
        [claimed] = await queue.claim(
            claim_id=uuid4(), worker_id="test", max_jobs=9, job_types=[single, name]
        )
        assert claimed.job_type == due
        outcome: Outcome = Completed(result=result)
        if due == name:
            outcome = await Run(claimed, queue, lambda: None).handle(bind)
        assert isinstance(outcome, Completed)
        assert outcome.result == result
        await settle(queue, claimed, outcome)
