"""What went wrong with a command: its code, in a line, and what to do about it, in another."""

import httpx

from supajobs.errors import (
    InvalidRequestError,
    SupabaseRefusedError,
    SupabaseUnavailableError,
    SupajobsError,
    UnknownJobTypeError,
    UserGoneError,
)
from supajobs.queue.database import HOW_TO_WRITE, READ_ONLY
from supajobs.queue.keys import HOW_TO_UNLOCK, is_about_key

# Of functions, tables, columns and relationships: PostgREST's codes and Postgres' own.
_MISSING = {"PGRST200", "PGRST202", "PGRST204", "PGRST205", "42703", "42883", "42P01"}

_PUSH_THE_MIGRATIONS = (
    "Push the migrations: npx supabase link --project-ref <your-project-ref>, "
    "then npx supabase db push."
)

# Where the error's own words are for the user.
_FOR_OPERATORS = {
    UnknownJobTypeError: "There is no such job type.\nA migration adds its row to plan_job_types.",
    UserGoneError: "There is no such user.\nIs SUPABASE_URL the right project?",
}


def explain(error: SupajobsError, origin: str) -> str:
    """One line or two, or one per wrong field; `origin` is the address of the project."""
    if isinstance(error, InvalidRequestError):
        wrong = [": ".join(filter(None, each.values())) for each in error.errors]
        return "\n".join(f"{error.code}: {each}" for each in wrong)
    return f"{error.code}: {_tell(error, origin)}"


def _tell(error: SupajobsError, origin: str) -> str:
    match error:
        case SupabaseUnavailableError(__cause__=httpx.HTTPStatusError() as answer) if (
            answer.response.is_client_error
        ):
            return _explain_refusal(error.sqlstate, str(answer))
        case SupabaseUnavailableError():
            return _explain_silence(error.__cause__, origin)
        case SupabaseRefusedError():
            return _explain_refusal(error.sqlstate, error.reason)
        case UnknownJobTypeError() | UserGoneError():
            return _FOR_OPERATORS[type(error)]
        case _:
            return f"{error.message}\n{error.hint}" if error.hint else error.message


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
    if sqlstate == READ_ONLY:
        return f"The database takes no changes: {reason}.\n{HOW_TO_WRITE}"
    if is_about_key(sqlstate, reason):
        return f"Supabase refuses the key: {reason}.\n{HOW_TO_UNLOCK}"
    return f"Supabase refuses: {reason}.\nIs SUPABASE_URL the address of the project?"
