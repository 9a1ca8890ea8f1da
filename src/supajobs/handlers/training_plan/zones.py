"""The tool `training_zones`: an athlete's power zones in watts, as the planner cuts them."""

from collections.abc import Sequence
from math import isfinite

from pydantic import BaseModel, Field

from supajobs.handlers.tools import Tool
from supajobs.handlers.training_plan.cycling.power import ZONES, watts_at
from supajobs.handlers.training_plan.cycling.profile import Ftp
from supajobs.handlers.training_plan.fields import Profile


class ZonesRequest(Profile):
    """Whose zones."""

    ftp: Ftp


class Zone(BaseModel):
    """A range of power, both ends included; the last zone has no upper end."""

    zone: str
    percent_ftp_low: int
    percent_ftp_high: int | None
    watts_low: int
    watts_high: int | None


class TrainingZones(BaseModel):
    """Coggan's zones, from easy to hard."""

    ftp: int = Field(description="in watts")
    zones: list[Zone]


def cut_zones(ftp: int) -> TrainingZones:
    """The zones of this FTP (in watts), in whole watts and percent."""
    limits = [int(limit) for limit in ZONES.values() if isfinite(limit)]
    percents = _ranges(limits)
    watts = _ranges([watts_at(ftp, limit) for limit in limits])
    return TrainingZones(
        ftp=ftp,
        zones=[
            Zone(
                zone=zone,
                percent_ftp_low=percent_low,
                percent_ftp_high=percent_high,
                watts_low=watts_low,
                watts_high=watts_high,
            )
            for zone, (percent_low, percent_high), (watts_low, watts_high) in zip(
                ZONES, percents, watts, strict=True
            )
        ],
    )


def _ranges(upper_ends: Sequence[int]) -> list[tuple[int, int | None]]:
    """Adjacent ranges from 0; the last one is open."""
    return list(zip([0, *(end + 1 for end in upper_ends)], [*upper_ends, None], strict=True))


async def _answer(request: ZonesRequest) -> TrainingZones:
    return cut_zones(request.ftp)


TRAINING_ZONES = Tool(
    "training_zones",
    "Coggan's power zones in watts, from the power that the athlete can hold for an hour (FTP).",
    ZonesRequest,
    _answer,
)
