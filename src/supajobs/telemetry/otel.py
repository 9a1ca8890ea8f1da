"""The OpenTelemetry SDK as supajobs sets it up. Only tracing.py imports it: it is of an extra."""

import os
import re
import sys
from collections.abc import Sequence
from importlib.metadata import version

import structlog
from aiohttp import TraceRequestStartParams
from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.instrumentation.aiohttp_client import AioHttpClientInstrumentor
from opentelemetry.instrumentation.httpx import HTTPXClientInstrumentor
from opentelemetry.sdk.resources import SERVICE_NAME, SERVICE_VERSION, Resource
from opentelemetry.sdk.trace import Event, ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter, SpanExporter
from opentelemetry.sdk.trace.id_generator import RandomIdGenerator
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import Link, Span, SpanKind, Status, TraceState
from opentelemetry.util.types import Attributes

from supajobs.telemetry.messaging import find_operation
from supajobs.telemetry.span_ids import find_chosen_id, read_trace_id


def start(exporters: Sequence[str]) -> TracerProvider:
    """Traces requests, jobs and outgoing HTTP from now on; to `otlp`, `console` or both.

    Endpoint, headers, sampler and all else as the OTEL_… variables say.
    """
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http")  # the names that will stay
    provider = TracerProvider(
        resource=_describe_process(), id_generator=TraceIds(), shutdown_on_exit=False
    )
    provider.sampler = CallsBelongToWork(provider.sampler)
    for name in exporters:
        exporter = OTLPSpanExporter() if name == "otlp" else _console()
        provider.add_span_processor(DiscreetProcessor(exporter))
    trace.set_tracer_provider(provider)
    HTTPXClientInstrumentor().instrument(tracer_provider=provider)
    AioHttpClientInstrumentor().instrument(tracer_provider=provider, request_hook=_name_call)
    return provider


def _describe_process() -> Resource:
    resource = Resource.create({SERVICE_VERSION: version("supajobs")})
    if str(resource.attributes[SERVICE_NAME]).startswith("unknown_service"):
        return resource.merge(Resource({SERVICE_NAME: "supajobs"}))
    return resource


def _console() -> SpanExporter:
    """Lines on stderr, as the log: stdout is for answers."""
    return ConsoleSpanExporter(
        out=sys.stderr, formatter=lambda span: f"{span.to_json(indent=None)}\n"
    )


class TraceIds(RandomIdGenerator):
    """What has no parent joins the trace that the log names: that of the request or of the job."""

    def generate_trace_id(self) -> int:
        """The id for a root span."""
        known = read_trace_id(str(structlog.contextvars.get_contextvars().get("trace_id")))
        return known or super().generate_trace_id()

    def generate_span_id(self) -> int:
        """The id for a span: a job's has one that others find."""
        return find_chosen_id() or super().generate_span_id()

    def is_trace_id_random(self) -> bool:
        """Not if a caller made it."""
        return False


class CallsBelongToWork(Sampler):
    """Leaves out calls that serve no request and no job: the polls of an idle worker.

    A claim that took jobs is told by a span that says so itself.
    """

    def __init__(self, sampler: Sampler) -> None:
        self._sampler = sampler

    def should_sample(  # noqa: PLR0913 - the SDK's signature
        self,
        parent_context: Context | None,
        trace_id: int,
        name: str,
        kind: SpanKind | None = None,
        attributes: Attributes = None,
        links: Sequence[Link] | None = None,
        trace_state: TraceState | None = None,
    ) -> SamplingResult:
        """Decides for one span."""
        parent = trace.get_current_span(parent_context).get_span_context()
        has_taken = "messaging.system" in (attributes or {})
        if kind is SpanKind.CLIENT and not parent.is_valid and not has_taken:
            return SamplingResult(Decision.DROP)
        return self._sampler.should_sample(
            parent_context, trace_id, name, kind, attributes, links, trace_state
        )

    def get_description(self) -> str:
        """For people."""
        return f"CallsBelongToWork({self._sampler.get_description()})"


class DiscreetProcessor(BatchSpanProcessor):
    """Exports no header, no query and no message of an exception: they may hold tokens or params.

    Of an exception the type is left; the log, under the same trace id, has the rest.
    """

    def on_end(self, span: ReadableSpan) -> None:
        """Takes a span that has ended."""
        super().on_end(
            ReadableSpan(
                span.name,
                span.context,
                span.parent,
                span.resource,
                _hide(span.attributes),
                [Event(each.name, _hide(each.attributes), each.timestamp) for each in span.events],
                span.links,
                span.kind,
                status=Status(
                    span.status.status_code, (span.status.description or "").partition(":")[0]
                ),
                start_time=span.start_time,
                end_time=span.end_time,
                instrumentation_scope=span.instrumentation_scope,
            )
        )


HIDDEN = re.compile(
    r"http\.(request|response)\.header\..*|url\.query|exception\.(message|stacktrace)"
)
ADDRESSES = {"url.full", "http.url", "http.target"}


def _hide(attributes: Attributes) -> Attributes:
    return {
        key: str(value).partition("?")[0] if key in ADDRESSES else value
        for key, value in (attributes or {}).items()
        if not HIDDEN.fullmatch(key)
    }


def _name_call(span: Span, request: TraceRequestStartParams) -> None:
    """Tells calls to Supabase apart by their function or table. Other addresses may hold ids."""
    if request.url.path.startswith("/rest/v1/"):
        span.update_name(f"{request.method} {request.url.path}")
        span.set_attributes(find_operation())
