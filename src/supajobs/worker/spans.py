"""The span of a job's run, for OpenTelemetry; next to nothing where nobody asked for traces.

A job's row carries the id of the trace that its request belongs to, and nothing else of it. So the
job's span is another root of that trace: the log, the row and the trace have one id.
"""

from contextlib import AbstractContextManager, nullcontext

from opentelemetry import trace
from opentelemetry.context import Context

from supajobs.jobs import ClaimedJob

_tracer = trace.get_tracer("supajobs")
_NO_SPAN = nullcontext(trace.INVALID_SPAN)


def job_span(job: ClaimedJob) -> AbstractContextManager[trace.Span]:
    """The span of a run, in the trace that the log's context names: that of the job's request."""
    span = _tracer.start_span("job", Context(), kind=trace.SpanKind.CONSUMER)
    if not span.get_span_context().is_valid:
        return _NO_SPAN
    span.update_name(f"job {job.job_type}")
    span.set_attributes(
        {
            "supajobs.job.id": str(job.id),
            "supajobs.job.type": job.job_type,
            "supajobs.job.attempt": job.retry_count + job.crash_count + 1,
        }
    )
    return trace.use_span(
        span, end_on_exit=True, record_exception=False, set_status_on_exception=False
    )
