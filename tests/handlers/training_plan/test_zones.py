from itertools import pairwise

import pytest

from supajobs.handlers.training_plan.cycling.power import watts_at, zone_of
from supajobs.handlers.training_plan.zones import cut_zones

ALL_FTPS = range(100, 601)  # below 100 W a percent is less than a watt, and zones may share one


def test_zones_are_those_that_plans_are_written_in() -> None:
    for ftp in ALL_FTPS:
        zones = cut_zones(ftp).zones
        for percent in range(1, 251):
            watts = watts_at(ftp, percent)
            [zone] = [
                zone.zone
                for zone in zones
                if zone.watts_low <= watts and (zone.watts_high is None or watts <= zone.watts_high)
            ]
            assert zone == zone_of(percent), (ftp, percent)


@pytest.mark.parametrize("ftp", [60, 265, 600])
def test_zones_lie_side_by_side(ftp: int) -> None:
    zones = cut_zones(ftp).zones
    assert (zones[0].watts_low, zones[-1].watts_high) == (0, None)
    assert [zone.percent_ftp_low for zone in zones] == [0, 56, 76, 91, 106, 121, 151]
    for lower, higher in pairwise(zones):
        assert lower.watts_high is not None
        assert lower.watts_low < lower.watts_high
        assert higher.watts_low == lower.watts_high + 1
