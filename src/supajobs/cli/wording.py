"""Times, amounts and foreign text as people read them."""

from datetime import UTC, datetime

_UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


def tell_seconds(seconds: float) -> str:
    """A duration in its two largest units: 350 ms, 1.2 s, 3 min 5 s, 2 d 4 h."""
    if round(seconds, 3) < 1:
        return f"{seconds * 1000:.0f} ms"
    if round(seconds, 1) < 60:  # noqa: PLR2004 - a minute
        return f"{seconds:.1f} s"
    amounts: list[str] = []
    rest = round(seconds)
    for size, unit in _UNITS:
        amount, rest = divmod(rest, size)
        if amount or amounts:
            amounts.append(f"{amount} {unit}" if amount else "")
    return " ".join(amounts[:2]).strip()


def tell_distance(time: datetime) -> str:
    """How long ago, or in how long, in the largest unit: 3 min ago, in 2 h."""
    seconds = (datetime.now(UTC) - time).total_seconds()
    for size, unit in _UNITS:
        if abs(seconds) >= size:
            amount = f"{int(abs(seconds) // size)} {unit}"
            return f"{amount} ago" if seconds > 0 else f"in {amount}"
    return "now"


def tell_time(time: datetime) -> str:
    """A time in the local zone, and how far it is: 2026-11-22 14:03:05 CET, 3 min ago."""
    return f"{time.astimezone():%Y-%m-%d %H:%M:%S %Z}, {tell_distance(time)}"


def tell_cost(dollars: float | None) -> str:
    """Dollars, to as many digits as a call to a model is worth; empty where it is not known."""
    return "" if dollars is None else f"${dollars:,.4f}"


def clean(text: str) -> str:
    """One line of what users, providers and handlers wrote, with nothing that steers a terminal."""
    return "".join(
        each if each.isprintable() else " " if each.isspace() else "\N{REPLACEMENT CHARACTER}"
        for each in text
    )
