"""Whether Supabase refuses a key, and what the people who run supajobs do then."""

import httpx

HOW_TO_UNLOCK = (
    "Set SUPABASE_SECRET_KEY to the secret key of this project: sb_secret_… or the legacy "
    "service_role key."
)
# Of roles without a right, and of keys that do not verify.
_WITHOUT_RIGHTS = {"42501", "PGRST301", "PGRST302", "PGRST303"}


def is_about_key(sqlstate: str | None, reason: str) -> bool:
    """Whether the caller's key was refused, and not what the call carries."""
    if sqlstate:
        return sqlstate in _WITHOUT_RIGHTS
    return "key" in reason  # the gateway's word, which has no code


def is_expired_token(request: httpx.Request, sqlstate: str | None) -> bool:
    """Whether a user's token has expired, on the way here or by a clock that is ahead of ours."""
    return sqlstate == "PGRST303" and not _is_ours(request)


def explain_refusal(request: httpx.Request, sqlstate: str | None, reason: str) -> str:
    """The reason, with what to do where it is our key; of a user's call, the token may be it."""
    if _is_ours(request) and is_about_key(sqlstate, reason):
        return f"Supabase refuses the key: {reason}. {HOW_TO_UNLOCK}"
    return reason


def _is_ours(request: httpx.Request) -> bool:
    return request.headers.get("Authorization") == f"Bearer {request.headers.get('apikey')}"
