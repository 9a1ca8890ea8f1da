"""Workers in TypeScript and in Python on one queue, which die by kill -9 all the time."""

import asyncio
import os
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from tests import forks
from tests.clients.saying import saying
from tests.parts import PROJECT, Person, Sql
from tests.serving import eventually

from supajobs.local.stack import StackInfo
from supajobs.loggers import get_logger
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.requests import Entry

logger = get_logger(__name__)

JOBS = 1000
OF_EACH = 3
A_FEW = 25
"""Jobs that end between two kills, at least: on a busy machine it takes long to start a worker."""
SECONDS = 0.2
"""That a job takes: long enough to be hit."""

ENDS = """
    select
      job_type, (params ->> 'number')::integer as number, status, result, retry_count, crash_count,
      array(select outcome from plan_job_attempts where job_id = job.id order by started_at)
        as attempts
    from plan_generation_jobs as job
    where job_type = any(%s)
"""


async def live_in_typescript(built: Path, environment: Mapping[str, str]) -> None:
    async with saying("working.mjs", built, **environment) as worker:
        await worker.process.wait()


async def live_in_python(environment: Mapping[str, str]) -> None:
    out = os.open(os.devnull, os.O_WRONLY)
    worker = await forks.start(
        "supajobs", "work", env=environment, cwd=PROJECT, stdout=out, stderr=out
    )
    os.close(out)
    try:
        await worker.wait()
    finally:
        await worker.kill()


@pytest.mark.timeout(1800)
async def test_each_job_ends_once_in_either_language(
    stack: StackInfo,
    built: Path,
    queue: JobQueue,
    person: Person,
    sql: Sql,
    make_job_type: Callable[..., str],
) -> None:
    in_typescript, in_python, in_either = job_types = [
        make_job_type(lease_seconds=2, max_crashes=100) for _ in range(3)
    ]
    entries = [
        Entry(
            user_id=person.id,
            job_type=job_types[number % 3],
            params={"as": "double", "number": number, "seconds": SECONDS},
            options={},
        )
        for number in range(JOBS)
    ]
    typescript = {**stack.environment, "JOB_TYPES": f"{in_typescript},{in_either}"}
    python = {
        "PATH": os.environ["PATH"],
        **stack.environment,
        "JOB_TYPES": f"{in_python},{in_either}",
        "JOB_MODULES": "tests.clients.mixed_jobs",
        "JOB_FAMILIES": "",
        "WORKER_CONCURRENCY": "4",
        "WORKER_POLL_SECONDS": "0.2",
    }
    lives = {
        "typescript": lambda: live_in_typescript(built, typescript),
        "python": lambda: live_in_python(python),
    }
    workers = {
        language: [asyncio.create_task(live()) for _ in range(OF_EACH)]
        for language, live in lives.items()
    }
    kills = Counter[str]()

    def all_are_ready() -> bool:
        noted = sql.execute(  # and not those that other tests have killed
            "select from supajobs.processors where job_types && %s", [job_types]
        ).fetchall()
        return len(noted) == OF_EACH * len(workers)

    await eventually(all_are_ready, within=300)
    await queue.enqueue_many(entries)

    def count_ended() -> int:
        [row] = sql.execute(
            "select count(*) as jobs from plan_generation_jobs "
            "where job_type = any(%s) and completed_at is not null",
            [job_types],
        ).fetchall()
        return row["jobs"]

    def have_got_on(since: int) -> bool:
        return count_ended() >= min(since + A_FEW, JOBS)

    while (ended := count_ended()) < JOBS:
        await asyncio.sleep(1)
        await eventually(lambda since=ended: have_got_on(since), within=300)
        for language, living in workers.items():
            victim = living.pop(0)
            assert not victim.done(), "it died by itself"
            victim.cancel()
            await asyncio.wait({victim})
            kills[language] += 1
            living.append(asyncio.create_task(lives[language]()))
    still_alive = [worker for living in workers.values() for worker in living]
    for worker in still_alive:
        worker.cancel()
    await asyncio.wait(still_alive)

    jobs = sql.execute(ENDS, [job_types]).fetchall()
    outcomes = Counter(outcome for job in jobs for outcome in job["attempts"])
    by = Counter((job_types.index(job["job_type"]), job["result"]["language"]) for job in jobs)
    logger.info("mixed", kills=dict(kills), attempts=dict(outcomes), by_type=dict(by))
    assert len(jobs) == JOBS
    for job in jobs:
        assert (job["status"], job["retry_count"]) == ("completed", 0), job
        assert job["result"]["doubled"] == 2 * job["number"], job
        # As often as it was hit it has crashed, and it has completed once.
        assert job["attempts"].count("completed") == 1, job
        assert job["attempts"].count("crashed") == len(job["attempts"]) - 1, job
    assert by.keys() == {(0, "typescript"), (1, "python"), (2, "typescript"), (2, "python")}
    assert outcomes["crashed"] > 0, "no kill hit a running job: the test tested nothing"
