"""Whether tokens of users can be verified: the project's published keys."""

import time

import httpx
from pydantic import BaseModel, TypeAdapter, ValidationError

from supajobs.doctor.finding import Verdict, error, ok, warning
from supajobs.doctor.project import Project

PATH = "/auth/v1/.well-known/jwks.json"
SLOW = 1.0  # s
ASYMMETRIC = {"EC", "RSA", "OKP"}

_MIGRATE = "Dashboard → Settings → JWT Keys: migrate to signing keys and rotate to an ECC one"


class _Key(BaseModel):
    kty: str


class _KeySet(BaseModel):
    keys: list[_Key]


_key_set = TypeAdapter(_KeySet)


async def check_jwks(project: Project) -> Verdict:
    """Whether the project publishes keys that tokens can be verified with."""
    started = time.monotonic()
    try:
        response = await project.get(PATH)
    except httpx.HTTPError as reason:
        return error(
            f"{PATH} does not answer: {type(reason).__name__}. Users' tokens cannot be verified.",
            "Try again; see the Dashboard's logs of Auth and status.supabase.com.",
        )
    seconds = time.monotonic() - started
    try:
        keys = _key_set.validate_json(response.content).keys
    except ValidationError:
        return error(
            f"{PATH} answers {response.status_code}, and no keys.",
            "See whether SUPABASE_URL is the project's own address, and Auth is enabled.",
        )
    if not any(key.kty in ASYMMETRIC for key in keys):
        return _judge_legacy(project)
    if seconds > SLOW:
        return warning(
            f"{PATH} took {seconds:.1f} s; the first requests of each process wait for it.",
            "Try again; if it stays slow, see status.supabase.com.",
        )
    return ok("The project publishes its signing keys.")


def _judge_legacy(project: Project) -> Verdict:
    if project.settings.supabase_jwt_secret is None:
        return error(
            "The project signs tokens with the legacy shared secret (HS256), and "
            "SUPABASE_JWT_SECRET is not set: the API refuses all users.",
            f"{_MIGRATE}; or set SUPABASE_JWT_SECRET to the legacy secret there.",
        )
    return warning(
        "The project signs tokens with the legacy shared secret (HS256), which the API must know.",
        f"{_MIGRATE}, then remove SUPABASE_JWT_SECRET.",
    )
