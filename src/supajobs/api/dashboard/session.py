"""Who may see the operator's page: CRON_SECRET, or an admin's token, is traded for a cookie."""

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Annotated

import jwt
from fastapi import APIRouter, Depends, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from supajobs.api.callers import OperatorKey, authenticate_admin
from supajobs.api.dashboard.refusals import (
    DashboardSessionRequiredError,
    ForeignRequestError,
    JsonRequiredError,
)
from supajobs.api.dashboard.wrong_secrets import WrongSecrets
from supajobs.api.dependencies import PartsDep
from supajobs.api.refusals import SecretNotConfiguredError, WrongSecretError
from supajobs.api.strict_json import StrictJsonRoute
from supajobs.settings import Settings

COOKIE = "supajobs_dashboard"
MAX_AGE = timedelta(hours=12)
ALGORITHM = "HS256"
AUDIENCE = "supajobs:dashboard"


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


async def require_session(request: Request, parts: PartsDep) -> None:
    """FastAPI dependency: lets those pass who have signed in."""
    try:
        jwt.decode(
            request.cookies.get(COOKIE, ""),
            derive_key(parts.settings),
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            options={"require": ["exp", "aud"]},
        )
    except jwt.PyJWTError:
        raise DashboardSessionRequiredError from None


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
    ends_at = datetime.now(UTC) + MAX_AGE
    if body is None:
        admin = await authenticate_admin(parts, credentials)
        ends_at = min(ends_at, admin.expires_at)
    else:
        await _require_secret(parts.settings, parts.wrong_secrets, body.secret)
    response.set_cookie(
        COOKIE,
        jwt.encode({"aud": AUDIENCE, "exp": ends_at}, derive_key(parts.settings), ALGORITHM),
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


def derive_key(settings: Settings) -> bytes:
    """Of another use than the secret itself, so that no cookie is worth guessing it by."""
    return hmac.digest(_read_secret(settings), b"supajobs dashboard session", sha256)


def _find_path(request: Request) -> str:
    """Where the page is, also in an app that is mounted below an address."""
    return f"{request.scope.get('root_path', '')}/dashboard"
