"""The ids of spans that others find again, by what they know of a job."""

import re
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from hashlib import blake2b
from uuid import UUID

TRACE_ID = re.compile(r"[0-9a-f]{32}")

_chosen = ContextVar[int | None]("span_id", default=None)


def derive_span_id(job_id: UUID, claim_id: UUID) -> int:
    """That of a job's run under a claim."""
    return int.from_bytes(blake2b(job_id.bytes + claim_id.bytes, digest_size=8).digest())


def read_trace_id(text: str) -> int:
    """The id that a job's row or the log's context has; 0 if it is none."""
    return int(text, 16) if TRACE_ID.fullmatch(text) else 0


@contextmanager
def choose_span_id(span_id: int) -> Generator[None]:
    """The span that is started meanwhile has this id, where otel.py has set traces up."""
    token = _chosen.set(span_id)
    try:
        yield
    finally:
        _chosen.reset(token)


def find_chosen_id() -> int | None:
    """The id for a span that is being started; None: any."""
    return _chosen.get()
