"""Job types: what runs a job, and what a handler is given to run it."""

import inspect
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, cast, overload

from pydantic import BaseModel, JsonValue, SecretStr

from supajobs.jobs import ClaimedJob, Progress
from supajobs.outcomes import Completed, Usage

Params = TypeVar("Params", bound=BaseModel)
Output = TypeVar("Output")


class Step(Protocol):
    """Does a part of a job's work once, however often the job runs again.

    The output that an earlier run saved is given back; else that of `work`, which is then saved.
    `read` turns it into what the handler needs. A saved output at which it raises a ValueError (a
    pydantic ValidationError is one) is out of date, and `work` is done again. No two steps of a job
    have the same name; it has at most 255 characters.
    """

    @overload
    async def __call__(self, name: str, work: Callable[[], Awaitable[JsonValue]]) -> JsonValue: ...
    @overload
    async def __call__(
        self,
        name: str,
        work: Callable[[], Awaitable[JsonValue]],
        read: Callable[[JsonValue], Output],
    ) -> Output: ...


@dataclass(frozen=True)
class RunningJob:
    """What a handler is given besides its params.

    It tells how far it is, and keeps what is done::

        async def story(job: RunningJob, request: StoryRequest) -> Completed:
            outline = await job.step("outline", partial(write_outline, request.hero))
            job.report(Progress(phase="writing", percentage=20, message="The outline is there."))
            ...
    """

    claimed: ClaimedJob
    report: Callable[[Progress], None] = field(repr=False)
    """Tells the user how far the job is. Cheap: it is sent with the next heartbeat."""
    step: Step = field(repr=False)
    """`await job.step("outline", write)`: paid for once, and kept until the job ends well."""
    spend: Callable[[Usage], None] = field(repr=False)
    """Adds to what this attempt has cost, which is recorded however it ends."""
    provider_key: Callable[[], Awaitable[SecretStr | None]] = field(repr=False)
    """`await job.provider_key()`: the user's own key for the model's provider, if the job came with
    one. Then it runs on no other: where the key is gone or cannot be read, this raises what ends
    the attempt."""


@dataclass(frozen=True)
class JobType(Generic[Params]):
    """A name, the model of its params, and the coroutine that does the work.

    `@job_type` makes one of a function; by hand it takes the name that SQL has for it::

        story = JobType("story", StoryRequest, write_story)

    `check_date` refuses, by a pydantic ValidationError, what is impossible at the moment of the
    request, whose day depends on where the user is; a worker that runs the job later does not ask
    it again.
    """

    name: str
    params: type[Params]
    handle: Callable[[RunningJob, Params], Coroutine[Any, Any, Completed]]
    check_date: Callable[[Params, datetime], None] = lambda _params, _now: None
    description: str = ""


JobTypes = dict[str, JobType[Any]]


def job_type(
    handle: Callable[[RunningJob, Params], Coroutine[Any, Any, Completed]],
) -> JobType[Params]:
    """The job type of a coroutine function: of its name, with its docstring as description.

    The second argument's annotation, a pydantic model, is what the params are checked by::

        @job_type
        async def story(job: RunningJob, request: StoryRequest) -> Completed: ...

    Raises:
        TypeError: it is not such a function.
    """
    name = getattr(handle, "__name__", repr(handle))
    if not inspect.iscoroutinefunction(handle):
        raise TypeError(f"{name} is no coroutine function: write `async def {name}(job, params)`")
    try:
        arguments = list(inspect.signature(handle, eval_str=True).parameters.values())
    except NameError as error:
        raise TypeError(f"{name}: {error}; import it outside of `if TYPE_CHECKING`") from error
    if len(arguments) != 2:  # noqa: PLR2004 - the job and its params
        raise TypeError(f"{name} takes {len(arguments)} arguments, not two: the job and its params")
    params: object = arguments[1].annotation
    if not (inspect.isclass(params) and issubclass(params, BaseModel)):
        raise TypeError(f"{name}: annotate {arguments[1].name!r} with a pydantic model")
    return JobType(
        name, cast("type[Params]", params), handle, description=inspect.getdoc(handle) or ""
    )
