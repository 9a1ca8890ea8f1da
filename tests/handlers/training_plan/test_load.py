"""Power and load against numbers worked out by hand."""

import pytest

from supajobs.handlers.training_plan.cycling.fitness import Fitness, after_days
from supajobs.handlers.training_plan.cycling.power import (
    intensity_factor,
    normalized_power,
    training_stress_score,
    zone_of,
)

HOUR = 3600


def test_an_hour_at_ftp_is_100_tss() -> None:
    watts = normalized_power([(HOUR, 265)])
    assert watts == pytest.approx(265)
    assert intensity_factor(watts, 265) == pytest.approx(1)
    assert training_stress_score(HOUR, watts, 265) == pytest.approx(100)


def test_two_hours_at_three_quarters_of_ftp() -> None:
    # IF 0.75, so 2 h * 0.75^2 * 100 = 112.5.
    assert training_stress_score(2 * HOUR, 150, 200) == pytest.approx(112.5)


def test_long_steps_weigh_by_the_fourth_power() -> None:
    # Half the time 100 W, half 300 W: ((100^4 + 300^4) / 2)^(1/4) = 253.0; the one 30 s change
    # between them hardly moves it.
    assert normalized_power([(HOUR, 100), (HOUR, 300)]) == pytest.approx(253.0, abs=0.5)


def test_a_change_of_power_is_smoothed_over_30_seconds() -> None:
    # 30 s at 0 W, then 30 s at 200 W. The rolling mean is 0, then rises from 0 to 200: the mean
    # of its fourth power is (0 + 200^4 / 5) / 2, whose fourth root is 112.5.
    assert normalized_power([(30, 0), (30, 200)]) == pytest.approx(112.47, abs=0.01)


def test_short_on_and_off_is_nearly_steady() -> None:
    # With 15 s on and 15 s off every 30 s window holds 200 W, after the first one.
    steps = [(15.0, 300.0), (15.0, 100.0)] * 120
    assert normalized_power(steps) == pytest.approx(200, abs=1.5)


def test_ctl_after_days_of_the_same_load() -> None:
    # From nothing, n days of 100 TSS give 100 * (1 - (41/42)^n) CTL and 100 * (1 - (6/7)^n) ATL.
    fitness = after_days(Fitness(0, 0), [100] * 42)
    assert fitness.ctl == pytest.approx(63.65, abs=0.01)
    assert fitness.atl == pytest.approx(99.85, abs=0.01)
    assert fitness.tsb == pytest.approx(-36.2, abs=0.01)


def test_a_day_off_costs_a_forty_second_of_ctl() -> None:
    assert after_days(Fitness(42, 14), [0]) == pytest.approx((41, 12))


@pytest.mark.parametrize(
    ("percent", "zone"),
    [
        (50, "Z1 active recovery"),
        (75, "Z2 endurance"),
        (90, "Z3 tempo"),
        (100, "Z4 threshold"),
        (112, "Z5 VO2max"),
        (135, "Z6 anaerobic"),
        (180, "Z7 neuromuscular"),
    ],
)
def test_zones(percent: float, zone: str) -> None:
    assert zone_of(percent) == zone
