"""The OpenAPI description: what FastAPI finds out by itself, and what holds for all routes."""

import re
from http import HTTPStatus
from importlib.metadata import version
from typing import Any, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.telemetry import TelemetryConfig
from pydantic.json_schema import models_json_schema
from starlette.types import Lifespan

from supajobs import errors
from supajobs.api import refusals
from supajobs.api.problems import MEDIA_TYPE, FieldProblem, Problem, refuses
from supajobs.api.refusals import (
    AnonymousUserRefusedError,
    BodyTooLargeError,
    BodyTooSlowError,
    HeadTooLargeError,
    HeadTooSlowError,
    NotHttpError,
    NotOperatorError,
    RoleRefusedError,
    SecretNotConfiguredError,
    WrongSecretError,
    WrongSignatureError,
)
from supajobs.errors import (
    InvalidRequestError,
    NotAuthenticatedError,
    NotRunningError,
    ServerBusyError,
    SeveralRunningError,
    SupabaseRefusedError,
    SupabaseUnavailableError,
    SupajobsError,
)
from supajobs.handlers.projects import refusals as project_refusals
from supajobs.job_options import PRIORITIES

Schema = dict[str, Any]

DESCRIPTION = """\
Durable background jobs for Supabase apps.

A user asks for something slow, and closes the app; the job runs all the same. Requests carry the
`access_token` of the user's Supabase session. Everything is also served under `/api/v1`.

Refusals are `application/problem+json` (RFC 9457) with a stable `code`. A request that got no
answer may be sent again: with the same `Idempotency-Key` it makes no second job.
"""

TAGS = {
    "jobs": "Request jobs, follow them, cancel them, and run them again.",
    "schedules": "Jobs that recur, in the time zone of their user.",
    "plans": "Training plans: the same jobs in the words of an app that offers nothing else.",
    "projects": "Repositories that users connect: their plans, their skills, and what changed.",
    "push-tokens": "Devices that are told when jobs have ended.",
    "tools": "What may be called by name. The server decides what answers at once.",
    "queue": "For the trigger and for those who run the queue.",
    "health": "For load balancers and monitors.",
}

# What every call of the database may end with.
_DATABASE = (SupabaseRefusedError, SupabaseUnavailableError, ServerBusyError)

# What any route may refuse, by its security scheme.
GUARDED: dict[str, tuple[type[SupajobsError], ...]] = {
    "userToken": (NotAuthenticatedError, RoleRefusedError, AnonymousUserRefusedError, *_DATABASE),
    "operator": (NotAuthenticatedError, RoleRefusedError, NotOperatorError, *_DATABASE),
    "cronSecret": (WrongSecretError, SecretNotConfiguredError, *_DATABASE),
    "forgeSignature": (WrongSignatureError, *_DATABASE),
}

HEADERS = {
    "X-Request-Id": "The request's name in the log: the caller's own, if it sent one that fits.",
    "traceparent": "The trace that the request belongs to (W3C Trace Context).",
    "Location": "Where to follow the job.",
    "ETag": "The version of the job, for `If-None-Match`.",
    "Link": 'The next page, as `<…>; rel="next"`, if there is one (RFC 8288).',
    "Preference-Applied": "The `wait` that was granted (RFC 7240).",
    "Retry-After": "Seconds after which it is worth asking again.",
    "WWW-Authenticate": "What kind of credentials is missing.",
}
PYTHON_EXAMPLE = re.compile(r"\n\n[^\n]*::\n\n.*", re.DOTALL)  # at the end of a docstring
ALWAYS = ("X-Request-Id", "traceparent")
WITH_STATUS = {
    HTTPStatus.UNAUTHORIZED: ("WWW-Authenticate",),
    HTTPStatus.TOO_MANY_REQUESTS: ("Retry-After",),
    HTTPStatus.SERVICE_UNAVAILABLE: ("Retry-After",),
}

# Where an answer leads: to operations, whose parameter is one of its fields.
_OF_A_JOB = {
    "get_job": {"job_id": "id"},
    "follow_job": {"job_id": "id"},
    "cancel_job": {"job_id": "id"},
    "retry_job": {"job_id": "id"},
}
_OF_A_PLAN = {
    "get_plan_status": {"job_id": "job_id"},
    "get_plan": {"plan_id": "plan_id"},
}
LINKS = {
    "Job": _OF_A_JOB,
    "RequestedJob": _OF_A_JOB,
    "PlanStatus": _OF_A_PLAN,
    "RequestedPlan": _OF_A_PLAN,
}

ERRORS: dict[str, type[SupajobsError]] = {
    error.code: error
    for error in (
        *vars(errors).values(),
        *vars(refusals).values(),
        *vars(project_refusals).values(),
    )
    if isinstance(error, type)
    and issubclass(error, SupajobsError)
    and error
    not in {
        NotRunningError,
        SeveralRunningError,
        HeadTooSlowError,
        NotHttpError,
    }  # no answers to a request here
}


class DescribedAPI(FastAPI):
    """An app whose /openapi.json tells a client generator all it needs."""

    def __init__(
        self, lifespan: Lifespan[FastAPI], telemetry: TelemetryConfig, **options: Any
    ) -> None:
        super().__init__(
            title="supajobs",
            version=version("supajobs"),
            description=DESCRIPTION,
            servers=[{"url": "/", "description": "Where this description comes from."}],
            openapi_tags=[{"name": tag, "description": text} for tag, text in TAGS.items()],
            generate_unique_id_function=_operation_id,
            lifespan=lifespan,
            telemetry=telemetry,
            **options,
        )

    def openapi(self) -> Schema:
        """The description; made once."""
        if self.openapi_schema is None:
            self.openapi_schema = _complete(super().openapi())
        return self.openapi_schema


def _operation_id(route: APIRoute) -> str:
    return route.name


def carries(*headers: str) -> Schema:
    """For one of a route's `responses`: the headers that it has besides those of all answers."""
    return {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in headers}}


def _complete(schema: Schema) -> Schema:
    """What FastAPI says, with what holds for all routes."""
    for path in schema["paths"].values():
        for operation in path.values():
            _add_refusals(operation)
            for status, response in operation["responses"].items():
                _describe_response(HTTPStatus(int(status)), response)
            for parameter in operation.get("parameters", ()):
                _describe_parameter(parameter)
    paths = _tidy(schema["paths"])
    schemas = schema["components"]["schemas"]
    for fastapis_own in ("HTTPValidationError", "ValidationError"):
        schemas.pop(fastapis_own, None)
    _, problem = models_json_schema(
        [(Problem, "serialization")], ref_template="#/components/schemas/{model}"
    )
    return {
        **schema,
        "paths": paths,
        "components": {
            **schema["components"],
            "schemas": _tidy(schemas | problem["$defs"]),
            "headers": {
                name: {"description": text, "schema": {"type": "string"}}
                for name, text in HEADERS.items()
            },
            "examples": {code: _example(error) for code, error in ERRORS.items()},
        },
    }


def _add_refusals(operation: Schema) -> None:
    """Adds the refusals that come from what the operation takes, not from what it does."""
    responses = operation["responses"]
    if "application/json" in responses.get("422", {}).get("content", {}):
        del responses["422"]  # FastAPI's own, which problems.py replaces
    refusals = [
        ERRORS[code] for response in responses.values() for code in _problem(response)["examples"]
    ]
    for requirement in operation.get("security", ()):
        for scheme in requirement:
            refusals += GUARDED[scheme]
    if "requestBody" in operation:
        refusals += [InvalidRequestError, BodyTooSlowError, BodyTooLargeError]
    elif "parameters" in operation:
        refusals.append(InvalidRequestError)
    unique = dict.fromkeys([*refusals, HeadTooLargeError, SupajobsError])
    responses |= {str(status): refusal for status, refusal in refuses(*unique).items()}


def _describe_response(status: HTTPStatus, response: Schema) -> None:
    if response["description"] == "Successful Response":  # FastAPI's, of 202 as of 200
        response["description"] = status.phrase
    headers = ALWAYS
    if _problem(response)["examples"]:
        headers += WITH_STATUS.get(status, ())
    response.setdefault("headers", {}).update(carries(*headers)["headers"])
    match response:
        case {"content": {"application/json": {"schema": {"$ref": reference}}}}:
            links = LINKS.get(reference.removeprefix("#/components/schemas/"), {})
        case _:
            links = {}
    if links:
        response["links"] = {
            operation: {
                "operationId": operation,
                "parameters": {
                    name: f"$response.body#/{field}" for name, field in parameters.items()
                },
            }
            for operation, parameters in links.items()
        }


def _problem(response: Schema) -> Schema:
    """The content of a refusal; for other responses, of one without examples."""
    return response.get("content", {}).get(MEDIA_TYPE, {"examples": {}})


def _describe_parameter(parameter: Schema) -> None:
    match parameter["schema"]:
        case {"anyOf": [given, {"type": "null"}], **annotations}:
            # None is Python's word for a parameter that is not sent.
            parameter["schema"] = {**given, **annotations}
        case _:
            pass
    if parameter["in"] == "header":
        parameter["name"] = parameter["name"].title()
        if parameter["schema"].get("type") == "array":  # of lines, and clients send one
            parameter["schema"] = {"type": "string"}


_FIELD_PROBLEM = FieldProblem(field="priority", message=PRIORITIES)


def _example(error: type[SupajobsError]) -> Schema:
    problem = Problem(
        type=f"urn:supajobs:{error.code}",
        title=error.status.phrase,
        status=error.status,
        code=error.code,
        detail=error.tell(),
        hint=error.hint,
        errors=[_FIELD_PROBLEM] if error is InvalidRequestError else None,
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    )
    return {"summary": error.tell(), "value": problem.model_dump(exclude_none=True)}


def _tidy(node: Any) -> Any:
    """The same in fewer words: no titles that repeat a field's name, no 600.0 for 600, no Python.

    OpenAPI 3.1 has no `itemSchema`; there, the `schema` of a stream describes each event.
    """
    match node:
        case dict():
            return {
                "schema" if key == "itemSchema" else key: (
                    value if key in {"default", "example", "examples"} else _tidy(value)
                )
                for key, value in cast("Schema", node).items()
                if not (key == "title" and isinstance(value, str))
            }
        case list():
            return [_tidy(each) for each in cast("list[Any]", node)]
        case float() if node.is_integer():
            return int(node)
        case str():
            return PYTHON_EXAMPLE.sub("", node)
        case _:
            return node
