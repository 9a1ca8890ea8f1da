import asyncio
from enum import StrEnum
from functools import cache
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Path, Response, status
from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from supajobs.api.callers import CurrentUser
from supajobs.api.dependencies import IdempotencyKey, PartsDep
from supajobs.api.preferences import PreferredWait
from supajobs.api.problems import refuses
from supajobs.api.refusals import ToolNotFoundError, ToolTooSlowError
from supajobs.api.requested_jobs import RequestedJob
from supajobs.api.requests import ENQUEUE_REFUSALS, JobRequestsDep, PriorityField
from supajobs.api.schema import carries
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.errors import InvalidRequestError, ProjectRequiredError
from supajobs.handlers.tools import Tool
from supajobs.job_options import Priority
from supajobs.job_types import JobType
from supajobs.outcomes import JsonObject

router = APIRouter(prefix="/tools", tags=["tools"], route_class=StrictJsonRoute)

TOOL_SECONDS = 5.0  # for an immediate one; then the answer is 504


class ToolMode(StrEnum):
    """How a tool answers: within the request, or through a job."""

    IMMEDIATE = "immediate"
    QUEUED = "queued"


class ToolDescription(BaseModel):
    """What a tool does, and the JSON Schema of its params."""

    name: str
    description: str
    mode: ToolMode
    params: JsonObject


class ToolList(BaseModel):
    """All that may be called, by name."""

    tools: list[ToolDescription]


class ToolCall(BaseModel):
    """What a tool is called with; all but the params count only if it is queued."""

    model_config = ConfigDict(
        extra="forbid", json_schema_extra={"examples": [{"params": {"ftp": 265}}]}
    )

    params: JsonObject = Field(default_factory=dict)
    priority: PriorityField = Priority.NORMAL
    project_id: UUID | None = None


class ToolAnswer(BaseModel):
    """The result, or the job that will have it."""

    result: JsonValue
    job: RequestedJob | None


@router.get("")
async def list_tools(_user: CurrentUser, parts: PartsDep) -> ToolList:
    """List the tools, and what they want to know."""
    return ToolList(tools=[_describe(parts.registry[name]) for name in sorted(parts.registry)])


@router.post(
    "/{tool}",
    responses={
        200: {"description": "The result.", **carries("Location", "Preference-Applied")},
        202: {
            "model": ToolAnswer,
            "description": "The tool is queued.",
            **carries("Location", "Preference-Applied"),
        },
        **refuses(ToolNotFoundError, ToolTooSlowError, ProjectRequiredError, *ENQUEUE_REFUSALS),
    },
)
async def call_tool(  # noqa: PLR0913 - each argument is a part of the request
    tool: Annotated[str, Path(description="Its name.", examples=["training_zones"])],
    call: ToolCall,
    user: CurrentUser,
    parts: PartsDep,
    requests: JobRequestsDep,
    wait: PreferredWait,
    response: Response,
    idempotency_key: IdempotencyKey = None,
) -> ToolAnswer:
    """Call a tool. 200: here is its result. 202: it is queued; follow the job at `Location`.

    Which of the two is the server's decision. A queued call ends with 200 as well, if the job has
    ended when the answer leaves: ask for that with `Prefer: wait=N`.
    """
    match parts.registry.get(tool):
        case Tool() as immediate:
            return ToolAnswer(result=await _run(immediate, call.params), job=None)
        case JobType() as job_type:
            job = await requests.enqueue(
                user.id,
                job_type.name,
                call.params,
                within="params",
                idempotency_key=idempotency_key,
                wait=wait,
                priority=call.priority,
                project_id=call.project_id,
            )
        case None:
            raise ToolNotFoundError(hint=f"Known tools: {', '.join(sorted(parts.registry))}.")
    if not job.has_ended:
        response.status_code = status.HTTP_202_ACCEPTED
    response.headers["Location"] = requests.locate(f"jobs/{job.id}")
    return ToolAnswer(result=job.result, job=job)


@cache  # a JSON Schema takes milliseconds
def _describe(tool: Tool[Any] | JobType[Any]) -> ToolDescription:
    return ToolDescription(
        name=tool.name,
        description=tool.description,
        mode=ToolMode.IMMEDIATE if isinstance(tool, Tool) else ToolMode.QUEUED,
        params=tool.params.model_json_schema(),
    )


async def _run(tool: Tool[Any], params: JsonObject) -> JsonValue:
    try:
        valid = tool.params.model_validate(params)
    except ValidationError as error:
        raise InvalidRequestError.of(error, within="params") from error
    try:
        async with asyncio.timeout(TOOL_SECONDS):
            result = await tool.run(valid)
    except TimeoutError as error:
        raise ToolTooSlowError from error
    return result.model_dump(mode="json")
