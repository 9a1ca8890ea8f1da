"""What is meant as a due date or an estimate, and is written as none that can be read.

What could as well be prose is none: "due to rain", "due next to the door", "(see 3d model)".
"""

import re

_DATE = r"(?:[0-9]{4,}+[-/][0-9]{1,2}[-/][0-9]|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{4})"
# After "due" alone: elsewhere, they may be versions.
_LOOSE_DATE = (
    r"(?:[0-9]{4}(?:\.[0-9]{1,2}\.[0-9]|-[0-9]{1,2}\b)"
    r"|[0-9]{1,2}[-/.][0-9]{1,2}[-/.][0-9]{2}\b)"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?"
    r"|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY_OF_MONTH = rf"(?:{_MONTH}\.? [0-9]|[0-9]{{1,2}}(?:st|nd|rd|th|\.)?(?: of)? {_MONTH}\b)"
_WEEKDAY = r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
_SPAN = rf"(?:day|week|month|quarter|year|{_WEEKDAY})"
_WORDS = (
    rf"(?:today|tonight|tomorrow|(?:next |this )?{_WEEKDAY}|(?:next|this) {_SPAN}|{_MONTH}"
    rf"|(?:the )?end of (?:the |this |next )?(?:{_SPAN}|{_MONTH})|in [0-9]{{1,4}} {_SPAN}s?"
    r"|eo[dwmqy]|q[1-4](?:[ /][0-9]{4})?)"
)
_END = r"(?= ?(?:$|[()\[\],.;!@]))"  # in prose, more words follow
_DUE = re.compile(
    r"\b(?:due|deadline)[:=] ?[^ ]|\bdue\(|[📅🗓]"
    r"|\b(?:due(?: date| on| by| at)?|deadline) ?[:=]? ?"
    rf"(?:{_DATE}|{_LOOSE_DATE}|{_DAY_OF_MONTH}|{_WORDS}{_END})"
    rf"|\b(?:by|until) ?[:=]? ?{_DATE}"
    rf"|(?<=\(){_DATE}[0-9]{{0,4}}\)",
    re.IGNORECASE,
)

# With one dot at most, as 1.0.2h is a version; with an e only where it is too short for the name of
# a commit, as 787e24d.
_NUMBER = r"(?:[0-9](?:\.[0-9]++)?e[-+]?[0-9]{1,3}+|[0-9]++(?:,[0-9]{3}){0,9}+(?:[.,][0-9]++)?)"
_TO = r" ?[/\N{EN DASH}-] ?"
_SIGN = r"[-+\N{MINUS SIGN}]"
_UNIT = r"(?:min(?:ute)?|h(?:(?:ou)?r)?|d(?:ay)?|w(?:(?:ee)?k)?)s?"
_ESTIMATE = re.compile(
    rf"(?<=[(\[,]) ?~? ?{_SIGN}? ?{_NUMBER}(?:{_TO}{_NUMBER})? ?{_UNIT}"
    rf"(?: ?[0-9]{{1,6}} ?{_UNIT}){{0,3}} ?[)\],]"
    rf"|\b(?:weight|estimate|effort) ?[:=] ?~?{_SIGN}? ?(?:\.?[0-9]|(?:nan|inf(?:inity)?)\b)",
    re.IGNORECASE,
)


def is_unreadable_due(prose: str) -> bool:
    """Whether a text of which no due date was read says one all the same."""
    return bool(_DUE.search(prose))


def is_unreadable_estimate(prose: str) -> bool:
    """The same of estimates."""
    return bool(_ESTIMATE.search(prose))
