"""Calls that carry many entries: what is wrong with one of them concerns that one alone."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TypeVar

from supajobs.errors import SupabaseUnavailableError

Entry = TypeVar("Entry")
Answer = TypeVar("Answer")
Key = TypeVar("Key")

# SQLSTATE classes that say nothing of what was sent, and PostgREST's own codes.
_OF_ALL = ("08", "25", "53", "57P", "58", "PGRST")


async def send_batch(
    send: Callable[[Sequence[Entry]], Awaitable[Sequence[Answer]]], entries: Sequence[Entry]
) -> list[Answer | Exception]:
    """One call, if all goes well: for each entry, in turn, its answer or the error that it met.

    What is said of several may be about one of them, so then the halves are sent apart.
    """
    try:
        return list(await send(entries))
    except Exception as error:  # noqa: BLE001 - it goes to those whom it concerns
        if len(entries) == 1 or not may_be_about_one(error):
            return [error] * len(entries)
    middle = len(entries) // 2
    return [
        *await send_batch(send, entries[:middle]),
        *await send_batch(send, entries[middle:]),
    ]


def may_be_about_one(error: Exception) -> bool:
    """Whether another call may be answered otherwise."""
    if isinstance(error, SupabaseUnavailableError):
        return error.sqlstate is not None and not error.sqlstate.startswith(_OF_ALL)
    return True


def in_turn(answers: Mapping[Key, Answer], keys: Sequence[Key]) -> list[Answer]:
    """The answers in the order of what was asked.

    Raises:
        SupabaseUnavailableError: one is missing, so nobody knows what became of its entry.
    """
    try:
        return [answers[key] for key in keys]
    except KeyError:
        raise SupabaseUnavailableError(reason="an answer without one of its entries") from None
