"""What else may be said of a job that is to be, as people say it: checked before it is sent."""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum
from functools import cache
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    TypeAdapter,
    ValidationError,
)

from supajobs.errors import InvalidRequestError
from supajobs.storable import TEXT_RULE, clean

Options = TypeVar("Options")


class Priority(IntEnum):
    """The names of three priorities between 0, the lowest, and 10.

    Higher ones start first::

        await jobs.enqueue(story, StoryRequest(hero="Fox"), user_id=user_id, priority=Priority.HIGH)
    """

    LOW = 2
    NORMAL = 5
    HIGH = 8


HIGHEST = 10
_WORDS = {priority.name.lower(): priority for priority in Priority}
PRIORITIES = f"One of {', '.join(_WORDS)}, or a whole number from 0 to {HIGHEST}"


def read_priority(given: object) -> int:
    """A priority, of its word or its number.

    Raises:
        ValueError: there is no such one.
    """
    level = _WORDS.get(given) if isinstance(given, str) else given
    if isinstance(level, int) and not isinstance(level, bool) and 0 <= level <= HIGHEST:
        return level
    raise ValueError(PRIORITIES)


def read_name(given: object) -> str:
    """The name of a job type, which a row and a list of them can hold.

    Raises:
        TypeError: it is none.
    """
    if isinstance(given, str) and given.strip() and given == clean(given):
        return given
    raise TypeError(f"the name of a job type is text, not {given!r}")


def require_text(given: str) -> str:
    """The text, which can be stored.

    Raises:
        ValueError: it cannot.
    """
    if clean(given) != given:
        raise ValueError(TEXT_RULE)
    return given


def _require_time(given: object) -> object:
    """Refuses what pydantic would make a time of: a date, a number, a text."""
    if given is None or isinstance(given, datetime):
        return given
    raise ValueError("A datetime with a time zone: datetime.now(UTC) + timedelta(hours=2)")


Word = Literal["low", "normal", "high"]
Level = Annotated[int | Word, BeforeValidator(read_priority)]
Due = Annotated[AwareDatetime, BeforeValidator(_require_time)]
STORABLE = AfterValidator(require_text)
Text = Annotated[str, STORABLE]
Line = Annotated[
    str,
    # Of which something is to be seen.
    Field(pattern=r"^[^\x00-\x1f\x7f]*[^\s\x00-\x1f\x7f][^\x00-\x1f\x7f]*$"),
    STORABLE,
]
Key = Annotated[str, Field(min_length=1, max_length=255), STORABLE]
Ttl = Annotated[int, Field(ge=1, le=168, strict=True)]
MAX_DEBOUNCE_SECONDS = 7 * 86400
Debounce = Annotated[float, Field(ge=0, le=MAX_DEBOUNCE_SECONDS, strict=True)]


def check_debounce(seconds: float | None, max_seconds: float | None) -> None:
    """Checks what is said of the time that a job waits for newer requests.

    Raises:
        ValueError: the two do not go together.
    """
    if max_seconds is not None:
        if seconds is None:
            raise ValueError("Send debounce_seconds with debounce_max_seconds")
        if max_seconds < seconds:
            raise ValueError("debounce_max_seconds is no less than debounce_seconds")


def read_options(kind: type[Options], given: Mapping[str, Any]) -> Options:
    """What was given of a TypedDict's options.

    Raises:
        InvalidRequestError: one of them is not what it should be.
        TypeError: there is no such option.
    """
    require_known(kind, given)
    try:
        read: Options = _adapt(kind).validate_python(given)
        _check_together(read)
    except ValidationError as error:
        raise InvalidRequestError.of(error, within="") from None
    except ValueError as error:
        raise InvalidRequestError([{"loc": (), "msg": str(error)}]) from None
    return read


def _check_together(options: Any) -> None:
    debounce = options.get("debounce_seconds")
    check_debounce(debounce, options.get("debounce_max_seconds"))
    if debounce is not None and (options.get("run_at"), options.get("after")) != (None, None):
        raise ValueError("When a debounced job starts, the requests for it decide")


def require_known(kind: type[Any], given: Mapping[str, Any]) -> None:
    """Checks the names of options alone.

    Raises:
        TypeError: there is no such option.
    """
    known = kind.__required_keys__ | kind.__optional_keys__
    if unknown := [name for name in given if name not in known]:
        names = ", ".join(sorted(known))
        raise TypeError(f"a job has no option {unknown[0]!r}, but {names}")


@cache
def _adapt(kind: type[Options]) -> TypeAdapter[Options]:
    return TypeAdapter(kind)
