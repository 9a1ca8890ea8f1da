"""Workers die by kill -9 at every step of a plan that a model writes: no step is paid for again."""

import json
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from fastapi import Response
from tests.faults.proxy import LossyProxy
from tests.faults.scene import Scene
from tests.faults.worker import Worker
from tests.handlers.training_plan.authors import DOLLARS, Author, add_up, find_step, write_like
from tests.handlers.training_plan.plans import Json, write_cycling_plan
from tests.notifications.receivers import WEBHOOK_SECRET, Receiver, receiving
from tests.providers import KEY, Call, Provider, serve_provider
from tests.serving import eventually

MODEL = "deepseek:deepseek-flash"
SAVE = "save_plan_job_step"
STEPS = 8
PLAN: Json = {
    "athlete_profile": {"ftp": 265, "weight_kg": 70, "age": 35, "weekdays": ["tue", "thu", "sat"]},
    "weeks": 21,
    "starts_on": "2027-01-04",
}


@dataclass(frozen=True)
class Life:
    """Workers behind a proxy, one after the other, and the one job that they have."""

    scene: Scene
    job_id: UUID
    proxy: LossyProxy
    provider: Provider
    author: Author
    receiver: Receiver
    start: Callable[[], Worker]
    faults: Counter[str]

    def end(self, worker: Worker) -> None:
        worker.kill()
        self.faults["worker killed"] += 1
        self.scene.sweep([self.job_id])


@pytest.fixture
async def life(
    make_scene: Callable[..., Scene],
    proxy: LossyProxy,
    start_worker: Callable[..., Worker],
    faults: Counter[str],
) -> AsyncGenerator[Life]:
    scene = make_scene(max_crashes=STEPS + 1, notifies=True)
    [job_id] = await scene.enqueue(1, **PLAN)
    author = write_like(write_cycling_plan(PLAN))
    async with serve_provider(author.reply) as provider, receiving() as receiver:

        def start() -> Worker:
            return start_worker(
                scene.job_type,
                worker_concurrency=1,  # else it might take the job once more while it dies
                supabase_url=proxy.url,
                plan_model=MODEL,
                deepseek_api_key=KEY,
                deepseek_base_url=provider.url,
                model_prices=json.dumps({MODEL: DOLLARS}),
                webhook_url=f"{receiver.url}/hook",
                webhook_secret=WEBHOOK_SECRET,
            )

        yield Life(scene, job_id, proxy, provider, author, receiver, start, faults)


async def dies_while_the_model_writes(life: Life) -> None:
    """The model's answer to the first request for each step comes too late."""

    def reply(call: Call) -> Response | None:
        answer = life.author.reply(call)
        return answer if life.author.asked.count(find_step(call)) > 1 else None

    life.provider.reply = reply
    for steps in range(1, STEPS + 1):
        worker = life.start()
        await eventually(lambda steps=steps: len(set(life.author.asked)) == steps)
        life.end(worker)


async def dies_before_its_step_is_saved(life: Life) -> None:
    for step in range(STEPS):
        gate = life.proxy.hold_request(SAVE)
        worker = life.start()
        await gate.reached.wait()
        if step:  # the one that its predecessor lost
            redone, gate = gate, life.proxy.hold_request(SAVE)
            redone.open()
            await gate.reached.wait()
        life.end(worker)
        gate.drop()


async def dies_when_its_step_is_saved(life: Life) -> None:
    for _ in range(STEPS):
        gate = life.proxy.hold_answer(SAVE)
        worker = life.start()
        await gate.reached.wait()
        life.end(worker)
        gate.open()


def read_deliveries(life: Life) -> list[str]:
    """How far each notification about the job is, at each receiver."""
    rows = life.scene.sql.execute(
        "select coalesce(delivery.status, 'unaddressed') as status "
        "from supajobs.notifications as notification "
        "left join supajobs.deliveries as delivery on notification.id = notification_id "
        "where job_id = %s",
        [life.job_id],
    ).fetchall()
    return [row["status"] for row in rows]


@pytest.mark.parametrize(
    ("dies", "calls"),
    [
        (dies_while_the_model_writes, 2 * STEPS),
        (dies_before_its_step_is_saved, 2 * STEPS),
        (dies_when_its_step_is_saved, STEPS),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
async def test_a_worker(dies: Callable[[Life], Awaitable[None]], calls: int, life: Life) -> None:
    await dies(life)
    life.start()
    await eventually(lambda: life.scene.count("completed"))
    look: Any = life.scene.look(life.job_id)
    assert look["attempts"] == ["crashed"] * STEPS + ["completed"]
    assert len(look["plans"]) == 1
    assert look["plans"][0]["discipline"] == "cycling"
    await eventually(lambda: read_deliveries(life) == ["delivered"])
    told = [call.json for call in life.receiver.calls]
    told = [each["type"] for each in told if each["data"]["job_id"] == str(life.job_id)]
    assert told == ["job.completed"]

    # One call for each step, and the one that was under way at each kill.
    assert len(life.provider.calls) == calls
    assert max(Counter(life.author.asked).values()) == calls // STEPS
    # What was saved is on record as it was billed; of the others nobody heard what they cost.
    paid = {bill.step: bill for bill in life.author.bills}
    assert len(paid) == STEPS
    [row] = life.scene.sql.execute(
        "select sum(input_tokens)::int as input, sum(output_tokens)::int as output, "
        "sum(cost_usd)::float as cost from plan_job_attempts where job_id = %s",
        [life.job_id],
    ).fetchall()
    assert (row["input"], row["output"], row["cost"]) == pytest.approx(add_up(paid.values()))
