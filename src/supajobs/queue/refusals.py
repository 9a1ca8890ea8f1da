"""The database's refusals in our words."""

from supajobs.errors import (
    DebounceWithoutDedupeError,
    InvalidRequestError,
    ParentNotFoundError,
    ProjectRequiredError,
    ProviderKeyNotAllowedError,
    SupabaseRefusedError,
    SupajobsError,
    UnknownJobTypeError,
    UserGoneError,
)


def translate(  # noqa: PLR0911 - one for each
    sqlstate: str | None, detail: str | None, message: str | None, hint: str | None
) -> SupajobsError:
    """What people are told of a refusal. What is not expected keeps its reason for the log."""
    match sqlstate, detail:
        case "PT422", "unknown_job_type":
            return UnknownJobTypeError(message, hint=hint)
        case "PT422", "project_required":
            return ProjectRequiredError(message)
        case "PT422", "provider_key_not_allowed":
            return ProviderKeyNotAllowedError(message)
        case "PT422", "debounce_without_dedupe":
            return DebounceWithoutDedupeError(message)
        case "PT422", "parent_not_found":
            return ParentNotFoundError(message, hint=hint)
        case "PT422", (
            "after_malformed"
            | "debounce_out_of_range"
            | "debounce_with_another_start"
            | "idempotency_key_too_long"
            | "jobs_out_of_range"
            | "out_of_range"
            | "params_not_an_object"
            | "ref_repeated"
            | "run_at_out_of_range"
            | "signal_name_out_of_range"
            | "signal_too_large"
            | "too_many_parents"
            | "too_many_signals"
        ):
            return InvalidRequestError([{"loc": (), "msg": message}])
        case "PT422", "all_would_be_skipped":
            return InvalidRequestError([{"loc": ("overlap",), "msg": f"{message} {hint}"}])
        case "PT422", "follow_up_of_itself":
            return InvalidRequestError([{"loc": (), "msg": f"{message} {hint}"}])
        case "23503", _:
            return UserGoneError()
        case _:
            return SupabaseRefusedError(sqlstate, message)
