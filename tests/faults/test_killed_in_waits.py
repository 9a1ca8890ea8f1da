"""Workers die by kill -9 as their job begins to wait: it waits once, and goes on when told."""

from collections import Counter
from collections.abc import Callable

import pytest
from tests.faults.proxy import LossyProxy
from tests.faults.scene import Scene
from tests.faults.worker import Worker
from tests.serving import eventually

SUSPEND = "suspend_plan_jobs"
WAIT = "select until from supajobs.waits where job_id = %s"


@pytest.mark.parametrize("is_heard", [False, True])
async def test_a_wait_outlives_the_worker_that_began_it(
    *,
    is_heard: bool,
    scene: Scene,
    proxy: LossyProxy,
    start_worker: Callable[..., Worker],
    faults: Counter[str],
) -> None:
    [job_id] = await scene.enqueue(1, waits=True)

    def read() -> dict[str, object]:
        query = "select * from plan_generation_jobs where id = %s"
        [row] = scene.sql.execute(query, [job_id]).fetchall()
        return row

    gate = proxy.hold_answer(SUSPEND) if is_heard else proxy.hold_request(SUSPEND)
    worker = start_worker(scene.job_type, worker_concurrency=1, supabase_url=proxy.url)
    await gate.reached.wait()
    if is_heard:
        await eventually(lambda: read()["waiting_for"] == "approval")
    worker.kill()
    faults["worker killed"] += 1
    gate.drop()
    if not is_heard:
        scene.sweep([job_id])
    next_worker = start_worker(scene.job_type, worker_concurrency=1)
    await eventually(lambda: read()["waiting_for"] == "approval")
    [wait] = scene.sql.execute(WAIT, [job_id]).fetchall()
    assert read()["run_at"] == wait["until"]
    assert read()["crash_count"] == (0 if is_heard else 1)

    told = await scene.queue.signals.send(job_id, scene.user_id, "approval", {"by": "Fox"})
    assert told.outcome == "stored"
    await eventually(lambda: read()["status"] == "completed")
    assert read()["retry_count"] == 0
    next_worker.terminate()
