"""Who may see the operator's page: CRON_SECRET, or an admin's token, is traded for a cookie."""

import hmac
from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from supajobs.api.callers import OperatorKey, authenticate_admin
from supajobs.api.dashboard.refusals import ForeignRequestError, JsonRequiredError
from supajobs.api.dashboard.session_cookies import COOKIE, WITH_THE_SECRET
from supajobs.api.dashboard.wrong_secrets import WrongSecrets
from supajobs.api.dependencies import PartsDep
from supajobs.api.refusals import SecretNotConfiguredError, WrongSecretError
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.settings import Settings

MAX_AGE = timedelta(hours=12)


class SessionRequest(BaseModel):
    """What the login form sends."""

    model_config = ConfigDict(extra="forbid")

    secret: Annotated[SecretStr, Field(max_length=1000)]


async def require_own_page(request: Request) -> None:
    """FastAPI dependency: refuses what another site has a browser send."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") != "same-origin":
        raise ForeignRequestError


async def require_json(request: Request) -> None:
    """FastAPI dependency: refuses what an HTML form could send, which asks no server before."""
    sent = request.headers.get("Content-Type", "").partition(";")[0]
    if sent.strip().lower() != "application/json":
        raise JsonRequiredError


FROM_THE_PAGE = [Depends(require_own_page), Depends(require_json)]
"""The dependencies of what changes something."""


async def require_session(request: Request, parts: PartsDep) -> str:
    """FastAPI dependency: lets those pass who have signed in, and tells who that is."""
    return parts.session_cookies.read(request.cookies.get(COOKIE, ""))


router = APIRouter(
    prefix="/session", route_class=StrictJsonRoute, dependencies=[Depends(require_own_page)]
)


@router.post("", status_code=status.HTTP_204_NO_CONTENT)
async def sign_in(
    request: Request,
    response: Response,
    parts: PartsDep,
    credentials: OperatorKey,
    body: SessionRequest | None = None,
) -> None:
    """Trades CRON_SECRET, or the token of an admin, for a cookie."""
    who, ends_at = WITH_THE_SECRET, datetime.now(UTC) + MAX_AGE
    if body is None:
        admin = await authenticate_admin(parts, credentials)
        who, ends_at = str(admin.id), min(ends_at, admin.expires_at)
    else:
        await _require_secret(parts.settings, parts.wrong_secrets, body.secret)
    response.set_cookie(
        COOKIE,
        parts.session_cookies.write(who, ends_at),
        max_age=max(0, int((ends_at - datetime.now(UTC)).total_seconds())),
        path=_find_path(request),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


@router.delete("", status_code=status.HTTP_204_NO_CONTENT)
async def sign_out(request: Request, response: Response) -> None:
    """Takes the cookie back."""
    response.delete_cookie(
        COOKIE,
        path=_find_path(request),
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )


async def _require_secret(settings: Settings, wrong: WrongSecrets, given: SecretStr) -> None:
    wrong.require_room()
    if not hmac.compare_digest(given.get_secret_value().encode(), _read_secret(settings)):
        await wrong.wait()
        raise WrongSecretError(hint="It is CRON_SECRET of this server's settings.")


def _read_secret(settings: Settings) -> bytes:
    if settings.cron_secret is None:
        raise SecretNotConfiguredError
    return settings.cron_secret.get_secret_value().encode()


def _find_path(request: Request) -> str:
    """Where this router is. Below another address the page itself does not work: it asks for /…."""
    return f"{request.scope.get('root_path', '')}/dashboard"
