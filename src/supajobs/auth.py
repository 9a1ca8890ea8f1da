"""Users, by their Supabase access tokens."""

import asyncio
import math
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Self
from uuid import UUID

import httpx
import jwt

from supajobs.errors import NotAuthenticatedError, SupabaseUnavailableError
from supajobs.loggers import get_logger
from supajobs.settings import Settings

logger = get_logger(__name__)

KEYS_MAX_AGE = 600.0  # s; Supabase's own clients trust a key set this long
KEYS_FRESH_AGE = 300.0  # s; older ones are fetched anew while they still serve
KEYS_MIN_AGE = 10.0  # s; tokens with unknown key ids cause at most one fetch in this time
KEYS_RETRY_SECONDS = 1.0  # without any keys, they are asked for this often
KEYS_PATIENCE = 0.4  # s; how long a request waits for keys: it has a database to wait for as well
FETCH_TIMEOUT = 5.0  # s; the fetch may last longer, for the requests after that one

MAX_REMEMBERED = 10_000  # tokens, of about 1 kB
MAX_TOKEN_LENGTH = 16_384  # characters; Supabase's are near 1,000, and its gateway takes no more
CLOCK_SKEW = timedelta(seconds=10)


@dataclass(frozen=True)
class User:
    """A verified user, and the token to read with as this user, until it expires.

    A route has the one who calls::

        @app.get("/me")
        async def get_me(user: CurrentUser) -> UUID:
            return user.id
    """

    id: UUID
    access_token: str = field(repr=False)
    expires_at: datetime
    role: object
    is_anonymous: bool
    is_admin: bool

    @classmethod
    def of(cls, claims: dict[str, Any], access_token: str) -> Self:
        """The user whom a verified token's claims describe.

        Raises:
            ValueError, OverflowError, OSError: they describe none.
        """
        user_id = UUID(claims["sub"])
        if str(user_id) != claims["sub"].lower():
            raise ValueError("an id in a form that Postgres does not read")
        return cls(
            user_id,
            access_token,
            expires_at=datetime.fromtimestamp(int(claims["exp"]), UTC),
            role=claims.get("role"),
            is_anonymous=bool(claims.get("is_anonymous")),
            is_admin=_is_admin(claims),
        )


def _is_admin(claims: dict[str, Any]) -> bool:
    match claims:
        # Not user_metadata, which users write themselves.
        case {"app_metadata": {"role": "admin"}}:
            return True
        case _:
            return False


class TokenVerifier:
    """Verifies access tokens against the project's published keys (JWKS), which it caches.

    A fetch is shared by all who need it, and nobody waits for it who can do without. A token that
    was verified is remembered as long as the keys: its signature takes 0.1 ms to check.
    """

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        self._http = http
        self._jwks_url = f"{settings.supabase_origin}/auth/v1/.well-known/jwks.json"
        self._issuer = settings.jwt_issuer
        self._legacy_secret = settings.supabase_jwt_secret
        self._keys: dict[str | None, jwt.PyJWK] = {}
        self._verified: dict[str, User] = {}
        self._asked_at = self._fetched_at = -math.inf  # the latest fetch; the latest that succeeded
        self._fetching: asyncio.Task[None] | None = None

    async def verify(self, access_token: str) -> User:
        """The user that this token was issued to.

        Raises:
            NotAuthenticatedError: the token is malformed, expired, forged, or not a user's.
            SupabaseUnavailableError: the keys are needed and cannot be fetched.
        """
        if len(access_token) > MAX_TOKEN_LENGTH:
            raise NotAuthenticatedError
        if user := self._recall(access_token):
            return user
        try:
            key, algorithm = await self._find_key(access_token)
            claims: dict[str, Any] = jwt.decode(
                access_token,
                key,
                algorithms=[algorithm],
                audience="authenticated",
                issuer=self._issuer,
                leeway=CLOCK_SKEW,
                options={"require": ["exp", "sub", "aud", "iss"]},
            )
            user = User.of(claims, access_token)
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, OSError) as error:
            raise NotAuthenticatedError from error
        if len(self._verified) == MAX_REMEMBERED:
            self._verified.clear()
        self._verified[access_token] = user
        return user

    def refresh(self) -> None:
        """Starts to fetch the keys, unless that is under way or was done just now."""
        now = monotonic()
        has_keys = self._fetched_at > -math.inf
        gap = KEYS_MIN_AGE if has_keys else KEYS_RETRY_SECONDS
        is_fetching = self._fetching is not None and not self._fetching.done()
        if not is_fetching and now - self._asked_at > gap:
            self._asked_at = now
            self._fetching = asyncio.create_task(self._fetch())

    def _recall(self, access_token: str) -> User | None:
        """Whose token it is, if it was verified by the present keys and these are fresh."""
        if monotonic() - self._fetched_at > KEYS_FRESH_AGE:
            return None
        user = self._verified.get(access_token)
        return user if user and datetime.now(UTC) < user.expires_at + CLOCK_SKEW else None

    async def _find_key(self, access_token: str) -> tuple[Any, str]:
        """The key that the token's header names, and the one algorithm that this key is for."""
        head, _, _ = access_token.partition(".")
        header = jwt.get_unverified_header(f"{head}..")  # the rest is read once, when it is decoded
        if header.get("alg") == "HS256" and self._legacy_secret is not None:
            return self._legacy_secret.get_secret_value(), "HS256"
        key = await self._find_published_key(header.get("kid"))
        if key is None or key.algorithm_name not in {"ES256", "RS256", "EdDSA"}:
            raise NotAuthenticatedError
        return key.key, key.algorithm_name

    async def _find_published_key(self, key_id: str | None) -> jwt.PyJWK | None:
        age = monotonic() - self._fetched_at
        key = self._keys.get(key_id)
        if key is None or age > KEYS_FRESH_AGE:
            self.refresh()
        if self._fetching and (key is None or age > KEYS_MAX_AGE):
            await asyncio.wait({self._fetching}, timeout=KEYS_PATIENCE)
            key = self._keys.get(key_id)  # if nothing came, old keys are better than none
        if key is None and self._fetched_at < self._asked_at:
            # It may be a new key: its users are told to come back, not to sign in again.
            raise SupabaseUnavailableError(retry_after=1)
        return key

    async def _fetch(self) -> None:
        try:
            async with asyncio.timeout(FETCH_TIMEOUT):
                response = await self._http.get(self._jwks_url)
            response.raise_for_status()
            published = response.json()["keys"]
            # The set leaves out keys of a kind that we do not know; empty, it is an error to it.
            keys = jwt.PyJWKSet(published).keys if published else []
            self._keys = {key.key_id: key for key in keys}
            self._verified.clear()
        except Exception as error:  # noqa: BLE001 - whatever an answer breaks, the old keys still serve
            logger.warning("jwks_fetch_failed", reason=repr(error))
        else:
            self._fetched_at = self._asked_at
