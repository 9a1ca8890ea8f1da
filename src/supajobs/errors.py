"""Every error supajobs answers with. api/problems.py renders them.

The first paragraph of a class's docstring is the message that people read; its `code` is what
programs compare.
"""

import inspect
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Self

from pydantic import ValidationError


class SupajobsError(Exception):
    """Something went wrong on our side. It is in the log under this trace id.

    All that supajobs raises is one::

        try:
            await jobs.enqueue(story, StoryRequest(hero="Fox"), user_id=user_id)
        except SupajobsError as error:
            print(error.code, error.status, error)
    """

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"
    hint: str | None = None
    headers: dict[str, str] = {}  # noqa: RUF012 - overridden whole, never changed in place

    def __init__(
        self, message: str | None = None, *, hint: str | None = None, retry_after: int | None = None
    ) -> None:
        """`retry_after`: seconds."""
        self.message = message or self.tell()
        super().__init__(self.message)
        self.hint = hint or self.hint
        if retry_after is not None:
            self.headers = {**self.headers, "Retry-After": str(retry_after)}

    def __str__(self) -> str:
        """The message, and what to do, if that is known."""
        return f"{self.message} {self.hint}" if self.hint else self.message

    @classmethod
    def tell(cls) -> str:
        """What people read, unless there is more to say."""
        return inspect.cleandoc(cls.__doc__ or "").partition("\n\n")[0]

    @property
    def reason(self) -> str:
        """The words for the log: they may say more than the user is told."""
        return repr(self.__cause__ or self)


class NotAuthenticatedError(SupajobsError):
    """Sign in: the request carries no valid Supabase access token."""

    status = HTTPStatus.UNAUTHORIZED
    code = "not_authenticated"
    hint = "Send the session's access_token as 'Authorization: Bearer …'."
    headers = {"WWW-Authenticate": "Bearer"}  # noqa: RUF012 - see the base class


class NotRunningError(SupajobsError):
    """This app has background jobs in it, but does not run them."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "not_running"
    hint = (
        "Give the app that the server runs their lifespan, FastAPI(lifespan=jobs.lifespan), or let "
        "its own have `async with jobs`: of a mounted app, servers run none. A script, or a server "
        "without an event loop, asks by jobs.sync(), and a handler by job.enqueue."
    )


class SeveralRunningError(SupajobsError):
    """Several Supajobs run in this app, and this route does not say whose users it is for."""

    code = "several_running"
    hint = "Annotate its argument with the CurrentUser of one: user: jobs.CurrentUser."


class JobsNotRunningError(SupajobsError):
    """This process answers requests, but runs no jobs at the moment."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "jobs_not_running"
    hint = "It tries again by itself: see jobs_loop_died in its log. Other processes run jobs."
    headers = {"Retry-After": "5"}  # noqa: RUF012 - see the base class

    def __init__(self, *, because: str | None) -> None:
        """`because`: the kind of exception that has ended the loop of the jobs, if one has."""
        why = f"{self.tell()} Their event loop was ended by {because}." if because else None
        super().__init__(why)


class JobNotFoundError(SupajobsError):
    """You have no such job."""

    status = HTTPStatus.NOT_FOUND
    code = "job_not_found"


class JobFinishedError(SupajobsError):
    """The job has ended; there is nothing left to cancel."""

    status = HTTPStatus.CONFLICT
    code = "job_finished"


class SignalTooLateError(SupajobsError):
    """The job has waited for this until its time was over, and goes on without it."""

    status = HTTPStatus.CONFLICT
    code = "signal_too_late"


class JobNotFinishedError(SupajobsError):
    """The job is still on its way; there is nothing to retry."""

    status = HTTPStatus.CONFLICT
    code = "job_not_finished"


class ScheduleNotFoundError(SupajobsError):
    """You have no such schedule."""

    status = HTTPStatus.NOT_FOUND
    code = "schedule_not_found"


class ScheduleNameTakenError(SupajobsError):
    """You have another schedule of this name."""

    status = HTTPStatus.CONFLICT
    code = "schedule_name_taken"
    hint = "Change that one, or take another name."


class TooManySchedulesError(SupajobsError):
    """You have as many schedules as you may."""

    status = HTTPStatus.CONFLICT
    code = "too_many_schedules"
    hint = "Delete one that you no longer need."


class IdempotencyConflictError(SupajobsError):
    """This Idempotency-Key was used for another request."""

    status = HTTPStatus.CONFLICT
    code = "idempotency_conflict"
    hint = "Use a new key for a new request."


class EnqueueRateLimitedError(SupajobsError):
    """You have asked for as many of these as you may for the moment."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "rate_limited"
    hint = "Come back after the seconds in Retry-After."


class MonthlyCostReachedError(SupajobsError):
    """Your jobs of this type have cost what they may in a month."""

    status = HTTPStatus.TOO_MANY_REQUESTS
    code = "monthly_cost_reached"
    hint = "Come back next month: after the seconds in Retry-After."


class UnknownJobTypeError(SupajobsError):
    """There is no such job type."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "unknown_job_type"


class ProjectRequiredError(SupajobsError):
    """Jobs of this type belong to a project."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "project_required"
    hint = "Send project_id."


class DebounceWithoutDedupeError(SupajobsError):
    """Jobs of this type have no dedupe key to debounce by."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "debounce_without_dedupe"
    hint = "Set plan_job_types.dedupe_by, or leave debounce_seconds out."


class ParentNotFoundError(SupajobsError):
    """A job waits for jobs of the same user, and not all of these are there."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "parent_not_found"
    hint = "Send the ids of jobs that have not been deleted."


class ProviderKeyNotAllowedError(SupajobsError):
    """Jobs of this type take no key of your own."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "provider_key_not_allowed"
    hint = "Send the request without X-Provider-Key."


class ProviderKeyRequiredError(SupajobsError):
    """The job had brought a key of its own, which was erased when it ended."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "provider_key_required"
    hint = "Send it again as X-Provider-Key."


class ProviderKeysNotOfferedError(SupajobsError):
    """This server takes no keys of your own."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "provider_keys_not_offered"
    hint = "Set PROVIDER_KEY_SECRET and restart."


class UserGoneError(SupajobsError):
    """There is no such user, or not any more."""

    status = HTTPStatus.UNAUTHORIZED
    code = "user_gone"
    hint = "Whose token it was signs in again; else, user_id is an id of auth.users."


MAX_FIELD_ERRORS = 20  # enough to correct; a request could cause thousands of them
MAX_MESSAGE = 500  # characters; some messages repeat what was sent


class InvalidRequestError(SupajobsError):
    """The request is not valid; see errors."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid_request"

    def __init__(self, errors: Sequence[Any], *, within: str = "") -> None:
        """Takes pydantic's `errors()`; `within` is the field that held the validated value."""
        super().__init__()
        self.errors = [
            {
                "field": ".".join([within] * bool(within) + [*map(str, error["loc"])])[
                    :MAX_MESSAGE
                ],
                "message": error["msg"].removeprefix("Value error, ")[:MAX_MESSAGE],
            }
            for error in errors[:MAX_FIELD_ERRORS]
        ]
        for each in self.errors:  # tracebacks show them
            self.add_note(": ".join(filter(None, each.values())))

    @classmethod
    def of(cls, error: ValidationError, *, within: str) -> Self:
        """The first of what a model said; only what the answer tells of it is looked at."""
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return cls(found, within=within)


class SupabaseUnavailableError(SupajobsError):
    """The database cannot be reached at the moment. Nothing was lost; try again."""

    # Whatever keeps a call from its answer, and says nothing of what the call carries.
    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "supabase_unavailable"

    def __init__(
        self,
        retry_after: int = 5,
        *,
        sqlstate: str | None = None,
        reason: str | None = None,
        refused: bool = False,
    ) -> None:
        """`retry_after`: seconds; the latest answer's code, if any, and whether it was a 4xx."""
        super().__init__(retry_after=retry_after)
        self.retry_after, self._reason = retry_after, reason
        self.sqlstate, self.refused = sqlstate, refused
        if reason:
            self.add_note(reason)  # tracebacks show it, answers to users do not

    @property
    def reason(self) -> str:
        """What the latest answer was, or why there was none."""
        return self._reason or super().reason


class ServerBusyError(SupabaseUnavailableError):
    """There are more requests than this server can take at the moment. Try again."""

    code = "server_busy"

    def __init__(self) -> None:
        super().__init__(retry_after=1)


class SupabaseRefusedError(SupajobsError):
    """The database refused the call. The reason is in the log under this trace id."""

    # A verdict: what the call carries can never be stored.
    code = "supabase_refused"

    def __init__(self, sqlstate: str | None, reason: str | None) -> None:
        super().__init__()
        self.sqlstate = sqlstate
        self._reason = f"{sqlstate}: {reason}"
        self.add_note(self._reason)  # tracebacks show it, answers to users do not

    @property
    def reason(self) -> str:
        """The SQLSTATE, and the database's words."""
        return self._reason
