"""Traces by OpenTelemetry, where the standard OTEL_… variables ask for them; else nothing."""

import contextlib
import os
import threading
from collections.abc import Generator, Mapping

from supajobs.extras import install_command

FLUSH_SECONDS = 3.0  # a collector that does not answer delays the end of a process by no more


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
            f"The OTEL_… variables ask for traces: {install_command('otel')}, "
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
