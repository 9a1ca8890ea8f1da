"""Who is calling: a user, by a Supabase access token; or the queue's trigger, by its secret."""

import asyncio
import time
from dataclasses import dataclass
from hmac import compare_digest
from typing import Annotated, Any
from uuid import UUID

import httpx
import jwt
import structlog
from fastapi import Depends, Request
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from supajobs.errors import (
    NotAuthenticatedError,
    SecretNotConfiguredError,
    SupabaseUnavailableError,
    WrongSecretError,
)
from supajobs.settings import Settings

logger = structlog.get_logger()

KEYS_MAX_AGE = 600.0  # s; Supabase's own clients trust a key set this long
KEYS_MIN_AGE = 10.0  # s; tokens with unknown key ids cause at most one fetch in this time
CLOCK_SKEW = 10.0  # s


@dataclass(frozen=True)
class User:
    """A verified user, and the token to read with as this user."""

    id: UUID
    access_token: str


class TokenVerifier:
    """Verifies access tokens against the project's published keys (JWKS), which it caches."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        self._http = http
        self._jwks_url = f"{settings.supabase_origin}/auth/v1/.well-known/jwks.json"
        self._issuer = settings.jwt_issuer
        self._legacy_secret = settings.supabase_jwt_secret
        self._keys: dict[str | None, jwt.PyJWK] | None = None  # until the first answer
        self._fetched_at = self._tried_at = 0.0
        self._fetching = asyncio.Lock()

    async def verify(self, access_token: str) -> User:
        """The user that this token was issued to.

        Raises:
            NotAuthenticatedError: the token is malformed, expired, forged, or not a user's.
            SupabaseUnavailableError: the keys are needed and cannot be fetched.
        """
        try:
            key, algorithm = await self._find_key(jwt.get_unverified_header(access_token))
            claims: dict[str, Any] = jwt.decode(
                access_token,
                key,
                algorithms=[algorithm],
                audience="authenticated",
                issuer=self._issuer,
                leeway=CLOCK_SKEW,
                options={"require": ["exp", "sub", "aud", "iss"]},
            )
            return User(UUID(claims["sub"]), access_token)
        except (jwt.PyJWTError, ValueError) as error:
            raise NotAuthenticatedError from error

    async def _find_key(self, header: dict[str, Any]) -> tuple[Any, str]:
        """The key that the header names, and the one algorithm that this key is for."""
        if header.get("alg") == "HS256" and self._legacy_secret is not None:
            return self._legacy_secret.get_secret_value(), "HS256"

        key_id = header.get("kid")
        async with self._fetching:
            if self._must_fetch(key_id):
                await self._fetch_keys()
        key = (self._keys or {}).get(key_id)
        if key is None or key.algorithm_name not in {"ES256", "RS256", "EdDSA"}:
            raise NotAuthenticatedError
        return key.key, key.algorithm_name

    def _must_fetch(self, key_id: str | None) -> bool:
        now = time.monotonic()
        if self._keys is None:
            return True
        wanted = key_id not in self._keys or now - self._fetched_at > KEYS_MAX_AGE
        return wanted and now - self._tried_at > KEYS_MIN_AGE

    async def _fetch_keys(self) -> None:
        self._tried_at = time.monotonic()
        try:
            response = await self._http.get(self._jwks_url)
            response.raise_for_status()
            published = response.json()["keys"]
            # The set leaves out keys of a kind that we do not know; empty, it is an error to it.
            keys = jwt.PyJWKSet(published).keys if published else []
        except (httpx.HTTPError, jwt.PyJWTError, ValueError, KeyError, TypeError) as error:
            if self._keys is not None:
                logger.warning("jwks_fetch_failed", reason=repr(error))
                return  # the keys at hand are better than turning everybody away
            raise SupabaseUnavailableError from error
        self._keys = {key.key_id: key for key in keys}
        self._fetched_at = self._tried_at


_bearer = HTTPBearer(auto_error=False)
_Credentials = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


async def authenticate(request: Request, credentials: _Credentials) -> User:
    """FastAPI dependency: the user whose access token the request carries."""
    if credentials is None:
        raise NotAuthenticatedError
    verifier: TokenVerifier = request.app.state.token_verifier
    return await verifier.verify(credentials.credentials)


async def require_cron_secret(request: Request, credentials: _Credentials) -> None:
    """FastAPI dependency: lets the queue's trigger pass, compared in constant time."""
    settings: Settings = request.app.state.settings
    if settings.cron_secret is None:
        raise SecretNotConfiguredError
    given = credentials.credentials if credentials else ""
    if not compare_digest(given.encode(), settings.cron_secret.get_secret_value().encode()):
        raise WrongSecretError


CurrentUser = Annotated[User, Depends(authenticate)]
