"""Whether SUPABASE_URL leads to a project, and whether its clock and ours agree."""

import time
from email.utils import parsedate_to_datetime

import httpx

from supajobs.auth import CLOCK_SKEW
from supajobs.doctor.finding import Verdict, error, ok, skipped, warning
from supajobs.doctor.project import Project

TABLE = "/rest/v1/plan_job_types?select=job_type&limit=1"
NOTICEABLE_SKEW = 2.0  # s

_ADDRESS = (
    "Set SUPABASE_URL to the project's address, https://<ref>.supabase.co, without a path "
    "(Dashboard → Settings → Data API)."
)


async def check_reachable(project: Project) -> Verdict:
    """Whether a Supabase project's REST API answers at SUPABASE_URL."""
    origin = project.settings.supabase_origin
    try:
        response = await project.get(TABLE)
    except httpx.HTTPError as reason:
        return error(
            f"{origin} does not answer: {type(reason).__name__}: {reason}",
            "See whether the project is paused (Dashboard), and whether this machine is online. "
            f"{_ADDRESS}",
        )
    if response.is_server_error:
        return error(
            f"{origin} answers {response.status_code}.",
            "See whether the project is paused or restarting: Dashboard, and status.supabase.com.",
        )
    if "message" not in read_object(response):
        kind = response.headers.get("Content-Type", "no content")
        return error(
            f"{origin} is no Supabase: it answers {response.status_code}, {kind}.", _ADDRESS
        )
    return ok(f"{origin} answers.")


async def check_clock(project: Project) -> Verdict:
    """Whether the clocks of this machine and of Supabase agree, as tokens expire by them."""
    sent_at = time.time()
    response = await project.get(TABLE)
    received_at = time.time()
    if not (date := response.headers.get("Date")):
        return skipped("Supabase's answer says no time.")
    its_time = parsedate_to_datetime(date).timestamp()
    skew = measure_skew(its_time, sent_at=sent_at, received_at=received_at)
    if abs(skew) <= NOTICEABLE_SKEW:
        return ok("The clocks agree.")
    message = (
        f"This machine's clock is about {abs(skew):.0f} s {'ahead' if skew > 0 else 'behind'}."
    )
    remedy = "Let it be set by NTP: timedatectl set-ntp true, or the host's settings."
    if abs(skew) <= CLOCK_SKEW.total_seconds():
        return warning(message, remedy)
    return error(f"{message} Valid tokens of users are refused.", remedy)


def measure_skew(its_time: float, *, sent_at: float, received_at: float) -> float:
    """How far this clock is ahead at the least, in seconds; negative where it is behind.

    Its time is in whole seconds and was read at some moment between the two.
    """
    ahead_at_least = sent_at - (its_time + 1)
    ahead_at_most = received_at - its_time
    return max(0.0, ahead_at_least) + min(0.0, ahead_at_most)


def read_object(response: httpx.Response) -> dict[str, object]:
    """The JSON object that was answered; empty if it was something else."""
    try:
        body: object = response.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}  # pyright: ignore[reportUnknownVariableType] - its keys are strings, as in all JSON
