from datetime import UTC, datetime, timedelta

import pytest

from supajobs.cli.wording import clean, tell_cost, tell_distance, tell_seconds


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 ms"),
        (0.0654, "65 ms"),
        (0.9999, "1.0 s"),
        (1.24, "1.2 s"),
        (59.99, "1 min"),
        (60, "1 min"),
        (185, "3 min 5 s"),
        (3600, "1 h"),
        (3660.9, "1 h 1 min"),
        (86_400 + 60, "1 d"),
        (10 * 86_400 + 7200, "10 d 2 h"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert tell_seconds(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "now"), (12.5, "12 s ago"), (185, "3 min ago"), (-3700, "in 1 h"), (2e6, "23 d ago")],
)
def test_distances(seconds: float, words: str) -> None:
    assert tell_distance(datetime.now(UTC) - timedelta(seconds=seconds)) == words


def test_costs() -> None:
    assert [tell_cost(cost) for cost in (None, 0.0, 0.01234, 1234.5)] == [
        *("", "$0.0000", "$0.0123", "$1,234.5000")
    ]


def test_nothing_steers_the_terminal() -> None:
    assert clean("Grüße\n\x1b[2J\x9b1m\u202e") == "Grüße \ufffd[2J\ufffd1m\ufffd"
