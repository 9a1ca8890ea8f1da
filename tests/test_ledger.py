"""What jobs cost their users, through the queue and over HTTP; the rest is in supabase/tests."""

import asyncio
import calendar
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from tests.months import begin_in_a_month_that_lasts
from tests.parts import Person, Sql, enqueue, expire_lease, settle

from supajobs.errors import MonthlyCostReachedError
from supajobs.jobs import ClaimedJob
from supajobs.outcomes import Completed, Failed, JobError, Released, Usage
from supajobs.queue.job_queue import JobQueue

MakeJobType = Callable[..., str]
ERROR = JobError(code="refused", message="no")


@pytest.fixture(autouse=True)
def _within_a_month() -> None:  # pyright: ignore[reportUnusedFunction] - pytest uses it
    begin_in_a_month_that_lasts()


async def claim(queue: JobQueue, job_type: str, *, max_jobs: int = 1) -> list[ClaimedJob]:
    return await queue.claim(
        claim_id=uuid4(), worker_id="test", max_jobs=max_jobs, job_types=[job_type]
    )


async def read_costs(person: Person) -> list[Any]:
    """As the user's own app would."""
    answer = await person.supabase.from_("plan_user_costs").select("*").execute()
    return list(answer.data)


async def test_a_user_sees_what_all_attempts_of_the_month_have_cost(
    queue: JobQueue,
    sign_up: Callable[[], Awaitable[Person]],
    make_job_type: MakeJobType,
    sql: Sql,
) -> None:
    person, other = await sign_up(), await sign_up()
    job_type = make_job_type(max_retries=1)
    job_id = await enqueue(queue, person, job_type)

    [job] = await claim(queue, job_type)
    step = Usage(model="m", input_tokens=1, output_tokens=10, cost_usd=0.001)
    assert await queue.save_step(job, "outline", {"weeks": 4}, step)
    expire_lease(sql, job_id)

    [job] = await claim(queue, job_type)
    assert (await queue.get_steps(job)).steps == {"outline": {"weeks": 4}}
    released = Usage(model="m", input_tokens=2, output_tokens=20, cost_usd=0.002)
    await settle(queue, job, Released(usage=released))

    [job] = await claim(queue, job_type)
    failed = Usage(model="new", input_tokens=4, output_tokens=40)  # of unknown price
    await settle(queue, job, Failed(ERROR, retry_after=0, usage=failed))

    [job] = await claim(queue, job_type)
    completed = Usage(model="m", input_tokens=8, output_tokens=80, cost_usd=0.008)
    await settle(queue, job, Completed(usage=completed))

    assert await read_costs(person) == [
        {
            "user_id": str(person.id),
            "job_type": job_type,
            "month": datetime.now(UTC).date().replace(day=1).isoformat(),
            "input_tokens": 15,
            "output_tokens": 150,
            "cost_usd": 0.011,
        }
    ]
    assert await read_costs(other) == []


async def test_costs_are_still_known_when_the_jobs_are_deleted(
    queue: JobQueue, person: Person, make_job_type: MakeJobType, sql: Sql
) -> None:
    job_type = make_job_type()
    await enqueue(queue, person, job_type)
    [job] = await claim(queue, job_type)
    await settle(queue, job, Completed(usage=Usage(cost_usd=0.5)))
    before = await read_costs(person)
    sql.execute(
        "update plan_generation_jobs set expires_at = now() - interval '1 s' where id = %s",
        [job.id],
    )
    await queue.cleanup()
    assert sql.execute("select from plan_job_attempts where job_id = %s", [job.id]).rowcount == 0
    assert await read_costs(person) == before != []


async def test_batches_of_the_same_users_do_not_wait_for_each_other(
    queue: JobQueue,
    sign_up: Callable[[], Awaitable[Person]],
    make_job_type: MakeJobType,
    sql: Sql,
) -> None:
    people = [await sign_up() for _ in range(4)]
    job_type = make_job_type()
    for person in [*people, *reversed(people)] * 5:
        await enqueue(queue, person, job_type)
    batches = [await claim(queue, job_type, max_jobs=8) for _ in range(5)]
    dime = Completed(usage=Usage(cost_usd=0.1))

    async def complete(jobs: list[ClaimedJob]) -> None:
        settled = await queue.complete([(job, dime) for job in jobs])
        assert {each.outcome for each in settled} == {"completed"}

    # One batch has ended its jobs, and holds on to what it has locked.
    first, *others = batches
    with sql.transaction():
        sql.execute(
            "select complete_plan_jobs(jsonb_agg(jsonb_build_object("
            "'job_id', id, 'claim_id', claim_id, 'usage', '{\"cost_usd\": 0.1}'::jsonb))) "
            "from plan_generation_jobs where claim_id = %s",
            [first[0].claim_id],
        )
        await asyncio.wait_for(asyncio.gather(*map(complete, others)), timeout=10)
    for person in people:
        [costs] = await read_costs(person)
        assert costs["cost_usd"] == pytest.approx(1.0)


async def test_a_spent_budget_refuses_new_jobs_until_the_month_is_over(
    queue: JobQueue, person: Person, make_job_type: MakeJobType
) -> None:
    job_type = make_job_type(max_cost_per_user_month=0.75)
    for _ in range(2):  # what is on its way when the budget is spent still ends
        await enqueue(queue, person, job_type)
    for job in await claim(queue, job_type, max_jobs=2):
        await settle(queue, job, Completed(usage=Usage(cost_usd=0.5)))
    with pytest.raises(MonthlyCostReachedError) as refused:
        await enqueue(queue, person, job_type)
    now = datetime.now(UTC)
    comes_back = now + timedelta(seconds=int(refused.value.headers["Retry-After"]))
    days = calendar.monthrange(now.year, now.month)[1]
    month_ends = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    assert abs(comes_back - month_ends - timedelta(days=days)) < timedelta(seconds=5)


async def test_who_has_spent_their_budget_is_told_over_http(
    api: httpx.AsyncClient, person: Person, sql: Sql
) -> None:
    budget = "update plan_job_types set max_cost_per_user_month = %s where job_type = %s"
    profile = {"athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35}}
    sql.execute(budget, [0, "training_plan"])
    try:
        answers = [
            await api.post("/v1/plan/generate", json=profile, headers=person.headers),
            await api.post(
                "/v1/jobs",
                json={"job_type": "training_plan", "params": profile},
                headers=person.headers,
            ),
            await api.post(
                "/v1/tools/training_plan", json={"params": profile}, headers=person.headers
            ),
        ]
    finally:
        sql.execute(budget, [None, "training_plan"])
    for refused in answers:
        assert refused.status_code == 429
        assert refused.json()["code"] == "monthly_cost_reached"
        assert 1 <= int(refused.headers["Retry-After"]) <= 31 * 86400


def test_a_users_costs_go_with_them(make_job_type: MakeJobType, sql: Sql) -> None:
    job_type, user_id = make_job_type(), uuid4()
    sql.execute("insert into auth.users (id) values (%s)", [user_id])
    [row] = sql.execute(
        "select (enqueue_plan_job(%s, %s, '{}') #>> '{job, id}')::uuid as id", [user_id, job_type]
    ).fetchall()
    job_id: UUID = row["id"]
    sql.execute("select claim_plan_jobs(%s, 'w', 1, %s)", [job_id, [job_type]])
    sql.execute("select complete_plan_job(%s, %s, p_usage => '{\"cost_usd\": 1}')", [job_id] * 2)
    entries = "select from plan_job_costs where job_id = %s"
    assert sql.execute(entries, [job_id]).rowcount == 1
    sql.execute("delete from auth.users where id = %s", [user_id])
    assert sql.execute(entries, [job_id]).rowcount == 0
