"""Jobs that come by the hundred, wait for each other, or may only run so many at a time."""

import asyncio
import contextlib
import json
import time
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from statistics import median
from typing import Any
from uuid import UUID, uuid4

from benchmarks import app
from benchmarks.api import Api, open_database
from benchmarks.measure import MICROSECONDS, find_percentile
from benchmarks.rows import vacuum
from benchmarks.server import Server, Sql, connect, fetch_value
from benchmarks.sizes import Sizes
from benchmarks.system import QUEUE
from benchmarks.systems import supajobs
from benchmarks.table import Metric, Table
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.requests import Entry

FREE, LIMITED, FLOW, PLAIN = (f"benchmark_{name}" for name in ("free", "limited", "flow", "plain"))
TYPES = (FREE, LIMITED, FLOW, PLAIN)
USERS = 50
LIMIT = 2
CLAIMERS = 8
PLACES = 10  # of each claimer
CALLS = 5  # over HTTP
PAUSE = 0.01  # s; before who found nothing asks again
_JOBS = "public.plan_generation_jobs"
_MOST = f"""
    select coalesce(max(running), 0)
    from (
        select count(*) as running from {_JOBS}
        where job_type = $1 and status = 'processing'
        group by user_id
    ) as counted
"""


@dataclass
class Ties:
    url: str
    owner: Sql
    sql: Sql
    users: Sequence[UUID]

    @contextlib.contextmanager
    def connect(self) -> Generator[Sql]:
        with connect(self.url) as sql:
            sql.execute(b"set role service_role")
            yield sql

    def enqueue(self, jobs: Sequence[dict[str, Any]]) -> list[str]:
        """The ids of these, a thousand in a call."""
        ids: list[str] = []
        for start in range(0, len(jobs), 1000):
            some = json.dumps(jobs[start : start + 1000])
            answers = fetch_value(self.sql, "select public.enqueue_plan_jobs($1)", some)
            ids += [answer["job"]["id"] for answer in answers]
        return ids

    def ask_for(self, job_type: str, count: int) -> list[dict[str, Any]]:
        """Requests of all users in turn."""
        return [
            {"user_id": str(self.users[number % len(self.users)]), "job_type": job_type}
            for number in range(count)
        ]

    def forget(self) -> None:
        self.owner.execute(f"delete from {_JOBS} where job_type = any($1)".encode(), [list(TYPES)])
        vacuum(self.url)


def run(server: Server, sizes: Sizes) -> list[Table]:
    with _install(server) as ties:
        tables = [_compare_batches(ties, sizes), _compare_limits(ties, sizes), _fan_in(ties, sizes)]
    if server.api is not None:
        with supajobs.install(server):
            tables.append(asyncio.run(_send_many(server, server.api, sizes)))
    return tables


async def _send_many(server: Server, api: Api, sizes: Sizes) -> Table:
    async with (
        app.signed_up(server, api, 1) as [user],
        app.serve(api, job_seconds=None) as url,
        app.open_client(url, 1) as client,
    ):
        database = open_database(api)
        queue = JobQueue(database)
        count = sizes.sent // CALLS
        entry = Entry(user_id=user.id, job_type=QUEUE, params={}, options={})

        async def post() -> None:
            jobs = [{"job_type": QUEUE}] * count
            answer = await client.post("/v1/jobs/batch", json={"jobs": jobs}, headers=user.headers)
            answer.raise_for_status()

        async def call() -> None:
            await queue.enqueue_many([entry] * count)

        ways = {"POST /v1/jobs/batch": post, "enqueue_many": call}
        took: dict[str, list[float]] = {name: [] for name in ways}
        for send in ways.values():
            await send()  # connections are made
        for _ in range(sizes.rounds):
            for name, send in ways.items():
                started = time.perf_counter()
                for _ in range(CALLS):
                    await send()
                took[name].append(time.perf_counter() - started)
        await database.close()
    medians = {name: median(each) for name, each in took.items()}
    return Table(
        title=f"{sizes.sent:,} jobs in {CALLS} calls over HTTP",
        metrics=[Metric("all", "s", medians, compared_to=["enqueue_many"])],
        note="One after the other, of one user: through the API, and from Python past it.",
    )


def _compare_batches(ties: Ties, sizes: Sizes) -> Table:
    took: dict[str, float] = {}
    for batch in (1, 100, 1000):
        count = max(batch, sizes.batched)
        jobs = ties.ask_for(PLAIN, batch)
        started = time.perf_counter()
        for _ in range(count // batch):
            ties.enqueue(jobs)
        took[f"{batch:,} in a call"] = (time.perf_counter() - started) / count * MICROSECONDS
        ties.forget()
    metric = Metric("enqueue_plan_jobs", "µs per job", took, compared_to=["1 in a call"])
    return Table(title="Many in one call", metrics=[metric], note=f"Jobs of {USERS} users.")


def _compare_limits(ties: Ties, sizes: Sizes) -> Table:
    rates: dict[str, float] = {}
    most: dict[str, float] = {}
    for name, job_type in (("no limit", FREE), (f"{LIMIT} of each user", LIMITED)):
        ties.enqueue(ties.ask_for(job_type, sizes.tied))
        vacuum(ties.url)
        started = time.perf_counter()
        with ThreadPoolExecutor(CLAIMERS) as pool:
            seen = [pool.submit(_work, ties, job_type, sizes.tied_seconds) for _ in range(CLAIMERS)]
        rates[name] = sizes.tied / (time.perf_counter() - started)
        most[name] = max(each.result() for each in seen)
        ties.forget()
    return Table(
        title=f"{sizes.tied:,} jobs of {USERS} users",
        metrics=[
            Metric("throughput", "jobs/s", rates, compared_to=["no limit"]),
            Metric("most of one user at a time", "jobs", most, compared_to=()),
        ],
        note=f"{CLAIMERS} claimers with {PLACES} places each, filled again when free; a job "
        f"takes {sizes.tied_seconds * 1000:g} ms. What runs, the claims count.",
    )


def _work(ties: Ties, job_type: str, seconds: float) -> int:
    """Runs up to PLACES at a time until nothing is left; the most that one user had at a time."""
    most = 0
    running: deque[tuple[float, list[dict[str, Any]]]] = deque()  # when they end, and they
    left = f"select exists (select from {_JOBS} where job_type = $1 and completed_at is null)"
    with ties.connect() as sql:
        while True:
            while running and running[0][0] <= time.perf_counter():
                _complete(sql, running.popleft()[1])
            free = PLACES - sum(len(jobs) for _, jobs in running)
            with sql.transaction():
                jobs = _claim(sql, job_type, free) if free else []
                most = max(most, fetch_value(sql, _MOST, job_type))
            if jobs:
                running.append((time.perf_counter() + seconds, jobs))
            elif not running and not fetch_value(sql, left, job_type):
                return most
            else:
                next_end = running[0][0] - time.perf_counter() if running else PAUSE
                time.sleep(max(0, min(next_end, PAUSE) if free else next_end))


def _fan_in(ties: Ties, sizes: Sizes) -> Table:
    claims: dict[str, list[float]] = {}
    waits: dict[str, float] = {}
    for name, is_flow in (("beside plain jobs", False), ("beside a flow", True)):
        ties.enqueue(ties.ask_for(PLAIN, sizes.small_backlog))
        # Of one user, as what waits for them.
        ids = ties.enqueue([{**ties.ask_for(FLOW, 1)[0], "priority": 6}] * sizes.children)
        last = {**ties.ask_for(FLOW, 1)[0], **({"after": ids} if is_flow else {})}
        ties.enqueue([last])
        vacuum(ties.url)
        with ThreadPoolExecutor(1) as pool:
            flow = pool.submit(_run_flow, ties, sizes.children)
            claims[name] = _claim_beside(ties, flow)
        waits[name] = flow.result()
        ties.forget()
    metrics = [Metric("the last starts after", "s", waits, compared_to=())]
    for percent in (50, 99):
        values = {row: find_percentile(each, percent) * 1000 for row, each in claims.items()}
        compared = Metric(f"claim p{percent}", "ms", values, compared_to=["beside plain jobs"])
        metrics.append(compared)
    return Table(
        title=f"{sizes.children:,} children, and one that waits for them all",
        metrics=metrics,
        note=f"One worker runs the flow, by {PLACES}; the claims are those of one for other jobs.",
    )


def _run_flow(ties: Ties, children: int) -> float:
    """Seconds from the end of the last child to the start of the one that waits for all."""
    done = 0
    ended = time.perf_counter()
    with ties.connect() as sql:
        while done <= children:
            jobs = _claim(sql, FLOW)
            if done == children and jobs:
                waited = time.perf_counter() - ended
                _complete(sql, jobs)
                return waited
            _complete(sql, jobs)
            done += len(jobs)
            ended = time.perf_counter() if jobs else ended
    raise RuntimeError("The flow ended with its children.")


def _claim_beside(ties: Ties, flow: Future[float]) -> list[float]:
    took: list[float] = []
    while not flow.done() or len(took) < 2:  # noqa: PLR2004 - a percentile is of two at least
        begun = time.perf_counter()
        jobs = _claim(ties.sql, PLAIN)
        took.append(time.perf_counter() - begun)
        _complete(ties.sql, jobs)
    return took


def _claim(sql: Sql, job_type: str, count: int = PLACES) -> list[dict[str, Any]]:
    call = "select public.claim_plan_jobs($1, 'benchmark', $2::integer, $3::text[])"
    return fetch_value(sql, call, uuid4(), count, [job_type])


def _complete(sql: Sql, jobs: Sequence[dict[str, Any]]) -> None:
    """Again for those that are busy, as a worker does."""
    left = [{"job_id": job["id"], "claim_id": job["claim_id"]} for job in jobs]
    while left:
        told = fetch_value(sql, "select public.complete_plan_jobs($1::jsonb)", json.dumps(left))
        busy = {each["job_id"] for each in told if each["outcome"] == "busy"}
        left = [each for each in left if each["job_id"] in busy]
        time.sleep(PAUSE if left else 0)


@contextlib.contextmanager
def _install(server: Server) -> Generator[Ties]:
    users = [uuid4() for _ in range(USERS)]
    with connect(server.url) as owner, connect(server.url) as sql:
        owner.execute(b"insert into auth.users (id) select unnest($1::uuid[])", [users])
        for job_type in TYPES:
            owner.execute(
                b"insert into public.plan_job_types (job_type, max_running_per_user) "
                b"values ($1, $2)",
                [job_type, LIMIT if job_type == LIMITED else None],
            )
        sql.execute(b"set role service_role")
        try:
            yield Ties(server.url, owner, sql, users)
        finally:
            owner.execute(b"delete from auth.users where id = any($1)", [users])
            for table in ("supajobs.lanes", "public.plan_job_types"):
                statement = f"delete from {table} where job_type = any($1)"
                owner.execute(statement.encode(), [list(TYPES)])
