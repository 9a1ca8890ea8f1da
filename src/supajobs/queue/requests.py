"""What requests for jobs say, and many of them in one call."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

from pydantic import BaseModel, Field, SecretStr, TypeAdapter
from typing_extensions import TypedDict  # which pydantic reads, before Python 3.12

from supajobs.errors import SupabaseUnavailableError, SupajobsError
from supajobs.follow_ups import After, OnParentFailure
from supajobs.job_options import Debounce, Due, Key, Level, Text, Ttl
from supajobs.outcomes import JsonObject
from supajobs.queue.answers import Conflict, CostLimited, Enqueued, RateLimited, require_allowed
from supajobs.queue.calls import Call
from supajobs.queue.refusals import translate
from supajobs.telemetry.messaging import operation
from supajobs.telemetry.metrics import Metrics

MAX_JOBS = 1000  # in one call, as enqueue_plan_jobs allows
PATIENCE = 30.0  # s; a thousand jobs that wait for each other take seconds
SQLSTATE_LENGTH = 5

Encrypt = Callable[[SecretStr | None], str | None]


class JobOptions(TypedDict, total=False):
    """What else a request for a job may say. See JobQueue.enqueue."""

    priority: Level
    run_at: Due | None
    idempotency_key: Key | None
    project_id: UUID | None
    ttl_hours: Ttl | None
    trace_id: Text | None
    provider_key: SecretStr | None
    after: After | None
    on_parent_failure: OnParentFailure
    debounce_seconds: Debounce | None
    debounce_max_seconds: Debounce | None


def dump_options(options: JobOptions, encrypt: Encrypt) -> dict[str, Any]:
    """Those that were given, as SQL has them."""
    given = {name: value for name, value in options.items() if value is not None}
    if key := options.get("provider_key"):
        given["provider_key"] = encrypt(key)
    return given


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A job that is to be, as the queue takes it."""

    user_id: UUID | None
    job_type: str
    params: JsonObject
    options: JobOptions
    ref: str | None = None

    def dump(self, encrypt: Encrypt) -> dict[str, object]:
        """As enqueue_plan_jobs has it."""
        return {
            **dump_options(self.options, encrypt),
            "user_id": self.user_id,
            "job_type": self.job_type,
            "params": self.params,
            "idempotency_key": self.options.get("idempotency_key") or str(uuid4()),
            **({} if self.ref is None else {"ref": self.ref}),
        }


Asked = Sequence[Entry | SupajobsError]
"""Entries, and for those that could not be read, why."""


class Refused(BaseModel):
    """An entry that could not be requested; the others were."""

    outcome: Literal["refused"]
    code: str | None
    message: str
    hint: str | None


_Answer = Annotated[
    Enqueued | Conflict | RateLimited | CostLimited | Refused, Field(discriminator="outcome")
]
_ANSWERS = TypeAdapter[list[Enqueued | Conflict | RateLimited | CostLimited | Refused]](
    list[_Answer]
)


def tell_created(enqueued: Enqueued, sent: object, given: str | None) -> Enqueued:
    """The answer to a request that came with a key of ours where none was given.

    What only our own key found, this call had created: it was sent again.
    """
    if enqueued.outcome == "existing" and sent == enqueued.job.idempotency_key != given:
        return Enqueued(outcome="created", job=enqueued.job)
    return enqueued


async def enqueue_many(
    call: Call, metrics: Metrics, asked: Asked, encrypt: Encrypt
) -> list[Enqueued | SupajobsError]:
    """Requests jobs, a thousand in one call: for each, in their order, the answer or the error.

    An error among them, of an entry that could not be read, stays in its place. Refs and
    idempotency keys hold within a call. A call that is repeated requests none twice. Once one has
    been answered, an error of a later one stands in the place of each of its entries.
    """
    entries = [each for each in asked if isinstance(each, Entry)]
    dumped = [entry.dump(encrypt) for entry in entries]
    requested: list[Enqueued | SupajobsError] = []
    for start in range(0, len(entries), MAX_JOBS):
        some, sent = entries[start : start + MAX_JOBS], dumped[start : start + MAX_JOBS]
        try:
            with operation("send", "enqueue", [entry.job_type for entry in some]):
                answered = await call("enqueue_plan_jobs", _ANSWERS, patience=PATIENCE, p_jobs=sent)
        except SupabaseUnavailableError as error:
            if not requested:
                raise
            requested += [error] * (len(entries) - start)  # the next calls would fare no better
            break
        except SupajobsError as error:
            if not requested:
                raise
            requested += [error] * len(some)
            continue
        for entry, answer in zip(some, answered, strict=True):
            metrics.enqueued(entry.job_type, answer.outcome).inc()
        requested += map(_read, answered, some, sent)
    answers = iter(requested)
    return [next(answers) if isinstance(each, Entry) else each for each in asked]


def _read(
    answer: Enqueued | Conflict | RateLimited | CostLimited | Refused,
    entry: Entry,
    sent: Mapping[str, object],
) -> Enqueued | SupajobsError:
    if isinstance(answer, Refused):
        is_ours = answer.code is None or len(answer.code) != SQLSTATE_LENGTH
        sqlstate = "PT422" if is_ours else answer.code
        return translate(sqlstate, answer.code, answer.message, answer.hint)
    try:
        enqueued = require_allowed(answer)
    except SupajobsError as error:
        return error
    return tell_created(enqueued, sent["idempotency_key"], entry.options.get("idempotency_key"))
