"""Two workers believe that a job is theirs: the first was silent, and the second has it now."""

import asyncio
from collections import Counter
from collections.abc import Callable
from itertools import product
from uuid import uuid4

import pytest
from tests.faults import calls
from tests.faults.calls import Call, Connections, told
from tests.faults.scene import Scene
from tests.parts import NoParams, make_processor

from supajobs.job_types import JobType, RunningJob
from supajobs.jobs import ClaimedJob
from supajobs.outcomes import Completed, PermanentError
from supajobs.queue.database import Database

Act = Callable[[ClaimedJob], Call]

ACTS: dict[Act, tuple[str, str]] = {
    # What the worker is told that has the job, and the status afterwards.
    calls.complete: ("completed", "completed"),
    calls.fail: ("retrying", "pending"),
    calls.fail_for_good: ("failed", "failed"),
    calls.release: ("released", "pending"),
    calls.beat: ("held", "processing"),
    calls.save_step: ("saved", "processing"),
}
STALE = {act: "lost" if act is calls.beat else "stale" for act in ACTS}


async def two_holders(scene: Scene, count: int) -> list[tuple[ClaimedJob, ClaimedJob]]:
    """Jobs as a silent worker has them, and as the one has them who took over."""
    silent = await scene.start(count)
    scene.sweep([job.id for job in silent])
    holding = {job.id: job for job in await scene.claim(count)}
    return [(job, holding[job.id]) for job in silent]


def look_after(scene: Scene, job: ClaimedJob, act: Act) -> None:
    """What the holder did has been done, and nothing else."""
    look = scene.look(job.id)
    assert look
    assert look["status"] == ACTS[act][1]
    assert look["crash_count"] == 1
    assert look["retry_count"] == int(act is calls.fail)
    assert len(look["plans"]) == int(act is calls.complete)
    assert look["steps"] == (["draft"] if act is calls.save_step else [])
    # A heartbeat passes over a job that is locked, if only by a heartbeat that is stale.
    assert look["progress"] is None or act is calls.beat


@pytest.mark.parametrize("order", ["the silent one first", "the holder first", "both at once"])
async def test_whoever_was_silent_changes_nothing(
    order: str, scene: Scene, database: Database, faults: Counter[str]
) -> None:
    acts = list(product(ACTS, ACTS))
    pairs = await two_holders(scene, len(acts))
    for (silent, holding), (silents_act, holders_act) in zip(pairs, acts, strict=True):
        stale, held = silents_act(silent), holders_act(holding)
        match order:
            case "the silent one first":
                answers = await stale.send(database), await held.send(database)
            case "the holder first":
                answers = (await held.send(database), await stale.send(database))[::-1]
            case _:
                answers = await asyncio.gather(stale.send(database), held.send(database))
        faults["stale lease used"] += 1
        assert (told(answers[0]), told(answers[1])) == (STALE[silents_act], ACTS[holders_act][0])
        look_after(scene, holding, holders_act)


async def test_a_late_completion_comes_while_somebody_is_claiming_the_job(
    scene: Scene, connections: Connections, database: Database, faults: Counter[str]
) -> None:
    [job] = await scene.start(1)
    scene.sweep([job.id])
    claim = calls.claim(uuid4(), scene.job_type)
    answers = await connections.in_order(claim, calls.complete(job), database, waits=True)
    faults["stale lease used"] += 1
    assert (told(answers[0]), told(answers[1])) == ("claimed", "stale")
    assert scene.count("processing") == 1


async def test_somebody_claims_while_a_late_completion_is_under_way(
    scene: Scene, connections: Connections, database: Database, faults: Counter[str]
) -> None:
    [job] = await scene.start(1)
    scene.sweep([job.id])
    claim = calls.claim(uuid4(), scene.job_type)
    answers = await connections.in_order(calls.complete(job), claim, database, waits=False)
    faults["stale lease used"] += 1
    assert (told(answers[0]), told(answers[1])) == ("completed", "nothing")
    assert scene.count("completed") == 1


async def test_a_sweep_comes_while_the_silent_worker_settles(
    scene: Scene, connections: Connections, database: Database, faults: Counter[str]
) -> None:
    [job] = await scene.start(1)
    scene.expire([job.id])
    answers = await connections.in_order(calls.complete(job), calls.sweep(), database, waits=False)
    faults["stale lease used"] += 1
    assert (told(answers[0]), told(answers[1])) == ("completed", 0)
    assert scene.count("completed") == 1


@pytest.mark.parametrize(
    ("act", "answer", "status"),
    [
        # Its work is paid for; what else it has to say comes too late.
        (calls.complete, "completed", "completed"),
        (calls.fail, "stale", "pending"),
        (calls.release, "stale", "pending"),
        (calls.beat, "lost", "pending"),
        (calls.save_step, "stale", "pending"),
    ],
)
async def test_the_silent_worker_comes_while_a_sweep_takes_the_job(
    act: Act,
    answer: str,
    status: str,
    scene: Scene,
    connections: Connections,
    database: Database,
    faults: Counter[str],
) -> None:
    [job] = await scene.start(1)
    scene.expire([job.id])
    waits = act is not calls.beat
    if waits:
        answers = await connections.in_order(calls.sweep(), act(job), database, waits=True)
    else:
        answers = calls.sweep().execute(scene.sql), await act(job).send(database)
    faults["stale lease used"] += 1
    assert (told(answers[0]), told(answers[1])) == (1, answer)
    assert scene.count(status) == 1


async def test_a_late_completion_and_a_claim_at_the_same_time(
    scene: Scene, database: Database, faults: Counter[str], rounds: int
) -> None:
    for _ in range(10 * rounds):
        [job] = await scene.start(1)
        scene.sweep([job.id])
        answers = await asyncio.gather(
            calls.complete(job).send(database),
            calls.claim(uuid4(), scene.job_type).send(database),
        )
        faults["stale lease used"] += 1
        assert (told(answers[0]), told(answers[1])) in {
            ("completed", "nothing"),
            ("stale", "claimed"),
        }


class Silence:
    """A handler that goes on for as long as the test wants, and ends as it wants."""

    def __init__(self) -> None:
        self.begun = asyncio.Event()
        self.over = asyncio.Event()
        self.error: Exception | None = None

    async def handle(self, _job: RunningJob, _params: NoParams) -> Completed:
        self.begun.set()
        await self.over.wait()
        if self.error:
            raise self.error
        return Completed(plan={"by": "the silent one"})


async def write(job: RunningJob, params: NoParams) -> Completed:
    return Completed(plan={"by": "the other one"})


@pytest.mark.parametrize("error", [None, PermanentError("no")])
async def test_a_processor_that_was_silent_drops_what_it_has(
    error: Exception | None, scene: Scene, faults: Counter[str]
) -> None:
    [job_id] = await scene.enqueue(1)
    silence = Silence()
    silence.error = error
    silent = make_processor(scene.queue, JobType(scene.job_type, NoParams, silence.handle))
    draining = asyncio.create_task(silent.drain())
    await silence.begun.wait()
    scene.expire([job_id])
    other = make_processor(scene.queue, JobType(scene.job_type, NoParams, write))
    assert await other.drain() == {"completed": 1}
    faults["stale lease used"] += 1
    silence.over.set()
    assert await draining == {"stale": 1}
    look = scene.look(job_id)
    assert look
    assert look["plans"] == [{"by": "the other one"}]
    assert look["attempts"] == ["crashed", "completed"]


async def test_a_processor_that_was_silent_stops_at_its_next_heartbeat(
    make_scene: Callable[..., Scene], faults: Counter[str]
) -> None:
    scene = make_scene(lease_seconds=1)
    [job_id] = await scene.enqueue(1)
    silence = Silence()
    silent = make_processor(scene.queue, JobType(scene.job_type, NoParams, silence.handle))
    draining = asyncio.create_task(silent.drain())
    await silence.begun.wait()
    scene.sql.execute(  # for whoever is next: else the silent one may take it from them in turn
        "update plan_generation_jobs set lease_seconds = 3600 where id = %s", [job_id]
    )
    scene.sweep([job_id])
    await scene.claim(1)
    faults["stale lease used"] += 1
    assert await draining == {}  # and it tells nobody anything
    assert scene.count("processing") == 1
