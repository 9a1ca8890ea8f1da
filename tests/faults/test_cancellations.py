"""A cancellation meets whatever else happens to the job, in both orders and at the same time."""

import asyncio
import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import pytest
from tests.faults import calls
from tests.faults.calls import Call, Connections, told
from tests.faults.scene import Scene

from supajobs.jobs import ClaimedJob
from supajobs.queue.database import Database


@dataclass(frozen=True)
class Order:
    """What the two are told, and what becomes of the job."""

    cancel: str
    other: Any
    status: str
    waits: bool = True
    """Whether the second waits for the first; some pass over a job that is being changed."""


@dataclass(frozen=True)
class Race:
    name: str
    other: Callable[[ClaimedJob], Call]
    """What happens to a job that a worker has."""
    cancel_first: Order
    cancel_second: Order
    cancel_long_before: Order | None = None
    """Where it is neither of them."""


RACES = [
    Race(
        "complete",
        calls.complete,
        cancel_first=Order("requested", "cancelled", "cancelled"),
        cancel_second=Order("finished", "completed", "completed"),
    ),
    Race(
        "fail",
        calls.fail,
        cancel_first=Order("requested", "cancelled", "cancelled"),
        cancel_second=Order("cancelled", "retrying", "cancelled"),
    ),
    Race(
        "fail for good",
        calls.fail_for_good,
        cancel_first=Order("requested", "cancelled", "cancelled"),
        cancel_second=Order("finished", "failed", "failed"),
    ),
    Race(
        "release",
        calls.release,
        cancel_first=Order("requested", "cancelled", "cancelled"),
        cancel_second=Order("cancelled", "released", "cancelled"),
    ),
    Race(
        "heartbeat",
        calls.beat,
        cancel_first=Order("requested", "held", "processing", waits=False),
        cancel_second=Order("requested", "held", "processing"),
    ),
    Race(
        "save a step",
        calls.save_step,
        cancel_first=Order("requested", "saved", "processing"),
        cancel_second=Order("requested", "saved", "processing"),
    ),
    Race(
        "claim",
        lambda job: calls.claim(uuid4(), job.job_type),
        cancel_first=Order("cancelled", "nothing", "cancelled", waits=False),
        cancel_second=Order("requested", "claimed", "processing"),
    ),
    Race(
        "sweep",
        lambda _job: calls.sweep(),
        cancel_first=Order("requested", 0, "processing", waits=False),
        cancel_second=Order("cancelled", 1, "cancelled"),
        cancel_long_before=Order("requested", 1, "cancelled"),
    ),
]
of_each_race = pytest.mark.parametrize("race", RACES, ids=lambda race: race.name)


async def arrange(scene: Scene, race: Race, database: Database) -> ClaimedJob:
    """A job that is ready for the race: claimed, and for some given back or forgotten."""
    [job] = await scene.start(1)
    if race.name == "claim":
        await calls.release(job).send(database)
    if race.name == "sweep":
        scene.expire([job.id])
    return job


def end(scene: Scene, job_id: UUID) -> tuple[str, int]:
    look = scene.look(job_id)
    assert look
    return look["status"], len(look["plans"])


@of_each_race
async def test_the_cancellation_comes_first(
    race: Race, scene: Scene, connections: Connections, database: Database, faults: Counter[str]
) -> None:
    job = await arrange(scene, race, database)
    cancel = calls.cancel(job.id, scene.user_id)
    expected = race.cancel_first
    answers = await connections.in_order(cancel, race.other(job), database, waits=expected.waits)
    faults["calls that met"] += 1
    assert (told(answers[0]), told(answers[1])) == (expected.cancel, expected.other)
    assert end(scene, job.id) == (expected.status, 0)


@of_each_race
async def test_the_cancellation_comes_second(
    race: Race, scene: Scene, connections: Connections, database: Database, faults: Counter[str]
) -> None:
    job = await arrange(scene, race, database)
    cancel = calls.cancel(job.id, scene.user_id)
    expected = race.cancel_second
    answers = await connections.in_order(race.other(job), cancel, database, waits=expected.waits)
    faults["calls that met"] += 1
    assert (told(answers[0]), told(answers[1])) == (expected.other, expected.cancel)
    assert end(scene, job.id) == (expected.status, int(expected.status == "completed"))


@of_each_race
async def test_both_come_at_the_same_time(
    race: Race,
    scene: Scene,
    connections: Connections,
    database: Database,
    faults: Counter[str],
    rounds: int,
) -> None:
    possible = {
        (order.cancel, order.other, order.status)
        for order in (race.cancel_first, race.cancel_second, race.cancel_long_before)
        if order
    }
    chance = random.Random(race.name)  # noqa: S311 - the same each time
    for _ in range(6 * rounds):
        job = await arrange(scene, race, database)
        both = [calls.cancel(job.id, scene.user_id), race.other(job)]
        chance.shuffle(both)
        sent = [connections.send(call, database) for call in both]
        told_by = {
            call.function: told(answer)
            for call, answer in zip(both, await asyncio.gather(*sent), strict=True)
        }
        faults["calls that met"] += 1
        status, plans = end(scene, job.id)
        assert (told_by.pop("cancel_plan_job"), *told_by.values(), status) in possible
        assert plans == int(status == "completed")
        scene.sweep([job.id])  # whoever has it still
