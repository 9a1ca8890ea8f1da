"""Two hundred users who create jobs and poll them until they are done, for a minute.

They come within the first second: people do not arrive in step.
"""

import asyncio
import random
import time
from collections import Counter
from http import HTTPStatus
from typing import Any

import httpx

from benchmarks import app
from benchmarks.api import Api
from benchmarks.measure import find_percentile
from benchmarks.server import Server, connect
from benchmarks.sizes import Sizes
from benchmarks.system import QUEUE
from benchmarks.systems import supajobs
from benchmarks.table import Metric, Table

JOB_SECONDS = 1.0
POLL_SECONDS = 1.0
ENQUEUES_PER_MINUTE = 10  # fewer than a user wants: some are refused
INTENDED = {HTTPStatus.OK, HTTPStatus.CREATED, HTTPStatus.TOO_MANY_REQUESTS}


def run(server: Server, sizes: Sizes) -> list[Table]:
    if server.api is None:
        raise LookupError("a crowd comes over HTTP")
    with supajobs.install(server), connect(server.url) as owner:
        owner.execute(
            b"update public.plan_job_types set max_enqueues = $1, enqueue_window_seconds = 60 "
            b"where job_type = $2",
            [ENQUEUES_PER_MINUTE, QUEUE],
        )
        return [asyncio.run(_watch(server, server.api, sizes))]


async def _watch(server: Server, api: Api, sizes: Sizes) -> Table:
    async with (
        app.signed_up(server, api, sizes.crowd) as users,
        app.serve(api, job_seconds=JOB_SECONDS) as url,
        app.open_client(url, sizes.crowd) as client,
    ):
        crowd = Crowd(client, time.monotonic() + sizes.crowd_seconds)
        await asyncio.gather(*map(crowd.use, users))
    if others := set(crowd.answers) - INTENDED:
        raise RuntimeError(f"answers that nobody intended: {crowd.answers}, {others}")
    counts = {f"answers {status}": float(count) for status, count in crowd.answers.items()}
    metrics = [
        Metric("answers", "in all", counts, compared_to=()),
        *(
            Metric(
                f"p{percent}",
                "ms",
                {name: find_percentile(each, percent) * 1000 for name, each in crowd.took.items()},
                compared_to=(),
            )
            for percent in (50, 99)
        ),
    ]
    return Table(
        title=f"{sizes.crowd} users at once, for {sizes.crowd_seconds:g} s",
        metrics=metrics,
        note=(
            f"Each creates a job that takes {JOB_SECONDS:g} s, asks for it every "
            f"{POLL_SECONDS:g} s until it is completed, and begins anew; "
            f"{ENQUEUES_PER_MINUTE} a minute are allowed, then comes 429. Any other answer ends "
            "the run."
        ),
    )


class Crowd:
    """`answers`: how many by status; `took`: seconds by kind of request."""

    def __init__(self, client: httpx.AsyncClient, ends_at: float) -> None:
        self.answers: Counter[int] = Counter()
        self.took: dict[str, list[float]] = {"create": [], "status": []}
        self._client = client
        self._ends_at = ends_at

    async def use(self, user: app.User) -> None:
        await asyncio.sleep(random.uniform(0, POLL_SECONDS))  # noqa: S311 - no secret
        await self._get_done(user)
        while time.monotonic() < self._ends_at:
            await self._get_done(user)

    async def _get_done(self, user: app.User) -> None:
        """A job, to its end; or wait for as long as a refusal says."""
        created = await self._ask("create", user, "POST", "/v1/jobs", json={"job_type": QUEUE})
        if not created.is_success:
            await asyncio.sleep(min(5.0, float(created.headers["Retry-After"])))
            return
        job = created.json()
        while job["status"] != "completed":
            await asyncio.sleep(POLL_SECONDS)
            job = (await self._ask("status", user, "GET", f"/v1/jobs/{job['id']}")).json()

    async def _ask(
        self, kind: str, user: app.User, method: str, url: str, **more: Any
    ) -> httpx.Response:
        started = time.monotonic()
        answer = await self._client.request(method, url, headers=user.headers, **more)
        self.took[kind].append(time.monotonic() - started)
        self.answers[answer.status_code] += 1
        return answer
