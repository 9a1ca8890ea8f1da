"""What a running job asks for further jobs with."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal, Required, cast
from uuid import UUID

from pydantic import BeforeValidator, JsonValue
from typing_extensions import TypedDict  # which pydantic reads, before Python 3.12

from supajobs.job_options import Debounce, Due, Level, Text, Ttl, require_text
from supajobs.storable import UnstorableError

OnParentFailure = Literal["cancel", "run"]


def _require_jobs(given: object) -> object:
    """Refuses in our words what pydantic has a complaint of for each way to read it."""
    for each in _list_parts(given):
        if not isinstance(each, UUID | str):
            raise ValueError('A list of ids, or an object that names them: {"text": job.id}')  # noqa: TRY004 - pydantic's own
        require_text(str(each))
    return given


def _list_parts(given: object) -> list[object]:
    if isinstance(given, Mapping):
        named = cast("Mapping[object, object]", given)
        names = [name if isinstance(name, str) else None for name in named]
        return [*names, *named.values()]
    is_list = isinstance(given, Sequence) and not isinstance(given, str | bytes)
    return list(cast("Sequence[object]", given)) if is_list else [None]


After = Annotated[
    Sequence[UUID | Text] | Mapping[Text, UUID | Text], BeforeValidator(_require_jobs)
]
"""The jobs to wait for: their ids, or an id for each name. In a call for several jobs, the `ref` of
an earlier one stands for its id."""


class RequestOptions(TypedDict, total=False):
    """What else a job may say of one that it asks for.

    Without `user_id` and `project_id` it is of the same user and in the same project; with None, of
    the system and in none. The others are those of JobQueue.enqueue; a `ref` is what later ones of
    the same list name it by, in their `after`.
    """

    user_id: UUID | None
    project_id: UUID | None
    priority: Level
    run_at: Due
    ttl_hours: Ttl
    after: After
    on_parent_failure: OnParentFailure
    debounce_seconds: Debounce
    debounce_max_seconds: Debounce
    ref: Text


class JobRequest(RequestOptions, total=False):
    """A job that another one asks for, in plain data: what `JobType.request` makes.

    For a type of which there is only the row in SQL it is written by hand::

        then: list[JobRequest] = [{"job_type": "story.print", "params": {"copies": 2}}]
        return Completed(result=text, then=then)
    """

    job_type: Required[str]
    params: Required[dict[str, JsonValue]]


def require_request(given: object, where: str) -> None:
    """Checks what is to be a request, in plain JSON; its options are for the queue to check.

    Raises:
        UnstorableError: it is none.
    """
    request = cast("Mapping[str, object]", given if isinstance(given, Mapping) else {})
    if not (isinstance(request.get("job_type"), str) and isinstance(request.get("params"), dict)):
        raise UnstorableError(where, "it takes a request for a job: story.request(…)")
