"""What is to follow a job is requested with its completion: once, or not at all."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any
from uuid import uuid4

import pytest
from tests.faults.calls import NO_PARAMS, Call, Connections, enqueue
from tests.faults.proxy import Loss, LossyProxy
from tests.faults.scene import Scene

from supajobs.jobs import ClaimedJob
from supajobs.outcomes import Completed
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue


@pytest.fixture
def scene(make_scene: Callable[..., Scene]) -> Scene:
    return make_scene()


@pytest.fixture
def limited(make_job_type: Callable[..., str]) -> str:
    """A type that has a rate limit, whose lock a request takes."""
    return make_job_type(max_enqueues=2, enqueue_window_seconds=600)


def complete(jobs: Sequence[ClaimedJob], *follow_ups: str | None) -> Call:
    """Each followed by a job of this type, or by none."""
    entries: list[dict[str, Any]] = [
        {
            "job_id": job.id,
            "claim_id": job.claim_id,
            "then": job_type and [{"job_type": job_type, "params": {}}],
        }
        for job, job_type in zip(jobs, follow_ups, strict=True)
    ]
    return Call("complete_plan_jobs", {"p_jobs": entries})


def outcomes(jobs: Sequence[ClaimedJob], answer: Any) -> list[str]:
    by_job = {told["job_id"]: told["outcome"] for told in answer}
    return [by_job[str(job.id)] for job in jobs]


def count(scene: Scene, job_type: str) -> int:
    [row] = scene.sql.execute(
        "select count(*) as jobs from plan_generation_jobs where job_type = %s", [job_type]
    ).fetchall()
    return row["jobs"]


@pytest.mark.parametrize("loss", list(Loss))
async def test_an_answer_is_lost(
    scene: Scene,
    proxy: LossyProxy,
    lossy_queue: JobQueue,
    make_job_type: Callable[..., str],
    loss: Loss,
) -> None:
    later = make_job_type()
    followed, refused, plain = await scene.start(3)
    proxy.lose("complete_plan_jobs", loss)
    unknown = "no.such.type"
    ended = [
        (followed, Completed(then=[{"job_type": later, "params": {}}])),
        (
            refused,
            Completed(
                then=[{"job_type": later, "params": {}}, {"job_type": unknown, "params": {}}]
            ),
        ),
        (plain, Completed()),
    ]
    await lossy_queue.complete(ended)
    await proxy.twins_to_end()
    told = await lossy_queue.complete(ended)  # who met the late twin was told busy
    assert [each.outcome for each in told] == ["completed", "failed", "completed"]
    assert count(scene, later) == 1


@pytest.mark.parametrize("loss", list(Loss))
async def test_an_answer_in_the_middle_is_lost(
    scene: Scene,
    proxy: LossyProxy,
    lossy_queue: JobQueue,
    make_job_type: Callable[..., str],
    loss: Loss,
) -> None:
    later = make_job_type()
    [job] = await scene.start(1)
    proxy.lose("enqueue_plan_job_step", loss)
    first = await lossy_queue.flows.enqueue(job, "later", {"job_type": later, "params": {}})
    await proxy.twins_to_end()
    again = await lossy_queue.flows.enqueue(job, "later", {"job_type": later, "params": {}})
    assert first == again is not None
    assert count(scene, later) == 1


async def test_a_settle_waits_for_no_request(
    scene: Scene, connections: Connections, database: Database, limited: str
) -> None:
    jobs = await scene.start(3)
    call = complete(jobs, None, limited, None)
    with connections.open() as connection:
        enqueue(scene.user_id, limited).execute(connection)  # which has the lock of the limit
        assert outcomes(jobs, await call.ask(database)) == ["completed", "busy", "completed"]
        connection.commit()
    assert outcomes(jobs, await call.ask(database)) == ["completed"] * 3
    assert count(scene, limited) == 2


async def test_a_settle_waits_for_no_other_parent(
    scene: Scene, connections: Connections, database: Database, make_job_type: Callable[..., str]
) -> None:
    later = make_job_type()
    [job] = await scene.start(1)
    [parent] = await scene.enqueue(1)
    after = {
        "job_type": later,
        "params": NO_PARAMS,
        "after": [str(job.id), str(parent)],
        "on_parent_failure": "run",
    }
    entry = {"job_id": job.id, "claim_id": job.claim_id, "then": [after]}
    call = Call("complete_plan_jobs", {"p_jobs": [entry]})
    with connections.open() as connection:
        cancel = {"p_job_id": parent, "p_user_id": scene.user_id}
        Call("cancel_plan_job", cancel).execute(connection)
        assert outcomes([job], await call.ask(database)) == ["busy"]
        connection.commit()
    assert outcomes([job], await call.ask(database)) == ["completed"]
    [child] = await scene.queue.claim(
        claim_id=uuid4(), worker_id="test", max_jobs=1, job_types=[later]
    )
    parents = await scene.queue.flows.get_parents(child)
    assert parents
    assert parents[str(parent)].status == "cancelled"
    assert parents[str(job.id)].status == "completed"


async def test_a_call_that_is_killed_requests_nothing(
    scene: Scene,
    connections: Connections,
    database: Database,
    faults: Counter[str],
    make_job_type: Callable[..., str],
) -> None:
    later = make_job_type()
    jobs = await scene.start(1)
    call = complete(jobs, later)
    with connections.open() as connection:
        assert outcomes(jobs, call.execute(connection)) == ["completed"]
        assert outcomes(jobs, await call.ask(database)) == ["busy"]
        scene.sql.execute("select pg_terminate_backend(%s, 5000)", [connection.info.backend_pid])
    faults["connection killed"] += 1
    assert count(scene, later) == 0
    assert outcomes(jobs, await call.ask(database)) == ["completed"]
    assert count(scene, later) == 1
