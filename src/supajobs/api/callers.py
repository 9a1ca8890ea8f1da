"""Who is calling: a user, by a Supabase access token; the queue's trigger, or an operator."""

from collections.abc import Awaitable, Callable
from hmac import compare_digest
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import SecretStr

from supajobs.api.dependencies import Parts, find_parts
from supajobs.api.problems import answer_errors_of
from supajobs.api.refusals import (
    AnonymousUserRefusedError,
    NotOperatorError,
    RoleRefusedError,
    SecretNotConfiguredError,
    WrongSecretError,
)
from supajobs.auth import User
from supajobs.errors import NotAuthenticatedError
from supajobs.project_access import KeyKind, tell_kind


def _bearer(name: str, description: str) -> HTTPBearer:
    return HTTPBearer(scheme_name=name, description=description, auto_error=False)


_Credentials = HTTPAuthorizationCredentials | None
_UserToken = Annotated[
    _Credentials, Depends(_bearer("userToken", "The `access_token` of the user's session."))
]
OperatorKey = Annotated[
    _Credentials,
    Depends(
        _bearer(
            "operator",
            "The project's secret key, or the `access_token` of a user whose `app_metadata` has "
            "the role `admin`.",
        )
    ),
]
_CronSecret = Annotated[_Credentials, Depends(_bearer("cronSecret", "The server's CRON_SECRET."))]


async def _authenticate(parts: Parts, credentials: _Credentials) -> User:
    if credentials is None:
        raise NotAuthenticatedError
    try:
        user = await parts.token_verifier.verify(credentials.credentials)
    except NotAuthenticatedError as error:
        raise _name_what_it_is(credentials.credentials) or error from error.__cause__
    settings = parts.settings
    if user.role not in settings.user_roles:
        # With any other role, Postgres would let it see what is not its user's.
        raise RoleRefusedError
    if user.is_anonymous and not settings.allow_anonymous_users:
        raise AnonymousUserRefusedError
    return user


def _name_what_it_is(token: str) -> NotAuthenticatedError | None:
    kind = tell_kind(token)
    if kind == KeyKind.UNKNOWN:
        return None
    return NotAuthenticatedError(f"That is an API key, {kind}, and not the token of a user.")


async def require_operator(request: Request, credentials: OperatorKey) -> None:
    """FastAPI dependency: lets those pass who run the queue.

    They carry the project's secret key, or the token of a user whose app_metadata has the role
    `admin`.
    """
    parts = find_parts(request)
    if _is_secret(credentials, parts.settings.supabase_secret_key):
        return
    await authenticate_admin(parts, credentials)


async def authenticate_admin(parts: Parts, credentials: _Credentials) -> User:
    """The user whose token this is, and who runs the queue."""
    user = await _authenticate(parts, credentials)
    if not user.is_admin:
        raise NotOperatorError
    return user


async def require_cron_secret(request: Request, credentials: _CronSecret) -> None:
    """FastAPI dependency: lets the queue's trigger pass."""
    secret = find_parts(request).settings.cron_secret
    if secret is None:
        raise SecretNotConfiguredError
    if not _is_secret(credentials, secret):
        raise WrongSecretError


async def holds_cron_secret(request: Request) -> bool:
    """Whether a request that anybody may make comes from one who has CRON_SECRET."""
    secret = find_parts(request).settings.cron_secret
    return secret is not None and _is_secret(await HTTPBearer(auto_error=False)(request), secret)


def _is_secret(credentials: _Credentials, secret: SecretStr) -> bool:
    """Compared in constant time."""
    given = credentials.credentials if credentials else ""
    return compare_digest(given.encode(), secret.get_secret_value().encode())


def authenticating(find: Callable[[Request], Parts]) -> Callable[..., Awaitable[User]]:
    """A FastAPI dependency: the user whose access token the request carries."""

    async def authenticate(request: Request, credentials: _UserToken) -> User:
        answer_errors_of(request)
        return await _authenticate(find(request), credentials)

    return authenticate


authenticate = authenticating(find_parts)
CurrentUser = Annotated[User, Depends(authenticate)]
"""For a route's argument: the signed-in user who calls it; others are refused (401).

On any route of an app in which a Supajobs runs::

    @app.get("/me")
    async def get_me(user: CurrentUser) -> UUID:
        return user.id
"""
