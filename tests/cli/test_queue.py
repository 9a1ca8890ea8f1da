"""The figures of the queue and its health."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Invoke
from tests.cli.running import in_terminal, run, supajobs
from tests.parts import Person, Sql, enqueue
from tests.serving import eventually

from supajobs.queue.condition import QueueDescription, QueueHealth
from supajobs.queue.job_queue import JobQueue


async def wake(queue: JobQueue, sql: Sql) -> None:
    """Lets the queue be healthy: nothing that earlier tests left is due, and somebody claims."""
    sql.execute("delete from plan_generation_jobs where status in ('pending', 'processing')")
    sql.execute("update supajobs.sweeps set swept_at = now()")
    assert (await queue.check()).status != "unhealthy"


async def test_figures_and_health_are_one_document(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    sql: Sql,
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    await wake(queue, sql)
    job_type = make_job_type()
    await enqueue(queue, person, job_type)
    ran = await run("queue", "--json", env=environment, cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    described = QueueDescription.model_validate(ran.document["queue"])
    [ours] = [each for each in described.job_types if each.job_type == job_type]
    assert (ours.pending, described.total.pending) == (1, 1)
    assert QueueHealth.model_validate(ran.document["health"]).status != "unhealthy"


async def test_an_unhealthy_queue_is_exit_1(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    sql: Sql,
    invoke: Invoke,
) -> None:
    await wake(queue, sql)
    job_type = make_job_type()
    job_id = await enqueue(queue, person, job_type)
    sql.execute(
        "update plan_generation_jobs set run_at = now() - interval '2 hours', "
        "created_at = now() - interval '2 hours' where id = %s",
        [job_id],
    )
    try:
        for arguments in (["queue"], ["queue", "--json"]):
            ran = await invoke(*arguments)
            assert ran.code == 1
            assert "unhealthy" in ran.out
            assert "old_backlog" in ran.out
            assert ran.err == ""
    finally:
        sql.execute("delete from plan_generation_jobs where id = %s", [job_id])


async def test_the_figures_fit_into_a_narrow_terminal(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    job_type = make_job_type()
    await enqueue(queue, person, job_type)
    narrow = await run_in_terminal(environment, tmp_path, columns=80)
    wide = await run_in_terminal(environment, tmp_path, columns=200)
    columns = (
        *("pending", "scheduled", "processing", "oldest_pending_seconds", "completed", "failed"),
        *("cancelled", "retrying", "released", "crashed", "success_rate"),
        *("throughput_per_minute", "duration_p50", "duration_p95"),
    )
    for column in columns:
        assert column in narrow, column
        assert column in wide, column
    assert narrow.count("job_type") == 3
    assert wide.count("job_type") == 2


async def run_in_terminal(environment: dict[str, str], cwd: Path, columns: int) -> str:
    env = {**environment, "NO_COLOR": "1"}
    async with in_terminal("queue", env=env, cwd=cwd, columns=columns) as terminal:
        await terminal.process.wait()
        await eventually(lambda: "duration_p95" in terminal.text)
        await asyncio.sleep(0.1)
    return terminal.text


async def test_a_watched_queue_is_drawn_again_until_ctrl_c(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    async with in_terminal(
        "queue", "--watch", env=environment, cwd=tmp_path, columns=100
    ) as terminal:
        await eventually(lambda: "total" in terminal.text)
        job_type = make_job_type()
        await enqueue(queue, person, job_type)
        await eventually(lambda: job_type in terminal.text)
        terminal.process.send_signal(signal.SIGINT)
        _, err = await terminal.process.communicate()
    assert (terminal.process.returncode, err) == (0, b"")


async def test_a_watched_queue_is_a_json_object_per_line(
    environment: dict[str, str], tmp_path: Path
) -> None:
    async with supajobs("queue", "--watch", "--json", env=environment, cwd=tmp_path) as process:
        assert process.stdout
        for _ in range(2):
            line = await process.stdout.readline()
            assert QueueHealth.model_validate_json(line.partition(b'"health": ')[2].rstrip()[:-1])
        process.send_signal(signal.SIGINT)
        _, err = await process.communicate()
    assert (process.returncode, err) == (0, b"")
