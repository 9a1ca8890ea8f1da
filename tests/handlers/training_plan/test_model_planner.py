"""Plans written by a model: every rule holds, and every step is paid for once."""

import copy
import json
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from pydantic import SecretStr
from tests.handlers.training_plan.authors import (
    DOLLARS,
    SCRIPTS,
    Author,
    add_up,
    find_step,
    read_script,
    write_like,
)
from tests.handlers.training_plan.manuscripts import block_of, outline_of
from tests.handlers.training_plan.plans import (
    TODAY,
    Json,
    bounded,
    cycling_bodies,
    strength_bodies,
    write_cycling_plan,
    write_strength_plan,
)
from tests.parts import Person, Sql, enqueue, make_processor, make_settings
from tests.providers import KEY, Call, Provider, error, serve_provider

from supajobs.handlers.families import create_job_types
from supajobs.handlers.training_plan import (
    PLAN_ADAPTER,
    TRAINING_PLAN,
    TrainingPlanRequest,
    outline,
)
from supajobs.handlers.training_plan.cycling.brief import CyclingBrief
from supajobs.handlers.training_plan.model_planner import split_weeks
from supajobs.handlers.training_plan.strength.brief import StrengthBrief
from supajobs.handlers.training_plan.strength.plan import StrengthOutline
from supajobs.job_types import JobType
from supajobs.jobs import ClaimedJob
from supajobs.local.stack import StackInfo
from supajobs.models.provider_keys import ProviderKeys
from supajobs.models.provider_refusals import get_refusals
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

if TYPE_CHECKING:
    from supajobs.handlers.training_plan.cycling.week import CyclingWeek
    from supajobs.handlers.training_plan.strength.week import StrengthWeek

MODEL = "deepseek:deepseek-flash"
PROFILE: Json = {"ftp": 265, "weight_kg": 70, "age": 35, "weekdays": ["tue", "thu", "sat"]}
SIX_WEEKS: Json = {"athlete_profile": PROFILE, "weeks": 6, "starts_on": "2027-01-04"}

ReadJob = Callable[[UUID], Mapping[str, Any]]


@pytest.fixture
async def provider() -> AsyncGenerator[Provider]:
    author = write_like(write_cycling_plan(SIX_WEEKS))
    async with serve_provider(author.reply) as provider:
        yield provider


@pytest.fixture
def make_plan_type(
    stack: StackInfo, provider: Provider, make_job_type: Callable[..., str]
) -> Callable[..., JobType[Any]]:
    """The job type as the settings make it, under a name of its own."""

    def make_plan_type(**limits: Any) -> JobType[Any]:
        settings = make_settings(
            stack,
            DEEPSEEK_API_KEY=KEY,
            deepseek_base_url=provider.url,
            plan_model=MODEL,
            model_prices={MODEL: DOLLARS},
        )
        return replace(create_job_types(settings)[TRAINING_PLAN], name=make_job_type(**limits))

    return make_plan_type


def read_plan(sql: Sql, job_id: UUID) -> Json:
    [row] = sql.execute("select plan from weekly_base_plans where job_id = %s", [job_id]).fetchall()
    return row["plan"]


def read_spent(sql: Sql, job_id: UUID) -> tuple[int, int, float]:
    """Tokens in and out, and dollars, of all attempts."""
    [row] = sql.execute(
        "select sum(input_tokens)::int as input, sum(output_tokens)::int as output, "
        "sum(cost_usd)::float as cost from plan_job_attempts where job_id = %s",
        [job_id],
    ).fetchall()
    return row["input"], row["output"], row["cost"]


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.stem)
async def test_every_broken_rule_goes_back_and_is_put_right(
    file: Path,
    provider: Provider,
    make_plan_type: Callable[..., JobType[Any]],
    queue: JobQueue,
    person: Person,
    sql: Sql,
) -> None:
    script = read_script(file)
    author = Author(
        {step: [each["output"] for each in answers] for step, answers in script["steps"].items()}
    )
    provider.reply = author.reply
    plan_type = make_plan_type()
    job_id = await enqueue(queue, person, plan_type.name, **script["body"])
    assert await make_processor(queue, plan_type).drain() == {"completed": 1}

    plan = PLAN_ADAPTER.validate_python(read_plan(sql, job_id))
    assert len(plan.weeks) == script["body"]["weeks"]
    assert plan.title == script["steps"]["outline"][-1]["output"]["title"]
    assert author.asked == [step for step, answers in script["steps"].items() for _ in answers]
    told = iter(provider.calls)
    for answers in script["steps"].values():
        next(told)
        for wrong in answers[:-1]:
            correction = json.loads(next(told).body["messages"][-1]["content"])
            for problem in wrong["wrong"]:
                assert problem in str(correction)
    assert read_spent(sql, job_id) == pytest.approx(add_up(author.bills))


async def test_a_model_that_cannot_do_it_fails_the_job_in_words(
    provider: Provider,
    make_plan_type: Callable[..., JobType[Any]],
    queue: JobQueue,
    person: Person,
    read_job: ReadJob,
    sql: Sql,
) -> None:
    five = outline_of(write_cycling_plan({**SIX_WEEKS, "weeks": 5}))
    author = Author({"outline": [five]})
    provider.reply = author.reply
    plan_type = make_plan_type()
    job_id = await enqueue(queue, person, plan_type.name, **SIX_WEEKS)
    assert await make_processor(queue, plan_type).drain() == {"failed": 1}
    assert read_job(job_id)["error"] == {
        "code": "model_output_invalid",
        "message": "The model could not write a valid training plan.",
        "detail": "the outline has 5 weeks, the plan 6",
    }
    assert len(author.asked) == 3
    assert read_spent(sql, job_id) == pytest.approx(add_up(author.bills))


async def test_a_provider_that_breaks_off_is_not_paid_twice_for_what_is_written(
    provider: Provider,
    make_plan_type: Callable[..., JobType[Any]],
    queue: JobQueue,
    person: Person,
    sql: Sql,
) -> None:
    author = write_like(write_cycling_plan(SIX_WEEKS))
    refusals = [429, 429, 503]

    def reply(call: Call) -> Any:
        if find_step(call) == "4-6" and refusals:
            return error(refusals.pop(), {"error": {"message": "Busy"}}, Retry_After="0")
        return author.reply(call)

    provider.reply = reply
    plan_type = make_plan_type(backoff_base_seconds=0)
    job_id = await enqueue(queue, person, plan_type.name, **SIX_WEEKS)
    assert await make_processor(queue, plan_type).drain() == {"retrying": 3, "completed": 1}
    assert author.asked == ["outline", "1-3", "4-6"]
    assert len(provider.calls) == 6
    assert read_spent(sql, job_id) == pytest.approx(add_up(author.bills))
    attempts = sql.execute(
        "select cost_usd is not null as has_cost from plan_job_attempts "
        "where job_id = %s order by ended_at",
        [job_id],
    ).fetchall()
    assert [each["has_cost"] for each in attempts] == [True, False, False, True]


async def test_steps_that_break_todays_rules_are_written_anew(
    provider: Provider,
    make_plan_type: Callable[..., JobType[Any]],
    queue: JobQueue,
    person: Person,
    sql: Sql,
) -> None:
    author = write_like(write_cycling_plan(SIX_WEEKS))
    provider.reply = author.reply
    old = copy.deepcopy(outline_of(write_cycling_plan(SIX_WEEKS)))
    old["phases"][-1]["weeks"][-1]["minutes"] = 2000
    plan_type = make_plan_type()
    job_id = await enqueue(queue, person, plan_type.name, **SIX_WEEKS)
    sql.execute(
        "insert into supajobs.steps (job_id, name, output) values (%s, 'outline', %s)",
        [job_id, json.dumps(old)],
    )
    assert await make_processor(queue, plan_type).drain() == {"completed": 1}
    assert author.asked == ["outline", "1-3", "4-6"]


@pytest.fixture
def keeping_queue(database: Database) -> JobQueue:
    """A queue that can keep users' keys."""
    secret = SecretStr(Fernet.generate_key().decode())
    return JobQueue(database, provider_keys=ProviderKeys(secret))


async def ask_for_plan(
    queue: JobQueue, person: Person, job_type: str, key: str | None = None
) -> UUID:
    enqueued = await queue.enqueue(
        user_id=person.id,
        job_type=job_type,
        params=SIX_WEEKS,
        provider_key=None if key is None else SecretStr(key),
    )
    return enqueued.job.id


def count_keys(provider: Provider, *keys: str) -> Counter[str]:
    """With how many calls each key came."""
    return Counter(key for call in provider.calls for key in keys if key in str(call.headers))


def has_key(sql: Sql, job_id: UUID) -> bool:
    rows = sql.execute("select from supajobs.provider_keys where job_id = %s", [job_id])
    return rows.rowcount > 0


async def test_each_plan_is_paid_for_with_its_own_key(
    provider: Provider,
    make_plan_type: Callable[..., JobType[Any]],
    keeping_queue: JobQueue,
    sign_up: Callable[[], Awaitable[Person]],
    sql: Sql,
) -> None:
    plan_type = make_plan_type(allows_provider_key=True)
    keys = ["sk-of-the-first-user", "sk-of-the-second-user", None]
    job_ids = [
        await ask_for_plan(keeping_queue, await sign_up(), plan_type.name, key) for key in keys
    ]
    assert [has_key(sql, job_id) for job_id in job_ids] == [True, True, False]
    assert await make_processor(keeping_queue, plan_type).drain() == {"completed": 3}
    assert count_keys(provider, "sk-of-the-first-user", "sk-of-the-second-user", KEY) == {
        "sk-of-the-first-user": 3,
        "sk-of-the-second-user": 3,
        KEY: 3,
    }
    assert not any(has_key(sql, job_id) for job_id in job_ids)
    # Only what we have paid counts against the user's budget.
    costs = sql.execute(
        "select cost_usd is not null as is_ours from plan_job_costs "
        "where job_id = any(%s) order by array_position(%s, job_id)",
        [job_ids, job_ids],
    ).fetchall()
    assert [row["is_ours"] for row in costs] == [False, False, True]


async def test_a_refused_key_fails_the_plan_of_who_sent_it(
    provider: Provider,
    make_plan_type: Callable[..., JobType[Any]],
    keeping_queue: JobQueue,
    person: Person,
    read_job: ReadJob,
    sql: Sql,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.models.provider_refusals._refusals", {})
    told = {"message": "Your api key: ****user is invalid", "type": "authentication_error"}
    provider.reply = lambda _call: error(401, {"error": told})
    plan_type = make_plan_type(allows_provider_key=True)
    job_id = await ask_for_plan(keeping_queue, person, plan_type.name, "sk-of-the-user")
    assert await make_processor(keeping_queue, plan_type).drain() == {"failed": 1}
    assert read_job(job_id)["error"] == {
        "code": "user_key_refused",
        "message": "The model's provider does not accept the key that you sent along.",
        "detail": None,
    }
    assert count_keys(provider, "sk-of-the-user", KEY) == {"sk-of-the-user": 1}
    assert not has_key(sql, job_id)
    assert get_refusals() == {}


async def test_a_plan_whose_key_is_gone_is_not_written_at_our_expense(
    provider: Provider,
    make_plan_type: Callable[..., JobType[Any]],
    keeping_queue: JobQueue,
    person: Person,
    read_job: ReadJob,
    sql: Sql,
) -> None:
    plan_type = make_plan_type(allows_provider_key=True)
    job_id = await ask_for_plan(keeping_queue, person, plan_type.name, "sk-of-the-user")
    sql.execute("delete from supajobs.provider_keys where job_id = %s", [job_id])
    assert await make_processor(keeping_queue, plan_type).drain() == {"failed": 1}
    assert read_job(job_id)["error"]["code"] == "provider_key_gone"
    assert not provider.calls


async def test_the_built_in_planner_reads_no_key(
    stack: StackInfo,
    keeping_queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def never(job: ClaimedJob) -> None:
        raise AssertionError("a key was read")

    monkeypatch.setattr(keeping_queue, "get_provider_key", never)
    built_in = create_job_types(make_settings(stack))[TRAINING_PLAN]
    plan_type = replace(built_in, name=make_job_type(allows_provider_key=True))
    await ask_for_plan(keeping_queue, person, plan_type.name, "sk-of-the-user")
    assert await make_processor(keeping_queue, plan_type).drain() == {"completed": 1}


async def test_progress_is_told_after_each_step(
    provider: Provider,
    make_plan_type: Callable[..., JobType[Any]],
    queue: JobQueue,
    person: Person,
    sql: Sql,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("supajobs.worker.heartbeat.PROGRESS_GAP", 0.0)
    seen: list[Json] = []
    heartbeat = queue.heartbeat

    async def watch(beats: Any) -> Any:
        seen.extend(beat.progress.model_dump() for beat in beats if beat.progress)
        return await heartbeat(beats)

    monkeypatch.setattr(queue, "heartbeat", watch)
    plan_type = make_plan_type()
    await enqueue(queue, person, plan_type.name, **SIX_WEEKS)
    assert await make_processor(queue, plan_type).drain() == {"completed": 1}
    assert [(each["percentage"], each["message"]) for each in seen][:2] == [
        (25, "The outline is written"),
        (50, "Week 3 of 6 is written"),
    ]


async def test_the_model_is_told_who_the_athlete_is_and_what_is_written(
    provider: Provider,
    make_plan_type: Callable[..., JobType[Any]],
    queue: JobQueue,
    person: Person,
) -> None:
    plan_type = make_plan_type()
    await enqueue(queue, person, plan_type.name, **SIX_WEEKS)
    await make_processor(queue, plan_type).drain()
    outline_call, first, second = (call.text for call in provider.calls)
    for told in ("35 years", "265 W", "tuesday, thursday, saturday only", "6 weeks"):
        assert told in outline_call
    assert "Nothing is written yet" in first
    assert "Weeks 1 to 3 are written" in second
    for text in (outline_call, first, second):
        assert str(person.id) not in text


def test_plans_are_split_into_blocks_of_two_or_three_weeks() -> None:
    assert len(split_weeks(12)) == 4
    for weeks in range(4, 25):
        blocks = split_weeks(weeks)
        assert [number for block in blocks for number in block] == list(range(1, weeks + 1))
        assert {len(block) for block in blocks} <= {2, 3}


@bounded
@given(cycling_bodies())
def test_a_good_cycling_plan_is_taken_as_it_is(body: Json) -> None:
    plan = write_cycling_plan(body)
    brief = CyclingBrief(plan.athlete, plan.starts_on, len(plan.weeks))
    sketch = brief.read_outline(outline_of(plan))
    written: list[CyclingWeek] = []
    for numbers in split_weeks(len(plan.weeks)):
        block = block_of(plan.weeks[number - 1] for number in numbers)
        written += brief.read_block(sketch, written, numbers, block)
    assert brief.assemble(sketch, written) == plan


@bounded
@given(strength_bodies())
def test_a_good_strength_plan_is_taken_as_it_is(body: Json) -> None:
    plan = write_strength_plan(body)
    targets = outline(TrainingPlanRequest.model_validate(body), today=TODAY)
    assert isinstance(targets, StrengthOutline)
    brief = StrengthBrief(plan.trainee, plan.starts_on, len(plan.weeks))
    sketch = brief.read_outline(outline_of(plan, targets))
    written: list[StrengthWeek] = []
    for numbers in split_weeks(len(plan.weeks)):
        block = block_of(plan.weeks[number - 1] for number in numbers)
        written += brief.read_block(sketch, written, numbers, block)
    assert brief.assemble(sketch, written) == plan


def test_an_outline_whose_weeks_nobody_could_write_is_refused() -> None:
    untrained = {**PROFILE, "current_ctl": 5, "weekly_hours": 8}
    plan = write_cycling_plan({**SIX_WEEKS, "athlete_profile": untrained})
    written = outline_of(plan)
    brief = CyclingBrief(plan.athlete, plan.starts_on, 6)
    written["phases"][0]["weeks"][0]["minutes"] = 480
    with pytest.raises(
        ValueError, match=r"week 1: 480 minutes raise CTL too fast .* at most 421 do"
    ):
        brief.read_outline(written)


def test_rides_are_rounded_up_to_whole_minutes() -> None:
    plan = write_cycling_plan(SIX_WEEKS)
    brief = CyclingBrief(plan.athlete, plan.starts_on, 6)
    block = block_of(plan.weeks[:3])
    block["weeks"][0]["rides"][0]["parts"][0]["steps"][0]["seconds"] += 13
    sketch = brief.read_outline(outline_of(plan))
    ride = brief.read_block(sketch, [], range(1, 4), block)[0].sessions[0]
    assert ride.duration_minutes == plan.weeks[0].sessions[0].duration_minutes + 1
    assert ride.blocks[-1].steps[-1].duration_seconds == 47


def test_text_that_postgres_cannot_store_is_left_out() -> None:
    plan = write_cycling_plan(SIX_WEEKS)
    brief = CyclingBrief(plan.athlete, plan.starts_on, 6)
    sketch = brief.read_outline({**outline_of(plan), "title": " Six\0 \ud800weeks\t✓ "})
    assert sketch.title == "Six weeks✓"
