"""The cookie of who has signed in to the operator's page: who that is and until when, signed."""

from datetime import datetime
from hashlib import scrypt
from secrets import token_bytes

import jwt
from pydantic import SecretStr

from supajobs.api.dashboard.refusals import DashboardSessionRequiredError
from supajobs.settings import Settings

COOKIE = "supajobs_dashboard"
ALGORITHM = "HS256"
AUDIENCE = "supajobs:dashboard"
WITH_THE_SECRET = "secret"  # noqa: S105 - who signed in by CRON_SECRET, not as a user
SALT = b"supajobs dashboard session"  # the same in all processes, which take each other's cookies


class SessionCookies:
    """Those of all processes with the same CRON_SECRET."""

    def __init__(self, settings: Settings) -> None:
        secret = settings.cron_secret if settings.dashboard else None
        self._key = _derive_key(secret) if secret else token_bytes(32)

    def write(self, who: str, ends_at: datetime) -> str:
        """The cookie of a user, by id, or of who has CRON_SECRET."""
        claims = {"aud": AUDIENCE, "exp": ends_at, "sub": who}
        return jwt.encode(claims, self._key, ALGORITHM)

    def read(self, cookie: str) -> str:
        """Whose it is.

        Raises:
            DashboardSessionRequiredError: it is none of ours, or over.
        """
        try:
            claims = jwt.decode(
                cookie,
                self._key,
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                options={"require": ["exp", "aud", "sub"]},
            )
        except jwt.PyJWTError:
            raise DashboardSessionRequiredError from None
        return claims["sub"]


def _derive_key(secret: SecretStr) -> bytes:
    """Not the secret itself, and slowly, by some 50 ms: a cookie tells whether a guess is right."""
    return scrypt(secret.get_secret_value().encode(), salt=SALT, n=2**14, r=8, p=1, dklen=32)
