"""Errors over HTTP: application/problem+json (RFC 9457), and how the schema tells of them."""

import math
from collections import defaultdict
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import iter_route_contexts
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, ExceptionHandler, Message, Receive, Scope, Send

from supajobs.api.trace import find_trace_id
from supajobs.errors import (
    MAX_FIELD_ERRORS,
    InvalidRequestError,
    SupajobsError,
)
from supajobs.loggers import get_logger
from supajobs.outcomes import read_retry_after

logger = get_logger(__name__)

MEDIA_TYPE = "application/problem+json"


class FieldProblem(BaseModel):
    """What is wrong with one field of the request."""

    field: str
    message: str


class Problem(BaseModel):
    """Why a request was refused. Programs compare `code`; people read `detail` and `hint`."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    hint: str | None = None
    errors: list[FieldProblem] | None = None
    retry_after: Annotated[
        int | None, Field(description="Seconds after which it is worth asking again.")
    ] = None
    trace_id: str


def describe(error: SupajobsError, trace_id: str) -> Problem:
    """The error in words for the client."""
    seconds = read_retry_after(error.headers.get("Retry-After", ""))
    return Problem(
        type=f"urn:supajobs:{error.code}",
        title=HTTPStatus(error.status).phrase,
        status=error.status,
        code=error.code,
        detail=error.message,
        hint=error.hint,
        errors=(
            [FieldProblem.model_validate(each) for each in error.errors]
            if isinstance(error, InvalidRequestError)
            else None
        ),
        retry_after=None if seconds is None else math.ceil(seconds),
        trace_id=trace_id,
    )


def render(error: SupajobsError, request: Request) -> JSONResponse:
    """The answer that an error makes."""
    problem = describe(error, find_trace_id(request.scope))
    return JSONResponse(
        problem.model_dump(exclude_none=True),
        status_code=error.status,
        headers=error.headers,
        media_type=MEDIA_TYPE,
    )


def refuses(*errors: type[SupajobsError]) -> dict[int | str, dict[str, Any]]:
    """For a route's `responses`: the problems that it may answer with, by status."""
    by_status = defaultdict[int, list[type[SupajobsError]]](list)
    for error in errors:
        by_status[error.status].append(error)
    return {
        status: {
            "description": " ".join(f"`{error.code}`: {error.tell()}" for error in same),
            "content": {
                MEDIA_TYPE: {
                    "schema": {"$ref": "#/components/schemas/Problem"},
                    "examples": {
                        error.code: {"$ref": f"#/components/examples/{error.code}"}
                        for error in same
                    },
                }
            },
        }
        for status, same in by_status.items()
    }


def _tell(error: dict[str, Any], request: Request) -> str:
    """What is wrong with a part of the request, where FastAPI's own words do not say what to do."""
    if error["type"] == "json_invalid":
        return f"Not JSON: {error['ctx']['error']}"
    if error["loc"] == ("body",) and error["type"] == "missing":
        return "The body is empty: send one of JSON"
    if error["loc"] == ("body",) and isinstance(error["input"], bytes):
        sent = request.headers.get("Content-Type", "none")
        return f"Send it with the header Content-Type: application/json; yours is {sent}"
    return str(error["msg"])


def _location(error: dict[str, Any]) -> tuple[int | str, ...]:
    """Where an error lies in the body, or in which other part of the request."""
    if error["type"] == "json_invalid":
        return ()  # FastAPI names the position, which the message does too
    return error["loc"][1:] if error["loc"][0] == "body" else error["loc"]


def _find_methods(request: Request) -> list[str]:
    """The methods of an address: each of its routes knows but its own."""
    routes = iter_route_contexts(request.app.routes)
    path = request.url.path.removeprefix(request.scope.get("root_path", ""))  # where it is mounted
    # An app's Host has no path.
    here = [route for route in routes if route.path and route.path_regex.match(path)]
    methods = {method for route in here for method in route.methods or ()}
    return sorted(methods | ({"HEAD"} if "GET" in methods else set()))


class CrashMiddleware:
    """Answers for what nobody expected.

    Starlette would call a handler for Exception outside of all middlewares, and its answer would
    go without ids and CORS headers.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handles one ASGI event stream."""
        has_started = False

        async def send_and_note(message: Message) -> None:
            nonlocal has_started
            has_started = True
            await send(message)

        try:
            await self._app(scope, receive, send_and_note)
        except Exception:
            logger.exception("request_crashed")
            if scope["type"] != "http" or has_started:
                raise  # the server cuts the answer off
            await render(SupajobsError(), Request(scope))(scope, receive, send)


async def _answer_ours(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, SupajobsError)  # noqa: S101 - as it is registered
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        logger.error("request_failed", code=error.code, reason=error.reason, hint=error.hint)
    return render(error, request)


async def _answer_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - same
    first = error.errors()[:MAX_FIELD_ERRORS]
    errors = [{"loc": _location(each), "msg": _tell(each, request)} for each in first]
    return render(InvalidRequestError(errors), request)


async def _answer_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - same
    status = HTTPStatus(error.status_code)
    answer = SupajobsError(str(error.detail))
    answer.status, answer.code = status, status.name.lower()
    answer.headers = dict(error.headers or {})
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(_find_methods(request))
    return render(answer, request)


ERROR_HANDLERS: dict[Any, ExceptionHandler] = {
    SupajobsError: _answer_ours,
    RequestValidationError: _answer_invalid,
    HTTPException: _answer_http,
}
"""They make every error that is expected leave as application/problem+json."""


def answer_errors_of(request: Request) -> None:
    """On a route of another app: lets it answer our errors, and ours alone, as we do.

    An app's handlers are fixed before its lifespan begins, and these belong to no other route.
    """
    handlers, _ = request.scope["starlette.exception_handlers"]
    handlers.setdefault(SupajobsError, _answer_ours)
