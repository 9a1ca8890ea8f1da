"""What raised the error of an attempt, for the people who run the queue: no locals, no secrets."""

import os
import re
from collections.abc import Generator, Iterable, Sequence
from textwrap import indent
from traceback import FrameSummary, extract_tb, format_tb
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, ValidationError

from supajobs.storable import clean

MAX_MESSAGE = 1000  # characters
MAX_NAME = 200
MAX_FRAMES = 10
MAX_FRAME = 200
MAX_CAUSES = 2  # that an exception was raised from, one from the other
MAX_READ = 50_000  # characters of a message that are looked at
SHORTEST_SECRET = 8  # characters; what is shorter may be any word

HIDDEN = "[secret]"

# What of the environment is a secret, by its name.
_NAMES = re.compile(r"KEY|SECRET|TOKEN|PASSW|CREDENTIAL|DATABASE_URL|DSN", re.IGNORECASE)
# What is one by its looks, or by what stands before it. Bounded, for messages repeat what was sent.
_LOOKS = [
    re.compile(pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        r"(\bbearer\s+)[\w.~+/=-]+",
        r"(\bauthorization[\"']?\s*[=:]\s*[\"']?(?:\w{1,20}\s+)?)[^\s\"',;)}\]]+",
        r"(\b[\w-]{0,40}(?:key|secret|token|passw(?:or)?d)[\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;)}\]]{8,}",
        r"(://[^\s/:@]{0,200}:)[^\s/@]+(?=@)",
        r"()\beyJ[\w-]{8,2000}\.[\w-]+(?:\.[\w-]*)?",
        r"()\b(?:sb_secret_|sk[-_]|rk_|whsec_|gh[op]_|github_pat_|xox[abp]-|AIza)[\w-]{8,}",
        r"()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
        r"(-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----).*?(?:-----END|\Z)",
    )
]


class Cause(BaseModel):
    """An exception, its innermost frame last, and the one that it was raised from."""

    model_config = ConfigDict(frozen=True)

    exception: str
    message: str
    frames: tuple[str, ...] = ()
    cause: "Cause | None" = None


def describe(error: BaseException, secrets: Iterable[str] = ()) -> Cause:
    """The exception in words, without these secrets and what else is known as one."""
    return _describe(error, list_hidden(secrets), MAX_CAUSES)


def list_hidden(secrets: Iterable[str]) -> list[str]:
    """What `hide` is to hide: these and those of the environment, the longest first."""
    known = {*secrets, *(value for name, value in os.environ.items() if _NAMES.search(name))}
    hidden = {each for secret in known for each in (secret, quote(secret, safe=""))}
    return sorted((each for each in hidden if len(each) >= SHORTEST_SECRET), key=len)[::-1]


def _describe(error: BaseException, secrets: list[str], more: int) -> Cause:
    def tell(text: str) -> str:
        return clean(hide(text, secrets))

    name = _name(error)
    origin = _find_origin(error)
    return Cause(
        exception=tell(name)[:MAX_NAME],
        message=clean(hide_at_length(read_message(error), secrets))[:MAX_MESSAGE],
        frames=tuple(
            tell(_tell_frame(frame))[-MAX_FRAME:]
            for frame in extract_tb(error.__traceback__, limit=-MAX_FRAMES)
        ),
        cause=_describe(origin, secrets, more - 1) if origin and more else None,
    )


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def print_error(error: BaseException, secrets: Iterable[str] = ()) -> str:
    """The traceback as Python prints it, without what `describe` keeps to itself."""
    return hide("".join(_list_lines(error, set())), list_hidden(secrets))


def print_place(error: BaseException) -> str:
    """The traceback without anybody's words, where nobody knows what they may hold."""
    return "".join(_list_lines(error, set(), with_words=False))


def _list_lines(error: BaseException, seen: set[int], *, with_words: bool = True) -> Generator[str]:
    seen.add(id(error))
    origin = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if origin and id(origin) not in seen:
        yield from _list_lines(origin, seen, with_words=with_words)
        yield "\nFrom which came:\n\n" if error.__cause__ else "\nWhile that was handled:\n\n"
    if error.__traceback__:
        yield "Traceback (most recent call last):\n"
    yield from format_tb(error.__traceback__)
    yield f"{_name(error)}: {read_message(error)}\n" if with_words else f"{_name(error)}\n"
    parts: Sequence[BaseException] = getattr(error, "exceptions", ())
    for part in parts if isinstance(error, BaseExceptionGroup) else ():
        if id(part) not in seen:
            yield indent("".join(_list_lines(part, seen, with_words=with_words)), "  | ")


def read_message(error: BaseException) -> str:
    """What it says, without the input that pydantic's errors repeat."""
    if isinstance(error, ValidationError):
        found = error.errors(include_url=False, include_context=False, include_input=False)
        return "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found)
    try:
        return "\n".join([str(error), *getattr(error, "__notes__", ())])
    except BaseException:  # noqa: BLE001 - somebody's __str__: what it raises tells nothing of the job
        return "(it cannot be printed)"


def _tell_frame(frame: FrameSummary) -> str:
    return f"{frame.filename}:{frame.lineno} in {frame.name}: {frame.line or ''}"


def _find_origin(error: BaseException) -> BaseException | None:
    """What it was raised from; of a group, the first of it."""
    parts: Sequence[BaseException] = getattr(error, "exceptions", ())
    if parts and isinstance(error, BaseExceptionGroup):
        return parts[0]
    return error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def hide(text: str, secrets: list[str]) -> str:
    """The text without these, and without what looks like a secret."""
    for secret in secrets:
        text = text.replace(secret, HIDDEN)
    for looks in _LOOKS:
        text = looks.sub(rf"\1{HIDDEN}", text)
    return text


def hide_at_length(text: str, secrets: list[str]) -> str:
    """The same of a text of any length, whose end may be missing; to be cut, it is hidden first."""
    if len(text) <= MAX_READ:
        return hide(text, secrets)
    longest = max(map(len, secrets), default=1)  # of which the end may be a part
    return hide(text[:MAX_READ], secrets)[:-longest]
