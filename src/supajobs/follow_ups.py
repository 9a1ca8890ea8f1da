"""What a running job asks for further jobs with."""

from collections.abc import Mapping, Sequence
from typing import Literal, Required
from uuid import UUID

from pydantic import JsonValue
from typing_extensions import TypedDict  # which pydantic reads, before Python 3.12

from supajobs.job_options import Debounce, Due, Level, Text, Ttl

OnParentFailure = Literal["cancel", "run"]
After = Sequence[UUID | Text] | Mapping[Text, UUID | Text]
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
