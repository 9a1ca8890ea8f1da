"""Forges tell of pushes: then the project is refreshed, a little later, and once for many of them.

GitHub and Forgejo sign the body (`X-Hub-Signature-256`: HMAC-SHA256 in hex, as
https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries has it); GitLab sends
the secret itself (`X-Gitlab-Token`).
"""

import hmac
from hashlib import sha256
from secrets import token_urlsafe
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response, Security, status
from fastapi.security import APIKeyHeader
from pydantic import BaseModel, SecretStr

from supajobs.api.caching import PERSONAL
from supajobs.api.callers import CurrentUser
from supajobs.api.dependencies import PartsDep
from supajobs.api.problems import refuses
from supajobs.api.refusals import WrongSignatureError
from supajobs.api.requests import ENQUEUE_REFUSALS, JobRequestsDep
from supajobs.errors import ProviderKeysNotOfferedError
from supajobs.handlers.projects import PROJECT_REFRESH, Projects
from supajobs.handlers.projects.refusals import ProjectNotFoundError, WebhookUnreadableError

router = APIRouter(prefix="/projects/{project_id}/webhook", tags=["projects"])

_Signature = Annotated[
    str | None,
    Security(
        APIKeyHeader(
            name="X-Hub-Signature-256",
            scheme_name="forgeSignature",
            description="`sha256=` and the HMAC of the body, by the webhook's secret. GitLab "
            "sends the secret itself instead, as `X-Gitlab-Token`.",
            auto_error=False,
        )
    ),
]

QUIET_SECONDS = 10.0  # a push of several branches is as many calls
MAX_QUIET_SECONDS = 60.0
PUSHES = {"push", "Push Hook"}


class Webhook(BaseModel):
    """What the forge is to be given. The secret is told this once."""

    path: str
    secret: str


class Pushed(BaseModel):
    """The job that will look at what was pushed; null, if nothing was."""

    job_id: UUID | None


@router.put("", responses=refuses(ProjectNotFoundError, ProviderKeysNotOfferedError))
async def set_webhook(
    project_id: UUID,
    user: CurrentUser,
    parts: PartsDep,
    requests: JobRequestsDep,
    response: Response,
) -> Webhook:
    """Let the forge of a project tell of pushes: get a secret for it, in place of the last one."""
    secret = token_urlsafe(32)
    await Projects(parts.database).set_webhook(project_id, user.id, SecretStr(secret))
    response.headers.update(PERSONAL)
    return Webhook(path=requests.locate(f"projects/{project_id}/webhook"), secret=secret)


@router.delete("", status_code=status.HTTP_204_NO_CONTENT, responses=refuses(ProjectNotFoundError))
async def delete_webhook(project_id: UUID, user: CurrentUser, parts: PartsDep) -> None:
    """Take no more calls of a project's forge."""
    await Projects(parts.database).set_webhook(project_id, user.id, None)


@router.post(
    "",
    status_code=status.HTTP_202_ACCEPTED,
    responses=refuses(WebhookUnreadableError, *ENQUEUE_REFUSALS),
)
async def receive_push(  # noqa: PLR0913 - each argument is a part of the request
    project_id: UUID,
    request: Request,
    parts: PartsDep,
    requests: JobRequestsDep,
    signature: _Signature,
    x_gitlab_token: Annotated[str | None, Header(description="The secret itself.")] = None,
    x_github_event: Annotated[str | None, Header()] = None,
    x_gitlab_event: Annotated[str | None, Header()] = None,
) -> Pushed:
    """For GitHub, GitLab and Forgejo: something was pushed. What else they tell of is ignored."""
    found = await Projects(parts.database).find_webhook(project_id)
    if found is None:
        raise WrongSignatureError
    user_id, secret = found
    key = secret.get_secret_value().encode()
    signed = f"sha256={hmac.new(key, await request.body(), sha256).hexdigest()}"
    is_signed = hmac.compare_digest((signature or "").encode(), signed.encode())
    is_told = hmac.compare_digest((x_gitlab_token or "").encode(), key)
    if not (is_signed or is_told):
        raise WrongSignatureError
    if {x_github_event, x_gitlab_event}.isdisjoint(PUSHES):
        return Pushed(job_id=None)
    job = await requests.enqueue(
        user_id,
        PROJECT_REFRESH,
        {},
        within="",
        project_id=project_id,
        debounce_seconds=QUIET_SECONDS,
        debounce_max_seconds=MAX_QUIET_SECONDS,
    )
    return Pushed(job_id=job.id)
