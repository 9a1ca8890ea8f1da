"""Training zones, normalized power, intensity factor and training stress score.

Source: Hunter Allen, Andrew R. Coggan, Stephen McGregor, "Training and Racing with a Power
Meter", 3rd edition, VeloPress, 2019.
"""

from collections.abc import Sequence
from itertools import accumulate, pairwise

ROLLING_SECONDS = 30
SECONDS_PER_HOUR = 3600

# Upper limit of each of Coggan's zones in percent of FTP; the last one is open.
ZONES: dict[str, float] = {
    "Z1 active recovery": 55,
    "Z2 endurance": 75,
    "Z3 tempo": 90,
    "Z4 threshold": 105,
    "Z5 VO2max": 120,
    "Z6 anaerobic": 150,
    "Z7 neuromuscular": float("inf"),
}


def zone_of(percent_ftp: float) -> str:
    """Coggan's zone of an intensity in percent of FTP."""
    return next(zone for zone, limit in ZONES.items() if percent_ftp <= limit)


def watts_at(ftp: int, percent_ftp: float) -> int:
    """Percent of FTP in whole watts."""
    return round(ftp * percent_ftp / 100)


def normalized_power(steps: Sequence[tuple[float, float]]) -> float:
    """Normalized power in watts of a ride given as (seconds, watts) steps of constant power.

    NP is the fourth root of the mean of the fourth power of the 30-second rolling average. No
    sampling is needed: the rolling average of constant steps is a broken line whose corners lie
    at the step borders and 30 s after them, and the fourth power of a straight line has a closed
    integral. Before the first second the rider counts as already at the first step's power.
    """
    borders = [0.0, *accumulate(seconds for seconds, _ in steps)]
    work = [0.0, *accumulate(seconds * watts for seconds, watts in steps)]
    total = borders[-1]
    corners = sorted(
        {*borders, *(b + ROLLING_SECONDS for b in borders if b + ROLLING_SECONDS < total)}
    )
    before = _work_until([c - ROLLING_SECONDS for c in corners], borders, work, steps)
    until = _work_until(corners, borders, work, steps)
    rolling = [(now - then) / ROLLING_SECONDS for now, then in zip(until, before, strict=True)]
    integral = sum(
        (end - start) * _mean_fourth_power(low, high)
        for (start, end), (low, high) in zip(pairwise(corners), pairwise(rolling), strict=True)
    )
    return (integral / total) ** 0.25


def _work_until(
    times: Sequence[float],
    borders: Sequence[float],
    work: Sequence[float],
    steps: Sequence[tuple[float, float]],
) -> list[float]:
    """Work in joules done until each of the rising `times`, extended below zero."""
    done: list[float] = []
    step = 0
    for time in times:
        while step + 1 < len(steps) and borders[step + 1] <= time:
            step += 1
        done.append(work[step] + (time - borders[step]) * steps[step][1])
    return done


def _mean_fourth_power(low: float, high: float) -> float:
    """Mean of x^4 along a straight line from low to high."""
    return sum(low**k * high ** (4 - k) for k in range(5)) / 5


def intensity_factor(np_watts: float, ftp: int) -> float:
    """IF: normalized power as a fraction of FTP."""
    return np_watts / ftp


def training_stress_score(seconds: float, np_watts: float, ftp: int) -> float:
    """TSS = (s * NP * IF) / (FTP * 3600) * 100; an hour at FTP is 100."""
    return seconds * np_watts * intensity_factor(np_watts, ftp) / (ftp * SECONDS_PER_HOUR) * 100
