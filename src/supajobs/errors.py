"""Every error supajobs answers with, and the one place that renders them over HTTP.

A class's docstring is the message that people read; its `code` is what programs compare.
"""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import structlog
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

logger = structlog.get_logger()


class SupajobsError(Exception):
    """Something went wrong on our side. It is in the log under this trace id."""

    status = HTTPStatus.INTERNAL_SERVER_ERROR
    code = "internal_error"
    hint: str | None = None
    headers: dict[str, str] = {}  # noqa: RUF012 - overridden whole, never changed in place

    def __init__(self, message: str | None = None, *, hint: str | None = None) -> None:
        super().__init__(message or type(self).__doc__)
        self.hint = hint or self.hint


class NotAuthenticatedError(SupajobsError):
    """Sign in: the request carries no valid Supabase access token."""

    status = HTTPStatus.UNAUTHORIZED
    code = "not_authenticated"
    hint = "Send the session's access_token as 'Authorization: Bearer …'."
    headers = {"WWW-Authenticate": "Bearer"}  # noqa: RUF012 - see the base class


class WrongSecretError(SupajobsError):
    """The queue's secret is missing or wrong."""

    status = HTTPStatus.UNAUTHORIZED
    code = "wrong_secret"
    hint = "Send CRON_SECRET as 'Authorization: Bearer …'."
    headers = {"WWW-Authenticate": "Bearer"}  # noqa: RUF012 - see the base class


class SecretNotConfiguredError(SupajobsError):
    """This server has no CRON_SECRET, so nobody can trigger its processor."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "secret_not_configured"
    hint = "Set CRON_SECRET and restart."


class JobNotFoundError(SupajobsError):
    """You have no such job."""

    status = HTTPStatus.NOT_FOUND
    code = "job_not_found"


class PlanNotFoundError(SupajobsError):
    """You have no such plan."""

    status = HTTPStatus.NOT_FOUND
    code = "plan_not_found"


class JobFinishedError(SupajobsError):
    """The job has ended; there is nothing left to cancel."""

    status = HTTPStatus.CONFLICT
    code = "job_finished"


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

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.headers = {"Retry-After": str(retry_after)}


class UnknownJobTypeError(SupajobsError):
    """There is no such job type."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "unknown_job_type"


class ProjectRequiredError(SupajobsError):
    """Jobs of this type belong to a project."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "project_required"
    hint = "Send project_id."


class UserGoneError(SupajobsError):
    """The account behind this token no longer exists."""

    status = HTTPStatus.UNAUTHORIZED
    code = "user_gone"
    hint = "Sign in again."


class InvalidRequestError(SupajobsError):
    """The request is not valid; see errors."""

    status = HTTPStatus.UNPROCESSABLE_ENTITY
    code = "invalid_request"

    def __init__(self, errors: Sequence[Any], *, within: str = "") -> None:
        """Takes pydantic's `errors()`; `within` is the field that held the validated value."""
        super().__init__()
        self.errors = [
            {
                "field": ".".join([within] * bool(within) + [str(part) for part in error["loc"]]),
                "message": error["msg"].removeprefix("Value error, "),
            }
            for error in errors
        ]


class SupabaseUnavailableError(SupajobsError):
    """The database cannot be reached at the moment. Nothing was lost; try again."""

    status = HTTPStatus.SERVICE_UNAVAILABLE
    code = "supabase_unavailable"
    headers = {"Retry-After": "5"}  # noqa: RUF012 - see the base class


class SupabaseRefusedError(SupajobsError):
    """The database refused the call. The reason is in the log under this trace id."""

    code = "supabase_refused"

    def __init__(self, sqlstate: str | None, reason: str | None) -> None:
        super().__init__()
        self.sqlstate = sqlstate
        self.reason = f"{sqlstate}: {reason}"
        self.add_note(self.reason)  # tracebacks show it, answers to users do not


def render(error: SupajobsError, request: Request) -> JSONResponse:
    """The error as application/problem+json (RFC 9457), with its code and the trace id."""
    problem: dict[str, Any] = {
        "type": f"urn:supajobs:{error.code}",
        "title": HTTPStatus(error.status).phrase,
        "status": error.status,
        "code": error.code,
        "detail": str(error),
    }
    if error.hint:
        problem["hint"] = error.hint
    if isinstance(error, InvalidRequestError):
        problem["errors"] = error.errors
    problem["trace_id"] = request.scope.get("trace_id")
    return JSONResponse(
        problem,
        status_code=error.status,
        headers=error.headers,
        media_type="application/problem+json",
    )


def _location(error: dict[str, Any]) -> tuple[int | str, ...]:
    """Where an error lies in the body, or in which other part of the request."""
    if error["type"] == "json_invalid":
        return ()  # FastAPI names the position in the text, the message does too
    return error["loc"][1:] if error["loc"][0] == "body" else error["loc"]


def _reason(error: SupajobsError) -> str:
    """The words for the log: they may say more than the user is told."""
    if isinstance(error, SupabaseRefusedError):
        return error.reason
    return repr(error.__cause__ or error)


def install_error_handlers(app: FastAPI) -> None:
    """Makes every error of the app, expected or not, leave as application/problem+json."""

    @app.exception_handler(SupajobsError)
    async def _ours(request: Request, error: SupajobsError) -> JSONResponse:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            logger.error("request_failed", code=error.code, reason=_reason(error))
        return render(error, request)

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        errors = [{**each, "loc": _location(each)} for each in error.errors()]
        return render(InvalidRequestError(errors), request)

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> JSONResponse:
        status = HTTPStatus(error.status_code)
        answer = SupajobsError(str(error.detail))
        answer.status, answer.code = status, status.name.lower()
        answer.headers = dict(error.headers or {})
        return render(answer, request)

    @app.exception_handler(Exception)
    async def _unexpected(request: Request, error: Exception) -> JSONResponse:
        logger.error("request_crashed", exc_info=error)
        return render(SupajobsError(), request)
