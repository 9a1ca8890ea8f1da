"""What a Supabase project is reached with: its address and its API keys, and how they look."""

from enum import StrEnum

import jwt
from pydantic import AnyHttpUrl


class KeyKind(StrEnum):
    """What a key is, by its looks."""

    PUBLISHABLE = "a publishable key"
    SECRET = "a secret key"  # noqa: S105 - the words for it
    UNKNOWN = "no API key of Supabase"


def tell_kind(key: str) -> KeyKind:
    """The kind of a key, as its prefix or (a legacy one, which is a JWT) its role says it."""
    if not key.isascii():  # the placeholder of .env.example
        return KeyKind.UNKNOWN
    if key.startswith("sb_publishable_"):
        return KeyKind.PUBLISHABLE
    if key.startswith("sb_secret_"):
        return KeyKind.SECRET
    try:
        claims = jwt.decode(key, options={"verify_signature": False})
    except jwt.PyJWTError:
        return KeyKind.UNKNOWN
    roles = {"anon": KeyKind.PUBLISHABLE, "service_role": KeyKind.SECRET}
    return roles.get(str(claims.get("role")), KeyKind.UNKNOWN)


def require_scheme(url: object) -> object:
    """The address as it is given.

    Raises:
        ValueError: it begins with its host.
    """
    if isinstance(url, str) and "://" not in url:
        raise ValueError("begins with https://, or with http:// on this machine")
    return url


def check_project_url(url: AnyHttpUrl) -> AnyHttpUrl:
    """The address.

    Raises:
        ValueError: there is something behind it, as /rest/v1.
    """
    if url.path not in (None, "/") or url.query or url.fragment:
        raise ValueError(
            f"is the project's address alone: {url.scheme}://{_read_host(url)}, without what "
            "follows"
        )
    return url


def _read_host(url: AnyHttpUrl) -> str:
    return f"{url.host}:{url.port}" if url.port not in (None, 80, 443) else str(url.host)
