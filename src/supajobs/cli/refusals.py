"""What went wrong with a command, in a line, and what to do about it, in another."""

import httpx

from supajobs.errors import (
    NotAuthenticatedError,
    SupabaseRefusedError,
    SupabaseUnavailableError,
    SupajobsError,
)

# Of functions, tables, columns and relationships: PostgREST's codes and Postgres' own.
_MISSING = {"PGRST200", "PGRST202", "PGRST204", "PGRST205", "42703", "42883", "42P01"}
_PERMISSION_DENIED = "42501"

_HOW_TO_UNLOCK = (
    "Set SUPABASE_SECRET_KEY to the secret key of this project: sb_secret_… or the legacy "
    "service_role key."
)
_PUSH_THE_MIGRATIONS = (
    "Push the migrations: npx supabase link --project-ref <your-project-ref>, "
    "then npx supabase db push."
)


def explain(error: SupajobsError, origin: str, last_failure: Exception | None = None) -> str:
    """One line or two.

    `origin` is the address of the project; `last_failure` made us ask again, until it was too late.
    """
    match error:
        case SupabaseUnavailableError(__cause__=TimeoutError()):
            return _explain_silence(last_failure or error.__cause__, origin)
        case SupabaseUnavailableError():
            return _explain_silence(error.__cause__, origin)
        case NotAuthenticatedError():
            return f"Supabase refuses the key: it does not verify.\n{_HOW_TO_UNLOCK}"
        case SupabaseRefusedError():
            return _explain_refusal(error.sqlstate, error.reason.removeprefix("None: "))
        case _:
            return f"{error}\n{error.hint}" if error.hint else str(error)


def _explain_silence(cause: BaseException | None, origin: str) -> str:
    if isinstance(cause, ValueError):
        return (
            f"{origin} gives {cause}.\n"
            "Is SUPABASE_URL the address of the project, and is every migration pushed?"
        )
    match cause:  # whose own words may quote the key
        case httpx.HTTPStatusError():
            what = f"HTTP {cause.response.status_code}"
        case httpx.ConnectError() | httpx.ConnectTimeout():
            what = "no connection"
        case httpx.DecodingError():
            what = "what does is no JSON"
        case httpx.TimeoutException() | TimeoutError():
            what = "no answer in time"
        case _:
            what = type(cause).__name__
    return (
        f"Supabase does not answer at {origin}: {what}.\n"
        "Check SUPABASE_URL, and in the dashboard whether the project runs or is paused."
    )


def _explain_refusal(sqlstate: str | None, reason: str) -> str:
    if sqlstate in _MISSING:
        return f"This project lacks what supajobs needs: {reason}.\n{_PUSH_THE_MIGRATIONS}"
    if sqlstate == _PERMISSION_DENIED or (
        not sqlstate and "key" in reason  # the gateway's word, which has no code
    ):
        return f"Supabase refuses the key: {reason}.\n{_HOW_TO_UNLOCK}"
    return f"Supabase refuses: {reason}.\nIs SUPABASE_URL the address of the project?"
