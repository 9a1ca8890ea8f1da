"""A queue with all that an operator's page has to show: work, trouble, a flow, schedules, costs."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from tests.parts import Sql
from tests.seeds import Seeds

from supajobs.queue.job_queue import JobQueue

STORIES, REPORTS, MIXES = "story", "weekly_report", "audio_mix"
REFUSED = {"code": "model_refused", "message": "The model refuses to write about this hero."}
TIMEOUT = {"code": "timeout", "message": "The model did not answer within 120 seconds."}
CAUSE = {
    "exception": "supajobs.errors.TemporaryError",
    "message": "the model did not answer",
    "frames": [
        "/srv/app/stories/handler.py:41 in story: chapter = await write(outline, number)",
        "/srv/app/stories/writing.py:88 in write: reply = await model.ask(prompt, timeout=120)",
    ],
    "cause": {
        "exception": "httpx.ReadTimeout",
        "message": "timed out after 120 s: POST https://models.example.com/v1/messages",
        "frames": [
            "/usr/lib/python3/dist-packages/httpx/_transports/default.py:118 in handle: raise exc",
        ],
        "cause": None,
    },
}


@dataclass(frozen=True)
class Trouble:
    """Whom and what the tests look for. `refused`: how many stories failed with `model_refused`."""

    user: UUID
    troubled: UUID
    flow: UUID
    refused: int


async def make_trouble(sql: Sql, queue: JobQueue) -> Trouble:
    """Fills an empty queue."""
    for job_type, max_running, starts in (
        (STORIES, 4, 60),
        (REPORTS, 2, None),
        (MIXES, None, None),
    ):
        sql.execute(
            "insert into plan_job_types (job_type, max_running, starts_per_minute, notifies) "
            "values (%s, %s, %s, true)",
            [job_type, max_running, starts],
        )
    seeds = Seeds(sql, STORIES, uuid4(), datetime.now(UTC))
    seeds.insert("auth.users", id=seeds.user_id)
    _seed_past(seeds)
    refused = 12
    for number in range(refused):
        requested = seeds.ago(50 - number)
        seeds.ended(requested, "failed", seeds.ago(49 - number), error=REFUSED)
    _seed_present(seeds)
    _seed_costs(seeds)
    _seed_schedules(seeds)
    sql.execute("select pause_plan_jobs(%s)", [REPORTS])
    return Trouble(
        seeds.user_id, _seed_troubled_job(seeds), await _make_flow(seeds, queue), refused
    )


def _seed_past(seeds: Seeds) -> None:
    """A week, busier by day than by night."""
    for hour in range(1, 150):
        at = seeds.ago(60 * hour)
        for number in range(1 + (hour * 7 % 5) * (at.hour in range(7, 20))):
            requested = at - timedelta(minutes=number * 3 + 1)
            ended = requested + timedelta(seconds=18 + (hour * 13 + number * 29) % 90)
            if (hour + number) % 9:
                seeds.ended(requested, "completed", ended)
            else:
                seeds.ended(requested, "failed", ended, error=TIMEOUT)
    for minute in range(2, 58, 3):
        seeds.ended(seeds.ago(minute), "completed", seeds.ago(minute) + timedelta(seconds=minute))


def _seed_present(seeds: Seeds) -> None:
    for worker_id, running, seen in (("stories-7d9f-1", 2, 4), ("stories-7d9f-2", 0, 600)):
        seeds.insert(
            "supajobs.processors",
            worker_id=worker_id,
            version="0.1.0",
            concurrency=10,
            running=running,
            started_at=seeds.ago(340),
            seen_at=seeds.now - timedelta(seconds=seen),
        )
    for percentage in (35, 80):
        seeds.running(
            seeds.ago(2),
            worker_id="stories-7d9f-1",
            progress={"phase": "writing", "percentage": percentage, "message": "Chapter 2 of 5"},
        )


def _seed_costs(seeds: Seeds) -> None:
    users = [seeds.user_id, *(seeds.user() for _ in range(4)), None]
    models = ["claude-sonnet-4-5", "claude-haiku-4-5", "gpt-5-mini"]
    for number in range(180):
        seeds.cost(
            seeds.ago(number * 230 + 1),
            round(0.004 + (number * 37 % 50) / 100, 4),
            user_id=users[number % 6],
            model=models[number % 3],
            input_tokens=900 + number * 31,
            output_tokens=120 + number * 17,
        )


def _seed_schedules(seeds: Seeds) -> None:
    tomorrow = seeds.now + timedelta(days=1)
    for name, user_id, columns in (
        ("Every Monday", seeds.user_id, {"cron": "30 7 * * MON", "time_zone": "Europe/Madrid"}),
        ("clean-up", None, {"interval_seconds": 900}),
    ):
        seeds.insert(
            "plan_job_schedules",
            name=name,
            user_id=user_id,
            job_type=STORIES,
            next_run_at=tomorrow,
            period_seconds=900,
            **columns,
        )


def _seed_troubled_job(seeds: Seeds) -> UUID:
    """It was retried, lost, and has failed in the end, which its user was to be told."""
    requested, claim_id = seeds.ago(31), uuid4()
    job_id = seeds.job(
        requested,
        status="failed",
        error=TIMEOUT,
        retry_count=1,
        crash_count=1,
        claim_id=claim_id,
        worker_id="stories-7d9f-1",
        started_at=seeds.ago(24),
        completed_at=seeds.ago(22),
        trace_id="4bf92f3577b34da6a3ce929d0e0e4736",
    )
    usage = {"model": "claude-sonnet-4-5", "input_tokens": 5210, "output_tokens": 1804}
    seeds.attempt(
        job_id,
        "retrying",
        seeds.ago(31),
        seeds.ago(29),
        error=TIMEOUT,
        cause=CAUSE,
        retry_at=seeds.ago(28),
        usage={**usage, "cost_usd": 0.0427},
    )
    seeds.attempt(job_id, "crashed", seeds.ago(28), seeds.ago(27), worker_id="stories-7d9f-2")
    seeds.attempt(
        job_id,
        "failed",
        seeds.ago(24),
        seeds.ago(22),
        error=TIMEOUT,
        cause=CAUSE,
        claim_id=claim_id,
    )
    _insert_around(seeds, job_id)
    return job_id


def _insert_around(seeds: Seeds, job_id: UUID) -> None:
    for number, name in enumerate(("outline", "chapter 1", "chapter 2")):
        seeds.insert(
            "supajobs.steps",
            job_id=job_id,
            name=name,
            output=Jsonb("…"),
            saved_at=seeds.ago(30 - number / 4),
            model="claude-sonnet-4-5",
            input_tokens=1200 + 400 * number,
            output_tokens=380,
            cost_usd=0.0093,
        )
    seeds.insert(
        "plan_job_costs",
        job_id=job_id,
        claim_id=uuid4(),
        started_at=seeds.ago(31),
        user_id=seeds.user_id,
        job_type=STORIES,
        month=seeds.now.date().replace(day=1),
        model="claude-sonnet-4-5",
        input_tokens=5210,
        output_tokens=1804,
        cost_usd=0.0427,
    )
    notification_id = uuid4()
    seeds.insert(
        "supajobs.notifications",
        id=notification_id,
        job_id=job_id,
        user_id=seeds.user_id,
        job_type=STORIES,
        event="job.failed",
        occurred_at=seeds.ago(22),
        addressed_at=seeds.ago(22),
    )
    seeds.insert(
        "supajobs.deliveries",
        notification_id=notification_id,
        channel="webhook",
        status="failed",
        attempts=8,
        error="502 Bad Gateway",
        ended_at=seeds.ago(3),
    )


async def _make_flow(seeds: Seeds, queue: JobQueue) -> UUID:
    """An outline, two chapters after it, and the audio after both: all of it waits."""

    async def ask(job_type: str, *after: UUID) -> UUID:
        enqueued = await queue.enqueue(
            user_id=seeds.user_id, job_type=job_type, params={}, after=list(after) or None
        )
        return enqueued.job.id

    outline = await ask(STORIES)
    chapters = [await ask(STORIES, outline), await ask(STORIES, outline)]
    return await ask(MIXES, *chapters)
