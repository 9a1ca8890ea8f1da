"""Job types: what runs a job, and what a handler is given to run it."""

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, Generic, Literal, Protocol, Unpack, get_args, overload
from uuid import UUID

from pydantic import BaseModel, SecretStr
from structlog.typing import FilteringBoundLogger
from typing_extensions import TypeVar  # whose defaults typing has from Python 3.13 on

from supajobs.follow_ups import JobRequest, RequestOptions
from supajobs.job_methods import Sleep, Step, SyncSleep, SyncStep, SyncWaitFor, WaitFor
from supajobs.job_options import read_name, read_options
from supajobs.jobs import ClaimedJob, Parent, Progress
from supajobs.loggers import get_logger
from supajobs.outcomes import Completed, JsonObject, Usage
from supajobs.params import dump, load, require_round_trip

Params = TypeVar("Params", bound=BaseModel)
Running = TypeVar("Running", default=Any)
Returned = TypeVar("Returned", default=Any)

RunsIn = Literal["loop", "thread", "process"]


@dataclass(frozen=True, kw_only=True)
class _JobInHand:
    """What all handlers are given besides their params."""

    claimed: ClaimedJob
    report: Callable[[Progress], None] = field(repr=False)
    """Tells the user how far the job is. Cheap: it is sent with the next heartbeat."""
    spend: Callable[[Usage], None] = field(repr=False)
    """Adds to what this attempt has cost, which is recorded however it ends."""
    is_stopped: Callable[[], bool] = field(repr=False)

    @property
    def id(self) -> UUID:
        """The job's."""
        return self.claimed.id

    @property
    def user_id(self) -> UUID | None:
        """Whose job it is; None: the system's."""
        return self.claimed.user_id

    @property
    def attempt(self) -> int:
        """1 for the first; runs that were given back, or suspended, do not count."""
        return self.claimed.retry_count + self.claimed.crash_count + 1

    @property
    def deadline(self) -> datetime:
        """When this attempt is stopped, by the database's clock."""
        return self.claimed.started_at + timedelta(seconds=self.claimed.max_runtime_seconds)

    @property
    def cancelled(self) -> bool:
        """Whether the handler is to end: it is cancelled, out of time, or its process stops.

        A coroutine is told so by its cancellation. Who works in a thread looks here now and then.
        """
        return self.is_stopped()

    @cached_property
    def log(self) -> FilteringBoundLogger:
        """A structlog logger whose lines name the job. No params are to go there."""
        return get_logger(
            __name__,
            job_id=str(self.id),
            job_type=self.claimed.job_type,
            trace_id=self.claimed.trace_id,
            attempt=self.attempt,
        )


@dataclass(frozen=True, kw_only=True)
class RunningJob(_JobInHand):
    """What a coroutine is given besides its params.

    It tells how far it is, and keeps what is done::

        async def story(job: RunningJob, request: StoryRequest) -> Completed:
            outline = await job.step("outline", partial(write_outline, request.hero))
            job.report(Progress(phase="writing", percentage=20, message="The outline is there."))
            ...
    """

    step: Step = field(repr=False)
    """`await job.step("outline", write)`: paid for once, and kept until the job ends well."""
    sleep: Sleep = field(repr=False)
    """`await job.sleep("cool down", hours=6)`: the job goes on then, and nobody holds it."""
    wait_for: WaitFor = field(repr=False)
    """`await job.wait_for("approval", timeout=timedelta(days=2))`: the payload of the signal."""
    enqueue: Callable[[str, JobRequest], Awaitable[UUID]] = field(repr=False)
    """`await job.enqueue("sound", audio.request(…))`: the id of a job that is requested once,
    however often this one runs. It is kept as a step is, and takes its name."""
    parents: Callable[[], Awaitable[dict[str, Parent]]] = field(repr=False)
    """`await job.parents()`: the jobs that it came after, by the names that its request had for
    them."""
    provider_key: Callable[[], Awaitable[SecretStr | None]] = field(repr=False)
    """`await job.provider_key()`: the user's own key for the model's provider, if the job came with
    one. Then it runs on no other: where the key is gone or cannot be read, this raises what ends
    the attempt."""


@dataclass(frozen=True, kw_only=True)
class SyncRunningJob(_JobInHand):
    """What a handler that is no coroutine is given: the same, without `await`.

    Once it is `cancelled`, these methods raise asyncio.CancelledError, all but `spend`::

        def thumbnail(job: SyncRunningJob, request: ThumbnailRequest) -> Completed:
            original = job.step("original", partial(fetch, request.url))
            ...
    """

    step: SyncStep = field(repr=False)
    """`job.step("outline", write)`: paid for once, and kept until the job ends well."""
    sleep: SyncSleep = field(repr=False)
    """`job.sleep("cool down", hours=6)`, as that of a RunningJob."""
    wait_for: SyncWaitFor = field(repr=False)
    """`job.wait_for("approval", timeout=timedelta(days=2))`, as that of a RunningJob."""
    enqueue: Callable[[str, JobRequest], UUID] = field(repr=False)
    """`job.enqueue("sound", audio.request(…))`, as that of a RunningJob."""
    parents: Callable[[], dict[str, Parent]] = field(repr=False)
    """`job.parents()`, as those of a RunningJob."""
    provider_key: Callable[[], SecretStr | None] = field(repr=False)
    """`job.provider_key()`, as that of a RunningJob."""


@dataclass(frozen=True)
class JobType(Generic[Params, Running, Returned]):
    """A name, the model of its params, and the function that does the work.

    `@job_type` makes one of a function; by hand it takes the name that SQL has for it::

        story = JobType("story", StoryRequest, write_story)

    It is called as that function is: `await story(job, StoryRequest(hero="Fox"))`.

    `check_date` refuses, by a pydantic ValidationError, what is impossible at the moment of the
    request, whose day depends on where the user is; a worker that runs the job later does not ask
    it again. `runs_in`: a coroutine in the event loop, another function in a thread of its own, or
    in a process if it is to.
    """

    name: str
    params: type[Params]
    handle: Callable[[Running, Params], Returned]
    check_date: Callable[[Params, datetime], None] = lambda _params, _now: None
    description: str = ""
    runs_in: RunsIn | None = None

    def __post_init__(self) -> None:
        """Looks like the function from outside, to who reads its signature or its docstring.

        Raises:
            TypeError: such a function does not run there.
        """
        handle = self.handle
        names = ("__module__", "__name__", "__qualname__", "__doc__")
        vars(self).update(
            {name: getattr(handle, name) for name in names if hasattr(handle, name)},
            __wrapped__=handle,
            runs_in=_choose_place(self.name, handle, self.runs_in),
        )

    def __call__(self, job: Running, params: Params, /) -> Returned:
        """Calls the function."""
        return self.handle(job, params)

    def load(self, stored: JsonObject) -> Params:
        """The params that the queue keeps, or a client sends.

        Raises:
            pydantic.ValidationError: they are none of this type.
        """
        return load(self.params, stored)

    def dump(self, params: Params, *, within: str = "params") -> JsonObject:
        """The params as the queue keeps them: what `load` makes the same params of.

        Raises:
            InvalidRequestError: some, parts of the field `within`, cannot be stored as they are.
            TypeError: their model does not do so.
        """
        return dump(params, self.params, within=within)

    def request(self, params: Params, **options: Unpack[RequestOptions]) -> JobRequest:
        """A job of this type, for `Completed(then=[…])` and `job.enqueue`; see `dump`.

        Raises:
            InvalidRequestError: one of the options is not what it should be.
        """
        return {
            **read_options(RequestOptions, options),
            "job_type": self.name,
            "params": self.dump(params),
        }


def require_job_type(given: object) -> None:
    """Checks what is to be a job type.

    Raises:
        TypeError: it is none.
    """
    if not isinstance(given, JobType):
        raise TypeError(f"{given!r} is no job type: decorate a function with @job_type")


def _choose_place(name: str, handle: Callable[..., Any], wanted: RunsIn | None) -> RunsIn:
    if wanted not in {None, *get_args(RunsIn)}:
        places = ", ".join(get_args(RunsIn))
        raise TypeError(f"{name} runs in one of {places}, not in {wanted!r}")
    if inspect.isasyncgenfunction(handle) or inspect.isgeneratorfunction(handle):
        raise TypeError(f"{name} is a generator function: return Completed(…), and yield nothing")
    is_coroutine = inspect.iscoroutinefunction(handle) or inspect.iscoroutinefunction(
        getattr(handle, "__call__", None)  # noqa: B004 - of an object that has it
    )
    place = wanted or ("loop" if is_coroutine else "thread")
    if is_coroutine != (place == "loop"):
        kind = "a coroutine" if is_coroutine else "no coroutine"
        raise TypeError(f"{name} is {kind} function, and does not run in a {place}")
    if (
        place == "process"
        and not getattr(handle, "__qualname__", "<").replace(".", "").isidentifier()
    ):
        raise TypeError(f"{name} is to be found by its name in its module, for a process to run it")
    return place


JobTypes = dict[str, JobType[Any]]

_AsyncHandle = Callable[[RunningJob, Params], Coroutine[Any, Any, Completed]]
_AsyncJobType = JobType[Params, RunningJob, Coroutine[Any, Any, Completed]]
_SyncHandle = Callable[[SyncRunningJob, Params], Completed]
_SyncJobType = JobType[Params, SyncRunningJob, Completed]


class _Decorator(Protocol):
    @overload
    def __call__(self, handle: _AsyncHandle[Params], /) -> _AsyncJobType[Params]: ...
    @overload
    def __call__(self, handle: _SyncHandle[Params], /) -> _SyncJobType[Params]: ...


class _SyncDecorator(Protocol):
    def __call__(self, handle: _SyncHandle[Params], /) -> _SyncJobType[Params]: ...


@overload
def job_type(handle: _AsyncHandle[Params], /) -> _AsyncJobType[Params]: ...
@overload
def job_type(handle: _SyncHandle[Params], /) -> _SyncJobType[Params]: ...
@overload
def job_type(
    *, name: str | None = None, runs_in: Literal["thread", "process"]
) -> _SyncDecorator: ...
@overload
def job_type(*, name: str | None = None) -> _Decorator: ...
def job_type(
    handle: Any = None, /, *, name: str | None = None, runs_in: RunsIn | None = None
) -> Any:
    """The job type of a function: of its name, with its docstring as description.

    The second argument's annotation, a pydantic model, is what the params are checked by::

        @job_type
        async def story(job: RunningJob, request: StoryRequest) -> Completed: ...

        @job_type(name="picture.thumbnail", runs_in="process")
        def thumbnail(job: SyncRunningJob, request: ThumbnailRequest) -> Completed: ...

    A coroutine runs in the event loop, with others. What waits without `await` belongs into a plain
    function, which gets a thread; what computes for long, into a process. That is killed when the
    job is cancelled or out of time, and has the memory that the settings allow. Whatever the model
    has, aliases, computed fields or secrets, the handler is given the params that were asked for.

    Raises:
        TypeError: it is not such a function, or its params cannot be kept as JSON.
    """

    def decorate(handle: Callable[[Any, Any], Any]) -> JobType[Any]:
        own: object = getattr(handle, "__name__", repr(handle))
        given = read_name(own if name is None else name)
        params = _read_params(given, handle)
        try:
            require_round_trip(params)
        except TypeError as error:
            raise TypeError(f"{given}: {error}") from error
        description = inspect.getdoc(handle) or ""
        return JobType(given, params, handle, description=description, runs_in=runs_in)

    return decorate if handle is None else decorate(handle)


def _read_params(name: str, handle: Callable[..., Any]) -> type[BaseModel]:
    """The model of a handler's params."""
    try:
        arguments = list(inspect.signature(handle, eval_str=True).parameters.values())
    except NameError as error:
        raise TypeError(f"{name}: {error}; import it outside of `if TYPE_CHECKING`") from error
    if len(arguments) != 2:  # noqa: PLR2004 - the job and its params
        raise TypeError(
            f"{name} is no handler: {name} takes {len(arguments)} arguments, not two: "
            "the job and its params"
        )
    if any(each.kind is each.KEYWORD_ONLY for each in arguments):
        raise TypeError(f"{name} is no handler: it is given the job and its params by position")
    params: object = arguments[1].annotation
    if not (inspect.isclass(params) and issubclass(params, BaseModel)):
        raise TypeError(f"{name}: annotate {arguments[1].name!r} with a pydantic model")
    return params
