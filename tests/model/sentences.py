"""What is true of the tables at any moment, whoever did what before."""

from typing import LiteralString

from psycopg.sql import SQL, Composed
from tests.parts import Sql

Sentences = dict[LiteralString, LiteralString]

_OF_JOBS: Sentences = {
    "has a known status": "status in ('pending', 'processing', 'completed', 'failed', 'cancelled')",
    "has a lease iff it runs": "(status = 'processing') = (lease_expires_at is not null)",
    "has a claim, a worker, a start and a turn when it runs": """
        status <> 'processing'
        or (claim_id is not null and worker_id is not null and started_at is not null
            and turn is not null)""",
    "has an end iff it has ended": """
        (status in ('completed', 'failed', 'cancelled')) = (completed_at is not null)""",
    "expires iff it has ended": """
        (status in ('completed', 'failed', 'cancelled')) = (expires_at is not null)""",
    "has progress only when it runs": "status = 'processing' or progress is null",
    "has a result only when it completed": """
        status = 'completed' or (result is null and plan_id is null)""",
    "has an error when it failed": "status <> 'failed' or jsonb_typeof(error) = 'object'",
    "has no error when it completed": "status <> 'completed' or error is null",
    "has used no more retries than it has": "retry_count between 0 and max_retries",
    "has lost no more leases than it may": "crash_count between 0 and max_crashes",
    "has a lease to lose while it is active": """
        status not in ('pending', 'processing') or crash_count < max_crashes""",
    "was asked to stop only if it runs or stopped": """
        cancel_requested_at is null or status in ('processing', 'cancelled')""",
    "has lost no lease while somebody has it": """
        lease_lost_at is null or status not in ('processing', 'completed')""",
    "waits where claims look": """
        status <> 'pending' or turn is null or turn >= (
            select min(floor) from supajobs.lanes as lane
            where lane.job_type = job.job_type and lane.priority = job.priority
        )""",
    "completed in its last attempt": """
        status <> 'completed' or exists (
            select from plan_job_attempts as attempt
            where attempt.job_id = job.id and attempt.claim_id = job.claim_id
                and attempt.outcome = 'completed'
        )""",
    "completed at most once": """
        (select count(*) from plan_job_attempts as attempt
         where attempt.job_id = job.id and attempt.outcome = 'completed')
        = (status = 'completed')::integer""",
    "has the plan that it points to, and no other": """
        plan_id is not distinct from (
            select id from weekly_base_plans as plan
            where plan.job_id = job.id and plan.user_id is not distinct from job.user_id
        )""",
    "waits for nothing once it has a turn": """
        waiting_for is null or (status = 'pending' and turn is null)""",
    "is held only while it waits without a turn": """
        not is_held or (status = 'pending' and turn is null)""",
    "is held for a parent, or for others of its key": """
        not is_held
        or exists (
            select from supajobs.edges as edge where edge.job_id = job.id and edge.outcome is null
        )
        or exists (
            select from supajobs.keyed_jobs as keyed where keyed.job_id = job.id and is_waiting
        )
        or exists (select from supajobs.news where news.job_id = job.id)""",
    "runs with no more of its user than may": """
        status <> 'processing' or (
            select
                count(*) <= min(type.max_running_per_user) or min(type.max_running_per_user) is null
            from supajobs.keyed_jobs as keyed
            inner join plan_generation_jobs as running on keyed.job_id = running.id
            inner join plan_job_types as type on running.job_type = type.job_type
            where running.status = 'processing' and running.job_type = job.job_type
                and running.user_id is not distinct from job.user_id
        )""",
    "has no waits and signals once it completed": """
        status <> 'completed' or not exists (
            select from supajobs.waits as wait where wait.job_id = job.id
            union all
            select from supajobs.signals as signal where signal.job_id = job.id
        )""",
    "has no steps once it completed": """
        status <> 'completed' or not exists (
            select from supajobs.steps as step where step.job_id = job.id
        )""",
}
_OF_ATTEMPTS: Sentences = {
    "is of a job": "exists (select from plan_generation_jobs where id = job_id)",
    "ended after it began": "started_at <= ended_at",
    "has an error if and only if it ended with one": """
        outcome = 'cancelled' or (outcome in ('retrying', 'failed')) = (error is not null)""",
}


def check_sentences(connection: Sql) -> None:
    """Holds every row against every sentence."""
    broken = connection.execute(_BROKEN).fetchall()
    assert not broken


def _broken(table: LiteralString, alias: LiteralString, sentences: Sentences) -> Composed:
    said = SQL(", ").join(
        SQL("({}, {})").format(sentence, SQL(condition))
        for sentence, condition in sentences.items()
    )
    return SQL(
        "select {table} as place, said.sentence, to_jsonb({alias}) as row from {name} as {alias} "
        "cross join lateral (values {said}) as said (sentence, holds) where holds is not true"
    ).format(table=table, name=SQL(table), alias=SQL(alias), said=said)


_BROKEN = (
    SQL(" union all ")
    .join(
        [
            _broken("plan_generation_jobs", "job", _OF_JOBS),
            _broken("plan_job_attempts", "attempt", _OF_ATTEMPTS),
        ]
    )
    .as_bytes()
)
