"""What the text of a task says beside what is to be done: when, by whom, how long, which number."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from supajobs.handlers.projects.task_list.dates import DATE, make_date
from supajobs.handlers.projects.task_list.inline_text import InlineText
from supajobs.handlers.projects.task_list.one_line import make_line
from supajobs.handlers.projects.task_list.tasks import Warn
from supajobs.handlers.projects.task_list.unreadable import (
    is_unreadable_due,
    is_unreadable_estimate,
)

MAX_TEXT = 1_000  # characters
MAX_OWNERS = 20
MAX_WEIGHT = 1_000  # days
DAYS = {"min": 1 / 480, "h": 1 / 8, "d": 1.0, "w": 5.0}
"""A day has eight hours, a week five days."""

_NUMBER = re.compile(
    r"([0-9]{1,4}(?:\.[0-9]{1,4}){1,8}[a-z]?|[0-9]{1,4}(?=[.)]))"
    r"[.):]? +(?:[:\N{EN DASH}\N{EM DASH}-] +)?(?=.)"
)
_DUE = [
    re.compile(rf"@?\bdue ?\( ?{DATE} ?\)", re.IGNORECASE),
    re.compile(
        rf"(?:\b(?:due(?: date| on| by)?|deadline|by|until) ?[:=]? ?|[📅🗓]\ufe0f? ?){DATE}",
        re.IGNORECASE,
    ),
    re.compile(rf"(?<=\(){DATE}(?=\))"),
]
_AMOUNT = r"([0-9]{1,6}(?:[.,][0-9]{1,4})?)"
_UNIT = r"(min|h|d|w)(?:s|utes?|rs?|ours?|ays?|ks?|eeks?)?"
_WEIGHTS = [  # with the amount as second group, the unit as third
    re.compile(rf"(?<=[(\[,])(?<![0-9],)( ?)~? ?{_AMOUNT} ?{_UNIT}(?= ?[)\],])", re.IGNORECASE),
    re.compile(
        rf"\b(weight|estimate|effort) ?[:=] ?{_AMOUNT}(?: ?{_UNIT}\b)?"
        r"(?![\w.]|[,/\N{EN DASH}-][0-9])",
        re.IGNORECASE,
    ),
]
# A name after @, as in @anna; no address, package (@types/node) or call (@cache()).
_OWNER = re.compile(r"(?<![\w@./\\-])@([^\W\d_][\w.-]{0,38}+)(?![\w/(@])")
# Of single spaces. The lookbehind keeps a run of separators from being tried from each of them.
_LEFT_OVER = re.compile(
    r"[(\[][ ,;]*[)\]]|(?<=[(\[])[ ,;]+|(?<![ ,;])[ ,;]+(?=[)\]])| (?=[,;.])|,(?= ?,)"
)
_UNSEEN = "…"  # in place of a text that is but a comment or marks nobody sees
_AT_END = " ,;|·\N{EN DASH}\N{EM DASH}-"


@dataclass(frozen=True, slots=True)
class TaskFields:
    """What is read from the text of a task."""

    text: str
    likeness: str
    """By which the task is recognised: the text without owners and capitals."""
    due: dt.date | None
    owners: list[str]
    weight: float | None
    number: str | None


def read_fields(text: InlineText, line: int, warn: Warn) -> TaskFields:
    """Takes apart what a task says."""
    whole = text.shown
    number = _take_number(text)
    due = _take_due(text, line, warn)
    weight = _take_weight(text, line, warn)
    found = list(_OWNER.finditer(text.prose))
    owners = {each[1].rstrip(".-").casefold(): each[1].rstrip(".-") for each in reversed(found)}
    shown = text.shown if len(text.shown) == len(whole) else _tidy(text.shown)
    if len(whole) > MAX_TEXT:
        warn(line, "text_too_long", f"The text is cut to {MAX_TEXT} characters.")
    return TaskFields(
        text=make_line(shown, MAX_TEXT) or make_line(whole, MAX_TEXT) or _UNSEEN,
        likeness=_tidy(_leave_out(text.shown, found)).casefold(),
        due=due,
        owners=list(reversed(owners.values()))[:MAX_OWNERS],
        weight=weight,
        number=number,
    )


def _leave_out(text: str, found: Sequence[re.Match[str]]) -> str:
    ends = [0, *(each.end() for each in found)]
    starts = [*(each.start() for each in found), len(text)]
    return "".join(text[end:start] for end, start in zip(ends, starts, strict=True))


def _tidy(text: str) -> str:
    """Without empty brackets and ends of lists, from which something was taken."""
    for _ in range(2):  # what is left within brackets, and then these
        text = _LEFT_OVER.sub("", " ".join(text.split()))
    return " ".join(text.split()).rstrip(_AT_END)


def _take_number(text: InlineText) -> str | None:
    if not (found := _NUMBER.match(text.prose)):
        return None
    text.cut(0, found.end())
    return found[1]


def _take_due(text: InlineText, line: int, warn: Warn) -> dt.date | None:
    for pattern in _DUE:
        if found := pattern.search(text.prose):
            if day := make_date(found):
                text.cut(*found.span())
            else:
                warn(line, "unreadable_date", f"No calendar has the {'-'.join(found.groups())}.")
            return day
    if is_unreadable_due(text.prose):
        warn(line, "unreadable_date", "The due date is no date like 2026-12-31.")
    return None


def _take_weight(text: InlineText, line: int, warn: Warn) -> float | None:
    for pattern in _WEIGHTS:
        if found := pattern.search(text.prose):
            text.cut(*found.span())
            weight = float(found[2].replace(",", ".")) * DAYS[(found[3] or "d").lower()]
            if weight <= MAX_WEIGHT:
                return round(weight, 4)
            message = f"An estimate of more than {MAX_WEIGHT} days is left out."
            warn(line, "estimate_too_large", message)
            return None
    if is_unreadable_estimate(text.prose):
        warn(line, "unreadable_estimate", "The estimate is none like 3h, 2.5d or 1w.")
    return None
