"""How a handler's work can end."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, ValidationError

from supajobs.causes import Cause, read_message
from supajobs.follow_ups import JobRequest, require_request
from supajobs.storable import UnstorableError, clean, cut, make_storable

JsonObject = dict[str, JsonValue]

Text = Annotated[str, AfterValidator(clean)]
MAX_MODEL = 200  # characters; a sum names all models that it has room for
MAX_TOKENS = 2**63 - 1
MAX_COST = 1e9  # dollars; whoever tells of more has made a mistake
Tokens = Annotated[int, Field(ge=0, le=MAX_TOKENS)]

COST_DECIMALS = 9  # of a dollar; what lies behind is the noise of adding floats


class JobError(BaseModel):
    """Why an attempt ended badly, in words for the user; never a traceback.

    A failed job has one::

        if job.error and job.error.code == "refused":
            print(job.error.message)
    """

    code: Text
    message: Text
    detail: JsonValue = None


class Usage(BaseModel):
    """What an attempt consumed, for the ledger.

    A sum's cost is known only if the cost of each part is; its `model` names all of them.

    A handler adds to what its attempt has cost::

        job.spend(Usage(model="my-model", input_tokens=900, output_tokens=120, cost_usd=0.004))
    """

    model_config = ConfigDict(frozen=True)

    model: Annotated[Text, AfterValidator(lambda name: cut(name, MAX_MODEL))] | None = None
    input_tokens: Tokens | None = None
    output_tokens: Tokens | None = None
    cost_usd: Annotated[float, Field(ge=0, le=MAX_COST, allow_inf_nan=False)] | None = None

    def __add__(self, other: "Usage") -> "Usage":
        models = [name for part in (self, other) for name in (part.model or "").split(", ") if name]
        return Usage(
            model=", ".join(dict.fromkeys(models)) or None,
            input_tokens=_count(self.input_tokens, other.input_tokens),
            output_tokens=_count(self.output_tokens, other.output_tokens),
            cost_usd=(
                None
                if self.cost_usd is None or other.cost_usd is None
                else min(MAX_COST, round(self.cost_usd + other.cost_usd, COST_DECIMALS))
            ),
        )


def _count(one: int | None, other: int | None) -> int | None:
    if one is None and other is None:
        return None
    return min(MAX_TOKENS, (one or 0) + (other or 0))


def require_valid(given: object, model: type[BaseModel], where: str) -> None:
    """Checks an instance of a model that may be none, or made without being checked.

    Raises:
        UnstorableError: it is of another kind, or says what none can.
    """
    _require_kind(given, model, where)
    try:
        model.model_validate(vars(given))
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise UnstorableError(".".join((where, *map(str, first["loc"]))), first["msg"]) from None


def _require_kind(given: object, kind: type, where: str) -> None:
    if not isinstance(given, kind):
        name = kind.__name__
        raise UnstorableError(where, f"it takes a {name}, not {type(given).__name__}: {name}(…)")


@dataclass(frozen=True)
class Completed:
    """The work is done. `plan` becomes a row of weekly_base_plans.

    What a handler returns::

        return Completed(result={"chapters": len(chapters)}, store={"text": chapters})

    The result is stored as JSON, which models, dataclasses, dates, UUIDs and the like become. So
    does `store`, which goes to the function that the job type's row names in `stored_by`: that
    writes your own tables, in the transaction that completes the job. In the same transaction the
    jobs in `then` are requested, which `JobType.request` makes: once, or not at all.
    """

    result: Any = None
    store: Any = None
    plan: JsonObject | None = None
    then: Sequence[JobRequest] | None = None
    usage: Usage | None = None


@dataclass(frozen=True)
class Failed:
    """The attempt ended badly: `error` is told to the user, and it is tried again if `retryable`.

    What a test looks at, after a handler raised::

        assert isinstance(run.outcome, Failed)
        assert run.outcome.error.code == "refused"

    The next attempt comes after the backoff, and not before `not_before` (seconds), if somebody
    asked for them. `retry_after` (seconds) replaces both; 0 means at once. `cause` is for the
    people who run the queue, and changes nothing.
    """

    error: JobError
    retryable: bool = True
    retry_after: float | None = None
    not_before: float | None = None
    usage: Usage | None = None
    cause: Cause | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        """A time that is none is nobody's wish."""
        for name in ("retry_after", "not_before"):
            seconds = getattr(self, name)
            if seconds is not None and not 0 <= seconds < math.inf:
                object.__setattr__(self, name, None)


@dataclass(frozen=True)
class Released:
    """The work was stopped from outside and the job is given back, or ends as cancelled.

    The third of what `run_inline` may end with::

        assert not isinstance(run.outcome, Released)
    """

    usage: Usage | None = None


@dataclass(frozen=True)
class Suspended:
    """The attempt ended to wait, and the job goes on by itself. No retry is spent.

    What `run_inline` ends with at a wait that is not over::

        assert run.outcome == Suspended("approval", kind="signal", seconds=172_800)
    """

    name: str | None
    kind: Literal["sleep", "signal", "snooze"]
    seconds: float
    usage: Usage | None = None


Outcome = Completed | Failed | Released | Suspended


def make_outcome_storable(
    outcome: Outcome, on_changed: Callable[[str, str], None] = lambda _where, _why: None
) -> Outcome:
    """The same as it can be stored, see `make_storable`.

    Raises:
        UnstorableError: some of it cannot.
    """
    if outcome.usage is not None:
        require_valid(outcome.usage, Usage, "usage")
    match outcome:
        case Completed():
            result = make_storable(outcome.result, "result", on_changed)
            store = make_storable(outcome.store, "store", on_changed)
            plan: Any = make_storable(outcome.plan, "plan", on_changed)
            requests = make_storable(outcome.then, "then", on_changed)
            if not isinstance(plan, dict | None):
                raise UnstorableError("plan", "it takes a JSON object")
            if not isinstance(requests, list | None):
                raise UnstorableError("then", "it takes a list of requests: then=[…]")
            then: Any = requests or None
            for number, each in enumerate(requests or ()):
                require_request(each, f"then.{number}")
            return replace(outcome, result=result, store=store, plan=plan, then=then)
        case Failed():
            _require_kind(outcome.error, JobError, "error")
            detail = make_storable(outcome.error.detail, "error.detail", on_changed)
            require_valid(outcome.error.model_copy(update={"detail": None}), JobError, "error")
            _require_kind(outcome.retryable, bool, "retryable")
            if outcome.cause is not None:
                require_valid(outcome.cause, Cause, "cause")
            return replace(outcome, error=outcome.error.model_copy(update={"detail": detail}))
        case Released() | Suspended():
            return outcome


class PermanentError(Exception):
    """Raised by a handler when trying again would be no use. The user reads the message.

    Its `code` is for programs::

        if request.hero in FORBIDDEN:
            raise PermanentError("There are no stories of that hero.", code="hero_refused")
    """

    refused_detail: UnstorableError | None = None
    """Why the user is told no detail of it: for the log, where its keys may be no secrets."""

    def __init__(self, message: str, *, code: str = "refused", detail: JsonValue = None) -> None:
        # Whatever the words are, an exception or what cannot be printed: it is not tried again.
        told, code = read_message(Exception(message)), read_message(Exception(code))
        super().__init__(clean(told))
        try:
            detail = make_storable(detail, "detail")
        except UnstorableError as refusal:
            # Without it, the error still says what it has to.
            detail, self.refused_detail = None, refusal
        self.error = JobError(code=code, message=told, detail=detail)


class RateLimitedError(Exception):
    """Raised by a handler that a provider asked to wait: `retry_after` seconds, if it said so.

    The wait is never less than the backoff::

        if answer.status_code == 429:
            raise RateLimitedError(retry_after=30)
    """

    def __init__(self, retry_after: float | None = None) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class UnavailableError(Exception):
    """Raised by a handler when a provider is out of reach, overloaded or broken.

    `retry_after`: seconds, if it asked for them. The wait is never less than the backoff.
    `message` is for the user, `code` for programs, where there is more to say::

        if answer.status_code >= 500:
            raise UnavailableError
    """

    def __init__(
        self,
        retry_after: float | None = None,
        *,
        message: str = "A service that this job needs is not answering.",
        code: str = "provider_unavailable",
    ) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
        self.error = JobError(code=code, message=message)


def read_retry_after(told: str) -> float | None:
    """The seconds that a `Retry-After` says; it has them, or a date."""
    if told.isdecimal():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
    except ValueError:
        return None
    # A date in the old format of C's asctime has no zone, and means UTC.
    until = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (until - datetime.now(UTC)).total_seconds())
