"""What the operator's page waits for, beside a million finished jobs of the last 24 hours."""

import asyncio
import secrets
import statistics
import time
from typing import Any

import httpx

from benchmarks.api import Api
from benchmarks.rows import vacuum
from benchmarks.server import Server, Sql, connect, fetch_value
from benchmarks.sizes import Sizes
from benchmarks.system import QUEUE
from benchmarks.systems import supajobs
from benchmarks.table import Metric, Table
from supajobs.app import create_app
from supajobs.settings import Settings

FAILED = 200  # every so manieth job has failed
PAID = 10  # every so manieth attempt is in the ledger
TRIES = 5

FILL = f"""
with made as (
  select
    number,
    created_at,
    overlay(
      public.plan_job_id_at(created_at)::text placing
      lpad(to_hex(number), 12, '0') from 25 for 12
    )::uuid as id,
    created_at + interval '1 second' as started_at,
    created_at + interval '1 second' * (1 + 20 * random()) as completed_at,
    case when number % {FAILED} = 0 then 'failed' else 'completed' end as status
  from generate_series(1, $1::integer) as number
  cross join lateral (
    select now() - interval '24 hours' * (1 - number::double precision / ($1 + 1)) as created_at
  ) as requested
),

jobs as (
  insert into public.plan_generation_jobs (
    id, user_id, job_type, status, params, result, error, run_at, created_at, updated_at,
    started_at, completed_at, expires_at, claim_id, worker_id, max_retries, max_crashes,
    backoff_base_seconds, backoff_cap_seconds, lease_seconds, max_runtime_seconds, ttl_hours
  )
  select
    id, ($2::uuid[])[1 + number % cardinality($2::uuid[])], '{QUEUE}', status,
    jsonb_build_object('number', number),
    case status when 'completed' then jsonb_build_object('text', repeat('word ', 40)) end,
    case status when 'failed' then '{{"code": "broken", "message": "It broke."}}'::jsonb end,
    created_at, created_at, completed_at, started_at, completed_at,
    completed_at + interval '3 days', id, 'benchmark', 3, 3, 5, 900, 60, 900, 72
  from made
),

attempts as (
  insert into supajobs.unsuccessful_attempts (
    job_id, claim_id, job_type, worker_id, outcome, error, started_at, ended_at
  )
  select
    id, id, '{QUEUE}', 'benchmark', 'failed', '{{"code": "broken", "message": "It broke."}}',
    started_at, completed_at
  from made
  where status = 'failed'
)

insert into public.plan_job_costs (
  job_id, claim_id, started_at, user_id, job_type, month, model, input_tokens, output_tokens,
  cost_usd
)
select
  id, id, started_at, ($2::uuid[])[1 + number % cardinality($2::uuid[])], '{QUEUE}',
  date_trunc('month', completed_at at time zone 'utc')::date, 'model ' || number % 5,
  1000, 200, 0.01
from made
where number % {PAID} = 0
"""

QUERIES = {
    "describe_plan_queue": "select public.describe_plan_queue()",
    "check_plan_queue": "select public.check_plan_queue()",
    "describe_plan_scale": "select public.describe_plan_scale()",
    "describe_plan_triggers": "select public.describe_plan_triggers()",
    "count_plan_hours": "select public.count_plan_hours(168)",
    "hours, 24": "select public.describe_plan_hours(24)",
    "hours, 168": "select public.describe_plan_hours(168)",
    "hours of one type": f"select public.describe_plan_hours(24, '{QUEUE}')",
    "costs": "select public.describe_plan_costs(30)",
    "jobs": "select public.find_plan_jobs()",
    **{
        f"jobs: {name}": f"select public.find_plan_jobs({chosen})"
        for name, chosen in {
            "completed": """'{"status": ["completed"]}'""",
            "failed": """'{"status": ["failed"]}'""",
            "failed, another error": """'{"status": ["failed"], "error": "other"}'""",
            "pending": """'{"status": ["pending"]}'""",
            "cancelled": """'{"status": ["cancelled"]}'""",
            "another type": """'{"job_type": "another"}'""",
            "another error": """'{"error": "another"}'""",
            "a user": """jsonb_build_object('user_id', $1::uuid)""",
            "a user, cancelled": """jsonb_build_object('user_id', $1::uuid, 'status',
                array['cancelled'])""",
            "the system": """'{"user_id": null}'""",
            "since 12 hours, another type": """jsonb_build_object('since',
                now() - interval '12 hours', 'job_type', 'another')""",
        }.items()
    },
    "count of the failed": """select public.count_newest_plan_jobs('{"status": ["failed"]}')""",
    "count of all": "select public.count_newest_plan_jobs('{}')",
    "one job": "select public.describe_plan_job($1::uuid)",
}
PAGES = ("now", "jobs", "hours")  # what the page asks for as it opens, all at once


def run(server: Server, sizes: Sizes) -> list[Table]:
    jobs = sizes.large_backlog
    if server.api is None:
        raise LookupError("the page comes over HTTP")
    with supajobs.install(server) as ours:
        ours.owner.execute(FILL.encode(), [jobs, ours.users])
        vacuum(server.url)
        server.checkpoint()
        with connect(server.url) as sql:
            sql.execute(b"set role service_role")
            first = asyncio.run(_open_page(server.api))
            took = {name: _time(sql, query, ours) for name, query in QUERIES.items()}
    beside = f"beside {jobs:,} finished jobs"
    return [
        Table(
            title=f"The operator's page as it opens, {beside}",
            metrics=[Metric("first answer", "ms", first, compared_to=())],
            note="In a process that has just started. No hour had been counted before.",
        ),
        Table(
            title=f"The queries of the operator's page, {beside}",
            metrics=[
                Metric("the first", "ms", {name: each[0] for name, each in took.items()}, ()),
                Metric(
                    f"median of {TRIES}",
                    "ms",
                    {name: statistics.median(each) for name, each in took.items()},
                    compared_to=(),
                ),
            ],
            note="Each over a direct connection.",
        ),
    ]


async def _open_page(api: Api) -> dict[str, float]:
    """Milliseconds from the request, by what was asked for."""
    secret = secrets.token_urlsafe(24)
    given: dict[str, Any] = {
        "_env_file": None,
        "supabase_url": api.url,
        "SUPABASE_PUBLISHABLE_KEY": api.secret_key,
        "SUPABASE_SECRET_KEY": api.secret_key,
        "cron_secret": secret,
        "dashboard": True,
        "api_runs_jobs": False,
        "log_level": "warning",
    }
    app = create_app(Settings(**given))
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://127.0.0.1/dashboard"
        ) as client,
    ):
        (await client.post("/session", json={"secret": secret})).raise_for_status()
        started = time.perf_counter()

        async def ask(name: str) -> float:
            (await client.get(f"/api/{name}")).raise_for_status()
            return (time.perf_counter() - started) * 1000

        return dict(zip(PAGES, await asyncio.gather(*map(ask, PAGES)), strict=True))


def _time(sql: Sql, query: str, ours: supajobs.Supajobs) -> list[float]:
    values: list[Any] = []
    if "$1" in query:
        some_job = f"select id from {supajobs.JOBS} where status = 'failed' limit 1"
        values = [fetch_value(sql, some_job) if "plan_job(" in query else ours.users[0]]
    took: list[float] = []
    for _ in range(TRIES):
        started = time.perf_counter()
        fetch_value(sql, query, *values)
        took.append((time.perf_counter() - started) * 1000)
    return took
