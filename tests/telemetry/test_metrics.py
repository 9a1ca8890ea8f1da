"""What a processor counts. How it is scraped from the API is in api/test_metrics.py."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NoReturn
from uuid import UUID

import httpx
import pytest
from prometheus_client import generate_latest
from tests.parts import NoParams, Person, Sql, enqueue
from tests.scraping import Samples
from tests.serving import eventually

from supajobs.errors import SupabaseUnavailableError
from supajobs.job_types import JobType, RunningJob
from supajobs.models.provider_refusals import note_answer, note_refusal
from supajobs.outcomes import Completed, PermanentError
from supajobs.queue.answers import Beat
from supajobs.queue.job_queue import JobQueue
from supajobs.telemetry.metrics import Metrics, serving
from supajobs.worker.processor import Processor

MakeJobType = Callable[..., str]
ReadJob = Callable[[UUID], Mapping[str, Any]]


class Measured(Processor):
    """A processor whose metrics can be read."""

    def __init__(self, queue: JobQueue, job_type: JobType[Any]) -> None:
        self.metrics = Metrics()
        super().__init__(
            queue,
            {job_type.name: job_type},
            concurrency=4,
            grace_seconds=0.5,
            metrics=self.metrics,
        )

    def read(self) -> Samples:
        return Samples.parse(generate_latest(self.metrics.registry).decode())


async def wait_for_ever(job: RunningJob, params: NoParams) -> Completed:
    await asyncio.Event().wait()
    raise AssertionError("unreachable")


@pytest.mark.parametrize(
    ("error", "outcome", "crashes"),
    [
        (PermanentError("no"), "failed", 0),
        (httpx.ConnectError("down"), "retrying", 0),
        (KeyError("a bug"), "retrying", 1),
    ],
    ids=["refused", "unreachable", "crashed"],
)
async def test_runs_are_counted_by_how_they_end(
    queue: JobQueue,
    person: Person,
    make_job_type: MakeJobType,
    error: Exception,
    outcome: str,
    crashes: int,
) -> None:
    name = make_job_type()

    async def fail(job: RunningJob, params: NoParams) -> Completed:
        await asyncio.sleep(0.06)
        processor.stop()  # or a retry, which may be due at once, is a run more
        raise error

    await enqueue(queue, person, name)
    processor = Measured(queue, JobType(name, NoParams, fail))
    await processor.drain()
    samples = processor.read()
    labels = f'{{job_type="{name}",outcome="{outcome}"}}'
    assert samples[f"supajobs_jobs_settled_total{labels}"] == 1
    assert samples[f"supajobs_job_duration_seconds_count{labels}"] == 1
    assert 0.06 <= samples[f"supajobs_job_duration_seconds_sum{labels}"] < 5
    assert samples[f'supajobs_handler_crashes_total{{job_type="{name}"}}'] == crashes


async def test_released_jobs_are_counted_and_no_longer_run(
    queue: JobQueue, person: Person, make_job_type: MakeJobType
) -> None:
    name = make_job_type()
    for _ in range(2):
        await enqueue(queue, person, name)
    processor = Measured(queue, JobType(name, NoParams, wait_for_ever))
    draining = asyncio.create_task(processor.drain())
    await eventually(lambda: processor.read()["supajobs_jobs_running"] == 2)
    processor.stop()
    await draining
    samples = processor.read()
    assert samples["supajobs_jobs_running"] == 0
    settled = f'supajobs_jobs_settled_total{{job_type="{name}",outcome="released"}}'
    assert samples[settled] == 2


async def test_only_a_first_run_tells_how_long_its_job_waited(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    name = make_job_type(backoff_base_seconds=1)

    async def fail_once(job: RunningJob, params: NoParams) -> Completed:
        if not job.claimed.retry_count:
            raise TimeoutError  # which is tried again at once
        return Completed()

    job_id = await enqueue(queue, person, name)
    sql.execute(
        "update plan_generation_jobs set created_at = now() - interval '40 s' where id = %s",
        [job_id],
    )
    processor = Measured(queue, JobType(name, NoParams, fail_once))
    await processor.drain()
    await processor.drain()
    samples = processor.read()
    assert samples[f'supajobs_jobs_claimed_total{{job_type="{name}"}}'] == 2
    assert samples[f'supajobs_job_wait_seconds_count{{job_type="{name}"}}'] == 1
    assert 40 <= samples[f'supajobs_job_wait_seconds_sum{{job_type="{name}"}}'] < 60


async def test_a_lost_lease_is_counted(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql, read_job: ReadJob
) -> None:
    name = make_job_type(lease_seconds=1)
    job_id = await enqueue(queue, person, name)
    processor = Measured(queue, JobType(name, NoParams, wait_for_ever))
    draining = asyncio.create_task(processor.drain())
    await eventually(lambda: read_job(job_id)["status"] == "processing")
    sql.execute(  # somebody else's claim, as after a sweep
        "update plan_generation_jobs set claim_id = gen_random_uuid(), "
        "lease_expires_at = now() + interval '1 hour' where id = %s",
        [job_id],
    )
    await draining
    samples = processor.read()
    assert samples[f'supajobs_jobs_lost_total{{job_type="{name}"}}'] == 1
    assert not any(samples[key] for key in samples if "settled_total" in key)


async def test_heartbeats_without_an_answer_are_counted(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(beats: Sequence[Beat]) -> NoReturn:
        raise SupabaseUnavailableError

    monkeypatch.setattr(queue, "heartbeat", fail)
    name = make_job_type(lease_seconds=1)
    await enqueue(queue, person, name)
    processor = Measured(queue, JobType(name, NoParams, wait_for_ever))
    assert processor.read()["supajobs_heartbeat_failures_total"] == 0
    draining = asyncio.create_task(processor.drain())
    await eventually(lambda: processor.read()["supajobs_heartbeat_failures_total"] >= 2)
    processor.stop()
    await draining


async def test_what_has_not_happened_yet_is_zero(
    queue: JobQueue, make_job_type: MakeJobType
) -> None:
    name = make_job_type()
    samples = Measured(queue, JobType(name, NoParams, wait_for_ever)).read()
    for counter in ("jobs_claimed_total", "jobs_lost_total", "handler_crashes_total"):
        assert samples.pop(f'supajobs_{counter}{{job_type="{name}"}}') == 0
    for outcome in ("completed", "retrying", "failed", "released", "cancelled", "stale"):
        settled = f'supajobs_jobs_settled_total{{job_type="{name}",outcome="{outcome}"}}'
        assert samples.pop(settled) == 0


async def test_two_processors_in_one_process_count_apart(
    queue: JobQueue, person: Person, make_job_type: MakeJobType
) -> None:
    name = make_job_type()

    async def succeed(job: RunningJob, params: NoParams) -> Completed:
        return Completed()

    one, other = (Measured(queue, JobType(name, NoParams, succeed)) for _ in range(2))
    await enqueue(queue, person, name)
    await one.drain()
    claimed = f'supajobs_jobs_claimed_total{{job_type="{name}"}}'
    assert (one.read()[claimed], other.read()[claimed]) == (1, 0)


def test_refused_keys_show_until_the_provider_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supajobs.models.provider_refusals._refusals", {})
    metrics = Metrics()

    def read() -> Samples:
        told = Samples.parse(generate_latest(metrics.registry).decode())
        return Samples(float, {k: v for k, v in told.items() if "provider_refused" in k})

    refused = 'supajobs_provider_refused{code="provider_key_refused",provider="deepseek"}'
    note_refusal("deepseek", "provider_key_refused")
    assert read() == {refused: 1}
    note_refusal("deepseek", "provider_quota_exceeded")
    assert read() == {refused.replace("key_refused", "quota_exceeded"): 1}
    note_answer("deepseek")
    assert read() == {}


async def test_a_port_of_its_own_serves_them_while_it_is_open() -> None:
    metrics = Metrics()
    metrics.claimed("a").inc()
    with serving(metrics, "127.0.0.1", 0) as port:
        url = f"http://127.0.0.1:{port}/metrics"
        async with httpx.AsyncClient() as client:
            samples = Samples.parse((await client.get(url)).text)
    assert samples['supajobs_jobs_claimed_total{job_type="a"}'] == 1
    async with httpx.AsyncClient() as client:
        with pytest.raises(httpx.ConnectError):
            await client.get(url)
