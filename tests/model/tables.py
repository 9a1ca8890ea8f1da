"""The tables of the queue, emptied and read as the model knows them."""

from collections.abc import Iterable
from uuid import UUID

from tests.model.client import Client
from tests.model.records import Attempt, Cost, Job, JobType, Plan, Run

LAPSE = """
    update plan_generation_jobs set lease_expires_at = now() - interval '1 second' where id = %s
"""
# A job and all its attempts, so that these stay in order.
BEGIN_EARLIER = """
    with job as (
        update plan_generation_jobs set started_at = started_at - interval '2 hours'
        where id = %s returning id
    )
    update supajobs.unsuccessful_attempts as attempt
    set started_at = started_at - interval '2 hours', ended_at = ended_at - interval '2 hours'
    from job where attempt.job_id = job.id
"""
_EMPTY = """
    delete from auth.users;
    delete from plan_generation_jobs;
    delete from plan_job_costs;
    delete from weekly_base_plans;
    delete from plan_job_types;
    delete from supajobs.starts;
    delete from supajobs.retries;
    delete from supajobs.lanes;
    update supajobs.sweeps set swept_at = 'infinity';
"""
_JOBS = """
    select
        id, user_id, job_type, priority, params, project_id, idempotency_key, run_at, turn, status,
        retry_count, crash_count, claim_id, worker_id, progress, result, error,
        cancel_requested_at is not null as cancel_requested,
        coalesce(lease_expires_at < now(), false) as lapsed,
        lease_lost_at is not null as lease_lost,
        status = 'processing'
        and started_at < now() - make_interval(secs => max_runtime_seconds + lease_seconds)
        as overrun,
        created_at > now() - interval '1 hour' as recent,
        coalesce(expires_at < now(), false) as expired,
        coalesce(
            (select jsonb_object_agg(name, output) from supajobs.steps where job_id = job.id), '{}'
        ) as steps
    from plan_generation_jobs as job
"""
_ATTEMPTS = """
    select job_id, claim_id, worker_id, outcome, error, retry_at, input_tokens
    from plan_job_attempts
    order by started_at
"""
_PLANS = "select user_id, job_id, plan from weekly_base_plans"
_COSTS = "select user_id, job_type, input_tokens from plan_job_costs"


def start_over(client: Client, users: Iterable[UUID], job_types: Iterable[JobType]) -> None:
    """Leaves these users and job types, and no job."""
    client.execute(_EMPTY)
    for user_id in users:
        client.insert("auth", "users", {"id": user_id})
    for job_type in job_types:
        client.insert("public", "plan_job_types", vars(job_type))


def read_jobs(client: Client) -> dict[UUID, Job]:
    return {job.id: job for job in client.read(Job, _JOBS)}


def read_attempts(client: Client) -> dict[Run, list[Attempt]]:
    attempts: dict[Run, list[Attempt]] = {}
    for attempt in client.read(Attempt, _ATTEMPTS):
        attempts.setdefault((attempt.job_id, attempt.claim_id), []).append(attempt)
    return attempts


def read_plans(client: Client) -> list[Plan]:
    return list(client.read(Plan, _PLANS))


def read_costs(client: Client) -> list[Cost]:
    return list(client.read(Cost, _COSTS))
