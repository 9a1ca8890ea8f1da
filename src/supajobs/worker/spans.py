"""The spans of a worker, for OpenTelemetry; next to nothing where nobody asked for traces.

A job's row carries the id of the trace that its request belongs to, and nothing else of it. So the
job's span is another root of that trace: the log, the row and the trace have one id. The id of the
span itself follows from those of the job and the claim, so that the span of a job that comes after
can link to it.
"""

import contextvars
import time
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags

from supajobs.errors import SupajobsError
from supajobs.jobs import ClaimedJob
from supajobs.loggers import get_logger
from supajobs.queue.flows import Flows
from supajobs.telemetry.messaging import describe_operation
from supajobs.telemetry.span_ids import choose_span_id, derive_span_id, read_trace_id

logger = get_logger(__name__)

SAMPLED = TraceFlags(TraceFlags.SAMPLED)

_tracer = trace.get_tracer("supajobs")
_NO_SPAN = nullcontext(trace.INVALID_SPAN)


def job_span(job: ClaimedJob) -> AbstractContextManager[trace.Span]:
    """The span of a run, in the trace that the log's context names: that of the job's request."""
    with choose_span_id(derive_span_id(job.id, job.claim_id)):
        span = _tracer.start_span("job", Context(), kind=SpanKind.CONSUMER)
    if not span.get_span_context().is_valid:
        return _NO_SPAN
    span.update_name(f"job {job.job_type}")
    span.set_attributes(
        {
            "supajobs.job.id": str(job.id),
            "supajobs.job.type": job.job_type,
            "supajobs.job.attempt": job.retry_count + job.crash_count + 1,
            **describe_operation("process", "run", [job.job_type], [job.id]),
        }
    )
    return trace.use_span(
        span, end_on_exit=True, record_exception=False, set_status_on_exception=False
    )


async def link_to_parents(span: trace.Span, job: ClaimedJob, flows: Flows) -> None:
    """Has the span of a run link to those of the jobs that it came after.

    Not where an app has set OpenTelemetry up in its own way, whose spans have other ids.
    """
    is_ours = span.get_span_context().span_id == derive_span_id(job.id, job.claim_id)
    if not (job.has_ties and is_ours and span.is_recording()):
        return
    try:
        origins = await flows.get_origins(job)
    except SupajobsError as error:
        logger.warning("span_not_linked", code=error.code, reason=error.reason)
        return
    for origin in origins:
        if trace_id := read_trace_id(origin.trace_id):
            span_id = derive_span_id(origin.job_id, origin.claim_id)
            span.add_link(SpanContext(trace_id, span_id, is_remote=True, trace_flags=SAMPLED))


def note_claim(jobs: Sequence[ClaimedJob], *, seconds: float) -> None:
    """The span of a claim that took jobs, and has lasted so long."""
    started_at = time.time_ns() - int(seconds * 1e9)
    told = describe_operation(
        "receive", "claim", [job.job_type for job in jobs], [job.id for job in jobs]
    )
    # In no job's context: a claim that came with a completion belongs to none.
    span = contextvars.Context().run(
        _tracer.start_span,
        "claim",
        Context(),
        kind=SpanKind.CLIENT,
        attributes=told,
        start_time=started_at,
    )
    span.end()
