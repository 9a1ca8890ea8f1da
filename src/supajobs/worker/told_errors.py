"""What users are told of an error: discreet and of a bounded length, whatever a handler wrote."""

from collections.abc import Iterable

from pydantic import JsonValue
from pydantic_core import to_json

from supajobs.causes import hide, hide_at_length, list_hidden
from supajobs.loggers import get_logger
from supajobs.outcomes import JobError
from supajobs.storable import MAX_WHERE, UnstorableError, cut

logger = get_logger(__name__)

MAX_MESSAGE = 2000  # characters
MAX_CODE = 100
MAX_DETAIL = 16_384  # bytes of JSON
NO_CODE = "refused"  # as that of a PermanentError which names none


def tell_user(error: JobError, secrets: Iterable[str] = ()) -> JobError:
    """The error without these secrets and what else is known as one, no longer than it may be.

    What is cut or left out, is in the log, without them as well.
    """
    hidden = list_hidden(secrets)
    detail = _hide_within(_bound(error.detail, hidden), hidden)
    return JobError(
        code=_shorten(error.code, MAX_CODE, hidden, "code") or NO_CODE,
        message=_shorten(error.message, MAX_MESSAGE, hidden, "message"),
        detail=detail,
    )


def tell_where(error: UnstorableError, secrets: Iterable[str]) -> str:
    """The place of what cannot be stored, whose keys may be secrets, and of any length."""
    return cut(hide_at_length(error.where, list_hidden(secrets)), MAX_WHERE)


def _shorten(text: str, most: int, hidden: list[str], where: str) -> str:
    told = hide_at_length(text, hidden)
    if len(text) > most:
        logger.warning("error_cut", where=f"error.{where}", length=len(text), reason=told)
    return cut(told, most)


def _bound(detail: JsonValue, hidden: list[str]) -> JsonValue:
    if detail is None or (size := len(written := to_json(detail))) <= MAX_DETAIL:
        return detail
    why = f"{size} bytes of JSON; {MAX_DETAIL} is the most"
    told = hide_at_length(written.decode(), hidden)
    logger.warning("error_detail_dropped", where="error.detail", why=why, reason=told)
    return {"left_out": why}


def _hide_within(value: JsonValue, hidden: list[str]) -> JsonValue:
    """The same in all texts of a value; what a key calls a secret is one, too."""
    match value:
        case str():
            return hide(value, hidden)
        case list():
            return [_hide_within(each, hidden) for each in value]
        case dict():
            return {
                hide(key, hidden): _hide_named(key, each, hidden) for key, each in value.items()
            }
        case _:
            return value


def _hide_named(key: str, value: JsonValue, hidden: list[str]) -> JsonValue:
    if isinstance(value, str):
        before = f"{key}="
        return hide(before + value, hidden).removeprefix(hide(before, hidden))
    return _hide_within(value, hidden)
