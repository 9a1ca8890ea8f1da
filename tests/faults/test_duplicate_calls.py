"""A call and its repetition are under way at the same time: together they do it once."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable
from typing import Any
from uuid import uuid4

import pytest
from pydantic import TypeAdapter
from tests.faults import calls
from tests.faults.calls import Call, Connections, told
from tests.faults.proxy import Loss, LossyProxy
from tests.faults.scene import Scene
from tests.parts import settle

from supajobs.jobs import ClaimedJob
from supajobs.outcomes import JsonObject, Suspended
from supajobs.queue.database import Database

_jobs = TypeAdapter(list[ClaimedJob])

Prepare = Callable[[Scene], Awaitable[Call]]
Act = Callable[..., Call]


async def enqueue(scene: Scene) -> Call:
    return calls.enqueue(scene.user_id, scene.job_type, p_idempotency_key=str(uuid4()))


async def claim(scene: Scene) -> Call:
    await scene.enqueue(5)
    return calls.claim(uuid4(), scene.job_type, max_jobs=3)


async def claim_within_limits(scene: Scene) -> Call:
    scene.sql.execute(
        "update plan_job_types set max_running = 4, starts_per_minute = 4 where job_type = %s",
        [scene.job_type],
    )
    return await claim(scene)


async def complete(scene: Scene) -> Call:
    return calls.complete(*await scene.start(3))


async def advance(scene: Scene) -> Call:
    jobs = await scene.start(2)
    await scene.enqueue(3)
    return calls.advance(*jobs, claim_id=uuid4(), max_jobs=2)


async def fail(scene: Scene) -> Call:
    return calls.fail(*await scene.start(3))


async def suspend(scene: Scene) -> Call:
    return calls.suspend(*await scene.start(3))


async def signal(scene: Scene) -> Call:
    [job] = await scene.start(1)
    await settle(scene.queue, job, Suspended(kind="signal", name="approval", seconds=3600))
    return calls.signal(job.id, scene.user_id)


async def enqueue_many(scene: Scene) -> Call:
    entry: JsonObject = {"user_id": str(scene.user_id), "job_type": scene.job_type, "params": {}}
    first, *others = [{**entry, "idempotency_key": str(uuid4())} for _ in range(4)]
    others[-1]["after"] = ["first"]
    return calls.enqueue_many([{**first, "ref": "first"}, *others])


async def release(scene: Scene) -> Call:
    return calls.release(*await scene.start(3))


async def save_step(scene: Scene) -> Call:
    return calls.save_step(*await scene.start(1))


async def cancel(scene: Scene) -> Call:
    [job_id] = await scene.enqueue(1)
    return calls.cancel(job_id, scene.user_id)


async def heartbeat(scene: Scene) -> Call:
    return calls.beat(*await scene.start(3))


async def retry(scene: Scene) -> Call:
    [job_id] = await scene.enqueue(1)
    await scene.queue.cancel(job_id, scene.user_id)
    return calls.retry(job_id, scene.user_id)


REPEATABLE = [
    *(enqueue, claim, claim_within_limits, complete, advance),
    *(fail, release, suspend, signal, enqueue_many, save_step, cancel),
]
of_each_call = pytest.mark.parametrize("prepare", REPEATABLE, ids=lambda prepare: prepare.__name__)


def sorted_answer(answer: Any) -> Any:
    """The answer without what may differ: `created` or `existing`, and the order of the jobs."""
    match answer:
        case {"outcome": "created" | "existing" | "stored", "job": job}:
            return job["id"]
        case [{"outcome": "created" | "existing", "job": _}, *_]:
            return [each["job"]["id"] for each in answer]
        case {"job": {"id": job_id}, "outcome": outcome}:
            return job_id, outcome
        case {"settled": settled, "claimed": claimed}:
            return sorted_answer(settled), sorted_answer(claimed)
        case [*entries]:
            return sorted(entries, key=str)
        case _:
            return answer


def ends(scene: Scene) -> list[Any]:
    rows = scene.sql.execute(
        "select id from plan_generation_jobs where job_type = %s order by id", [scene.job_type]
    ).fetchall()
    return [scene.look(row["id"]) for row in rows]


@of_each_call
async def test_the_second_copy_ends_after_the_first_and_is_told_the_same(
    prepare: Prepare,
    scene: Scene,
    connections: Connections,
    database: Database,
    faults: Counter[str],
) -> None:
    call = await prepare(scene)
    first, second = await connections.in_order(call, call, database, waits=True)
    faults["call made twice"] += 1
    assert sorted_answer(first) == sorted_answer(second)


@of_each_call
async def test_the_second_copy_does_it_when_the_first_is_rolled_back(
    prepare: Prepare,
    make_scene: Callable[..., Scene],
    connections: Connections,
    database: Database,
    faults: Counter[str],
) -> None:
    scene = make_scene()
    call = await prepare(scene)
    _, second = await connections.in_order(call, call, database, waits=True, commits=False)
    faults["call rolled back"] += 1
    alone = make_scene()
    answer = await (await prepare(alone)).send(database)
    assert gist(second) == gist(answer)
    assert ends(scene) == ends(alone)


def gist(answer: Any) -> Any:
    """What the answers to two such calls about different jobs have in common."""
    match answer:
        case {"settled": settled, "claimed": claimed}:
            return gist(settled), gist(claimed)
        case {"outcome": "created" | "existing" | "stored"}:
            return "done"
        case [{"outcome": _}, *_]:
            return [gist(entry) for entry in answer]
        case [*_]:
            return len(answer)
        case _:
            return told(answer)


@pytest.mark.parametrize("prepare", [*REPEATABLE, retry], ids=lambda prepare: prepare.__name__)
async def test_three_copies_at_the_same_time_do_it_once(
    prepare: Prepare,
    make_scene: Callable[..., Scene],
    database: Database,
    faults: Counter[str],
    rounds: int,
) -> None:
    alone = make_scene()
    await (await prepare(alone)).send(database)
    for _ in range(3 * rounds):
        scene = make_scene()
        call = await prepare(scene)
        answers = await asyncio.gather(*(call.send(database) for _ in range(3)))
        faults["call made twice"] += 2
        assert ends(scene) == ends(alone)
        if prepare is not retry:  # the others are told not_finished: the job is on its way
            first, *others = map(sorted_answer, answers)
            assert others == [first, first]


@pytest.mark.parametrize("prepare", [*REPEATABLE, heartbeat], ids=lambda prepare: prepare.__name__)
async def test_a_slow_first_try_arrives_beside_the_second(
    prepare: Prepare,
    make_scene: Callable[..., Scene],
    proxy: LossyProxy,
    lossy_database: Database,
    database: Database,
) -> None:
    alone = make_scene()
    heard = await (await prepare(alone)).send(database)
    scene = make_scene()
    call = await prepare(scene)
    proxy.lose(call.function, Loss.TWIN)
    assert gist(await call.send(lossy_database)) == gist(heard)
    await proxy.twins_to_end()
    assert ends(scene) == ends(alone)


async def test_workers_that_advance_at_once_run_each_job_once(
    scene: Scene, database: Database, faults: Counter[str], rounds: int
) -> None:
    """Some of their calls are made twice at once, and some again when others have gone on."""
    chance = random.Random(0)  # noqa: S311 - the same each time
    count, claimed = 160 * rounds, Counter[str]()
    await database.call(
        "enqueue_plan_jobs",
        {
            "p_jobs": [
                {"user_id": scene.user_id, "job_type": scene.job_type, "params": {}}
                for _ in range(count)
            ]
        },
        TypeAdapter(list[Any]),
    )

    async def work(places: int) -> None:
        ended: list[ClaimedJob] = []
        while True:
            claim_id = uuid4()
            call = (
                calls.advance(*ended, claim_id=claim_id, max_jobs=places)
                if ended
                else calls.claim(claim_id, scene.job_type, max_jobs=places)
            )
            copies = 2 if chance.random() < 0.2 else 1
            said = await asyncio.gather(*(call.send(database) for _ in range(copies)))
            faults["call made twice"] += copies - 1
            if ended:
                assert all(gist(each)[0] == ["completed"] * len(ended) for each in said)
            told = [each["claimed"] if ended else each for each in said]
            assert all(sorted_answer(each) == sorted_answer(told[0]) for each in told)
            settled, ended = ended, _jobs.validate_python(told[0])
            claimed.update(str(job.id) for job in ended)
            if settled and chance.random() < 0.5:
                late = calls.complete(*settled)
                assert gist(await late.send(database)) == ["completed"] * len(settled)
                faults["call made twice"] += 1
            if not ended:
                return

    await asyncio.gather(*(work(places) for places in [1] * 4 + [10] * 4))
    assert set(claimed.values()) == {1}
    assert len(claimed) == scene.count("completed") == count


async def test_a_claim_that_arrives_long_after_its_end_blocks_nobody(
    scene: Scene, database: Database, faults: Counter[str]
) -> None:
    [job_id] = await scene.enqueue(1)
    [job] = await scene.claim(1)
    await calls.release(job).send(database)
    # A copy of the claim that was held up somewhere. Nobody waits for its answer any more.
    await calls.claim(job.claim_id, scene.job_type).send(database)
    faults["call made twice"] += 1
    scene.expire([job_id])
    await scene.enqueue(1)
    jobs = await scene.claim(2)
    answers = await calls.complete(*jobs).send(database)
    assert [answer["outcome"] for answer in answers] == ["completed", "completed"]


async def test_heartbeats_and_settles_of_one_worker_never_wait_in_a_circle(
    make_scene: Callable[..., Scene], database: Database, faults: Counter[str], rounds: int
) -> None:
    chance = random.Random(0)  # noqa: S311 - the same each time
    for _ in range(10 * rounds):
        scene = make_scene()
        jobs = await scene.start(24)
        kinds = [calls.complete, calls.fail, calls.release]
        chance.shuffle(jobs)
        batches = [kind(*jobs[number::3]) for number, kind in enumerate(kinds)]
        beats = [calls.beat(*chance.sample(jobs, len(jobs))) for _ in range(3)]
        # The same settles twice, and all jobs in another order each time.
        everything = [*batches, *beats, *batches]
        chance.shuffle(everything)
        await asyncio.gather(*(call.send(database) for call in everything))
        faults["call made twice"] += len(batches)
        faults["calls that met"] += len(beats)
        assert scene.count("completed") == 8
        assert scene.count("processing") == 0


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (calls.complete, calls.complete),
        (calls.fail, calls.fail),
        (calls.release, calls.release),
        (calls.complete, calls.release),
    ],
    ids=lambda act: act.__name__,
)
async def test_two_batches_in_opposite_orders_never_wait_in_a_circle(
    one: Act,
    other: Act,
    scene: Scene,
    connections: Connections,
    database: Database,
    find_deadlocks: Callable[[], str],
    faults: Counter[str],
) -> None:
    first, middle, last = await scene.start(3)
    before = find_deadlocks()
    with connections.open() as connection:
        # If they waited for what they need next, and took the jobs as they come, each would by now
        # have what the other needs.
        calls.cancel(middle.id, scene.user_id).execute(connection)
        batches: list[asyncio.Task[Any]] = []
        for batch in (one(first, middle, last), other(last, middle, first)):
            batches.append(asyncio.create_task(batch.send(database)))
            assert calls.is_busy(await batch.ask(database))
        connection.rollback()
        await asyncio.gather(*batches)
    faults["calls that met"] += 1
    assert find_deadlocks() == before
