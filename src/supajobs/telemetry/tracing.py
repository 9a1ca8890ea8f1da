"""Traces by OpenTelemetry, where the standard OTEL_… variables ask for them; else next to nothing.

A job's row carries the id of the trace that its request belongs to, and nothing else of it. So the
job's span is another root of that trace: the log, the row and the trace have one id.
"""

import contextlib
import os
import threading
from collections.abc import Generator, Mapping
from contextlib import AbstractContextManager

from opentelemetry import trace
from opentelemetry.context import Context

from supajobs.jobs import ClaimedJob

FLUSH_SECONDS = 3.0  # a collector that does not answer delays the end of a process by no more

_tracer = trace.get_tracer("supajobs")
_NO_SPAN = contextlib.nullcontext(trace.INVALID_SPAN)


class TracingError(Exception):
    """The environment asks for traces that cannot be had."""


@contextlib.contextmanager
def tracing() -> Generator[None]:
    """Traces this process while the context lasts, if the environment says so; then sends the rest.

    Raises:
        TracingError: the extra `otel` is missing, or a variable names what we cannot do.
    """
    exporters = _find_exporters(os.environ)
    if not exporters:
        yield
        return
    try:
        from supajobs.telemetry import otel  # noqa: PLC0415 - heavy, and of an extra
    except ModuleNotFoundError as error:
        raise TracingError(
            "The OTEL_… variables ask for traces: install 'supajobs[otel]', "
            "or set OTEL_SDK_DISABLED=true."
        ) from error
    provider = otel.start(exporters)
    try:
        yield
    finally:
        flushing = threading.Thread(target=provider.shutdown, daemon=True)
        flushing.start()
        flushing.join(FLUSH_SECONDS)


def _find_exporters(environment: Mapping[str, str]) -> list[str]:
    """Which exporters the variables name; none: no traces."""

    def read(*names: str) -> str:
        return next(filter(None, (environment.get(name, "").strip() for name in names)), "")

    if read("OTEL_SDK_DISABLED").lower() == "true":
        return []
    has_endpoint = read("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
    named = read("OTEL_TRACES_EXPORTER") or ("otlp" if has_endpoint else "none")
    exporters = [name for each in named.split(",") if (name := each.strip()) != "none"]
    if unknown := set(exporters) - {"otlp", "console"}:
        raise TracingError(f"OTEL_TRACES_EXPORTER: {min(unknown)!r} is not otlp, console or none.")
    protocol = read("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")
    if "otlp" in exporters and protocol not in {"", "http/protobuf"}:
        raise TracingError(f"OTEL_EXPORTER_OTLP_PROTOCOL: {protocol!r} is not http/protobuf.")
    return exporters


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
