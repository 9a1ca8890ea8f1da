"""A user's key, which looks like no key, is in no line of the log and in no span."""

import asyncio
import io
import logging
from collections.abc import Callable, Generator
from typing import Any

import pytest
import structlog
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from pydantic import SecretStr
from tests.parts import NoParams, Person, enqueue, make_processor
from tests.serving import eventually
from tests.worker.claims import QuietQueue, make_job
from tests.worker.leaking import KEY, SLIPS, slip, slip_in_process, slip_in_thread

from supajobs.job_types import JobType, RunningJob
from supajobs.outcomes import Completed
from supajobs.queue.job_queue import JobQueue
from supajobs.worker.processor import Processor
from supajobs.worker.runs import Run

ReadLog = Callable[[], str]


@pytest.fixture(params=["own programs", "library"])
def read_log(request: pytest.FixtureRequest) -> Generator[ReadLog]:
    """All that is logged, with tracebacks, and with nothing hidden but what our calls hide."""
    written = io.StringIO()
    if request.param == "own programs":
        structlog.configure(
            processors=[structlog.processors.format_exc_info, structlog.processors.JSONRenderer()],
            logger_factory=structlog.PrintLoggerFactory(written),
            cache_logger_on_first_use=False,
        )
        yield written.getvalue
        return
    structlog.reset_defaults()
    handler, logger = logging.StreamHandler(written), logging.getLogger("supajobs")
    logger.addHandler(handler)
    yield written.getvalue
    logger.removeHandler(handler)


@pytest.mark.parametrize("kind", sorted(SLIPS))
@pytest.mark.parametrize("handler", [slip, slip_in_thread, slip_in_process], ids=lambda it: it.name)
async def test_what_a_handler_says_with_the_key_is_told_without_it(
    read_log: ReadLog, kind: str, handler: JobType[Any]
) -> None:
    queue = QuietQueue()
    queue.key = SecretStr(KEY)
    outcome = await Run(make_job(params={"kind": kind}), queue, lambda: None).handle(handler)
    log = read_log()
    assert log, "nobody was told"
    assert "[secret]" in log or kind == "exit_"
    assert "violet" not in log
    if not isinstance(outcome, Completed):
        assert "violet" not in repr(outcome)


async def test_a_host_that_traces_gets_no_key() -> None:
    spans, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    queue = QuietQueue()
    queue.key = SecretStr(KEY)
    with trace.use_span(provider.get_tracer("a host").start_span("job"), end_on_exit=True):
        await Run(make_job(params={"kind": "fail"}), queue, lambda: None).handle(slip)
    [span] = spans.get_finished_spans()
    [event] = span.events
    assert event.attributes
    assert event.attributes["exception.message"] == "they refuse [secret]"
    assert "violet" not in span.to_json()


async def test_what_a_handler_says_after_its_end_is_told_without_it(
    read_log: ReadLog,
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.worker.runs.STOP_PATIENCE", 0.2)
    name, begun, let_go = make_job_type(), asyncio.Event(), asyncio.Event()
    [key, *_] = sorted(queue.secrets, key=len)

    async def cling(job: RunningJob, params: NoParams) -> Completed:
        begun.set()
        while not let_go.is_set():
            try:
                await let_go.wait()
            except asyncio.CancelledError:
                continue
        raise ValueError(f"they refuse {key}")

    await enqueue(queue, person, name)
    processor = make_processor(queue, JobType(name, NoParams, cling))
    draining = asyncio.create_task(processor.drain())
    await begun.wait()
    processor.stop()
    assert await draining == {"released": 1}
    let_go.set()
    await eventually(lambda: "handler_ended_late" in read_log())
    assert "they refuse [secret]" in read_log()
    assert key not in read_log()


async def test_what_crashes_beside_a_job_is_told_without_it(
    read_log: ReadLog, queue: JobQueue, person: Person, make_job_type: Callable[..., str]
) -> None:
    name = make_job_type()
    [key, *_] = sorted(queue.secrets, key=len)

    async def succeed(job: RunningJob, params: NoParams) -> Completed:
        return Completed()

    def crash() -> None:
        raise ValueError(f"they refuse {key}")

    await enqueue(queue, person, name)
    job_types = {name: JobType(name, NoParams, succeed)}
    processor = Processor(queue, job_types, concurrency=1, grace_seconds=0, on_settled=crash)
    await processor.drain()
    assert "run_crashed" in read_log()
    assert "they refuse [secret]" in read_log()
    assert key not in read_log()
