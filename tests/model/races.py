"""What has to hold when several do the same thing at the same moment."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

from psycopg.types.json import Jsonb
from tests.model.client import Client
from tests.model.sentences import check_sentences

USER = UUID(int=1)
NEIGHBOUR = UUID(int=2)
RACERS = 6


def race(url: str, act: Callable[[Client], Any], *, seconds: float = 0.1) -> list[Any]:
    """Does the same in several transactions, which overlap unless one makes the others wait.

    `seconds`: for how long each then stays open, not yet committed, while the others are at it.
    """
    barrier = Barrier(RACERS)

    def run(_: int) -> Any:
        with Client.connect(url) as client:
            barrier.wait(timeout=10)
            with client.connection.transaction():
                answer = act(client)
                time.sleep(seconds)
            return answer

    with ThreadPoolExecutor(RACERS) as pool:
        return list(pool.map(run, range(RACERS)))


def prepare(client: Client, *, jobs: int = 0, **limits: Any) -> None:
    client.insert("auth", "users", {"id": USER})
    client.insert("auth", "users", {"id": NEIGHBOUR})
    client.insert("public", "plan_job_types", {"job_type": "raced", **limits})
    for _ in range(jobs):
        enqueue(client)


def enqueue(client: Client, user_id: UUID = USER, job_type: str = "raced", **options: Any) -> str:
    answer = client.call(
        "enqueue_plan_job", p_user_id=user_id, p_job_type=job_type, p_params={}, **options
    )
    return answer["outcome"]


def claim(client: Client, max_jobs: int, claim_id: UUID | None = None) -> set[tuple[str, str]]:
    jobs = client.call(
        "claim_plan_jobs",
        p_claim_id=claim_id or uuid4(),
        p_worker_id="racer",
        p_max_jobs=max_jobs,
    )
    return {(job["id"], job["claim_id"]) for job in jobs}


def sweep(client: Client) -> None:
    """After a slow one, so that empty lanes move, too; and no claim sweeps after it."""
    client.execute("update supajobs.sweeps set swept_at = '-infinity', pause = '2 s'")
    client.call("supajobs.sweep")
    client.execute("update supajobs.sweeps set swept_at = 'infinity'")


def refuse_to_wait(client: Client) -> None:
    client.execute("set lock_timeout = '300 ms'")


def count_running(client: Client) -> int:
    row = client.connection.execute(
        "select count(*) as running from plan_generation_jobs where status = 'processing'"
    ).fetchone()
    assert row
    return row["running"]


def max_running_holds(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client, jobs=12, max_running=2)
        race(url, lambda racer: claim(racer, 2))
        assert count_running(client) == 2
        check_sentences(client.connection)


def starts_per_minute_hold(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client, jobs=12, starts_per_minute=3)
        race(url, lambda racer: claim(racer, 2))
        assert count_running(client) == 3
        check_sentences(client.connection)


def the_limit_of_enqueues_holds(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client, max_enqueues=2, enqueue_window_seconds=60)
    outcomes = race(url, enqueue)
    assert Counter(outcomes) == {"created": 2, "rate_limited": RACERS - 2}


def one_job_holds_a_dedupe_key(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client, dedupe_by="user")
    outcomes = race(url, enqueue)
    assert Counter(outcomes) == {"created": 1, "existing": RACERS - 1}


def one_job_has_an_idempotency_key(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client)
    outcomes = race(url, lambda racer: enqueue(racer, p_idempotency_key="a"))
    assert Counter(outcomes) == {"created": 1, "existing": RACERS - 1}


def copies_of_a_claim_take_the_same(url: str) -> None:
    claim_id = uuid4()
    with Client.connect(url) as client:
        prepare(client, jobs=12)
        first, *others = race(url, lambda racer: claim(racer, 2, claim_id))
        assert len(first) == 2
        assert all(other == first for other in others)
        assert count_running(client) == 2


def claims_pass_over_what_others_take(url: str) -> None:
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, jobs=3)
        with other.connection.transaction():
            taken = claim(other, 1)
            assert len(taken) == 1
            refuse_to_wait(client)
            left = claim(client, 3)
        assert len(taken | left) == 3
        check_sentences(client.connection)


def sweeps_pass_over_no_job_on_its_way(url: str) -> None:
    """Whether it comes in for the first time or again."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, jobs=4)
        sweep(client)
        [(job_id, claim_id)] = claim(client, 1)
        sweep(client)
        assert len(claim(client, 4)) == 3
        with other.connection.transaction():
            enqueue(other, NEIGHBOUR)
            other.call("release_plan_job", p_job_id=job_id, p_claim_id=claim_id)
            sweep(client)
        assert len(claim(client, 4)) == 2
        check_sentences(client.connection)


def claims_wait_for_no_settle(url: str) -> None:
    """Not even where the sweep finds the very job that is being settled."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, jobs=2)
        [(job_id, claim_id)] = claim(client, 1)
        client.execute(
            "update plan_generation_jobs set lease_expires_at = now() where id = %s", job_id
        )
        client.execute("update supajobs.sweeps set swept_at = '-infinity'")
        with other.connection.transaction():
            other.call("complete_plan_job", p_job_id=job_id, p_claim_id=claim_id)
            refuse_to_wait(client)
            assert len(claim(client, 2)) == 1
        check_sentences(client.connection)


def claims_of_a_limited_type_take_turns(url: str) -> None:
    """However long that takes: whoever gets nothing believes that the queue is empty."""
    with Client.connect(url) as client:
        prepare(client, jobs=RACERS, max_running=RACERS)
        taken = race(url, lambda racer: claim(racer, 1), seconds=0.3)
        assert [len(jobs) for jobs in taken] == [1] * RACERS
        assert count_running(client) == RACERS


def claims_wait_for_no_edit_of_a_type(url: str) -> None:
    """What counts is what is committed."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, jobs=2)
        client.insert("public", "plan_job_types", {"job_type": "edited", "max_running": 2})
        client.insert("public", "plan_job_types", {"job_type": "limited", "max_running": 2})
        for job_type in ("edited", "limited"):
            enqueue(client, job_type=job_type)
        with other.connection.transaction():
            other.execute("update plan_job_types set max_running = 1 where job_type = 'edited'")
            refuse_to_wait(client)
            assert len(claim(client, 4)) == 4
        enqueue(client, job_type="edited")
        assert not claim(client, 4)


def enqueues_wait_for_no_lane(url: str) -> None:
    """Of two that each make two lanes, in another order."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client)
        refuse_to_wait(client)
        with other.connection.transaction(), client.connection.transaction():
            enqueue(other, NEIGHBOUR)
            enqueue(client, p_priority=9)
            enqueue(client)
            enqueue(other, NEIGHBOUR, p_priority=9)
        sweep(client)
        assert len(claim(client, 4)) == 4
        check_sentences(client.connection)


def heartbeats_wait_for_no_settle(url: str) -> None:
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, jobs=2)
        runs = claim(client, 2)
        beats = [{"job_id": job_id, "claim_id": claim_id} for job_id, claim_id in runs]
        with other.connection.transaction():
            other.call("complete_plan_jobs", p_jobs=beats[:1])
            refuse_to_wait(client)
            pulses = client.call("heartbeat_plan_jobs", p_jobs=beats)
        assert [pulse["outcome"] for pulse in pulses] == ["held", "held"]


def settles_wait_for_no_lock(url: str) -> None:
    """They say that it is there, and end the others; nobody is told that it is lost."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, jobs=4)
        refuse_to_wait(client)
        locked, *runs = [
            {"job_id": job_id, "claim_id": claim_id}
            for job_id, claim_id in sorted(claim(client, 4))
        ]
        settles = {"complete": "completed", "fail": "retrying", "release": "released"}
        with other.connection.transaction():
            lock_job(other, locked)
            for run, (verb, outcome) in zip(runs, settles.items(), strict=True):
                told = client.call(f"{verb}_plan_jobs", p_jobs=[run, locked])
                assert [each["outcome"] for each in told] == [outcome, "busy"]
        assert client.call("complete_plan_job", **name(locked))["outcome"] == "completed"
        check_sentences(client.connection)


def a_late_completion_waits_for_no_lock(url: str) -> None:
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, jobs=1)
        refuse_to_wait(client)
        [(job_id, claim_id)] = claim(client, 1)
        run = {"job_id": job_id, "claim_id": claim_id}
        lose(client, job_id)
        with other.connection.transaction():
            lock_job(other, run)
            assert client.call("complete_plan_job", **name(run))["outcome"] == "busy"
            failed = client.call("fail_plan_job", p_error={}, **name(run))
            assert failed["outcome"] == "stale"
        assert client.call("complete_plan_job", **name(run))["outcome"] == "completed"
        check_sentences(client.connection)


def what_a_job_came_to_is_stored_once(url: str) -> None:
    """By a function that would do it twice."""
    with Client.connect(url) as client, Client.connect(url) as other:
        client.execute(
            "create function public.store(p_job jsonb, p_store jsonb) returns jsonb "
            "language sql as 'update public.plan_job_types set max_retries = max_retries + 1 "
            "where job_type = ''raced'' returning null::jsonb'"
        )
        client.execute("revoke execute on function public.store from public, anon, authenticated")
        client.execute("grant execute on function public.store to service_role")
        prepare(client, jobs=1, stored_by="public.store", max_retries=0)
        refuse_to_wait(client)
        [(job_id, claim_id)] = claim(client, 1)
        run = {"job_id": job_id, "claim_id": claim_id}
        with other.connection.transaction():
            told = other.call("complete_plan_job", p_store={}, **name(run))
            assert told["outcome"] == "completed"
            assert client.call("complete_plan_job", p_store={}, **name(run))["outcome"] == "busy"
        told = client.call("complete_plan_job", p_store={}, **name(run))
        assert told["outcome"] == "completed"
        [stored] = client.connection.execute(
            "select max_retries as times from plan_job_types where job_type = 'raced'"
        ).fetchall()
        assert stored == {"times": 1}
        check_sentences(client.connection)


def late_usage_waits_for_no_lock(url: str) -> None:
    """It takes attempts in another order than a cleanup."""
    usage = {"model": "m", "cost_usd": 1}
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, jobs=2)
        refuse_to_wait(client)
        runs = sorted(claim(client, 2))
        for job_id, _ in runs:
            lose(client, job_id)
        late = [
            {"job_id": job_id, "claim_id": claim_id, "usage": usage} for job_id, claim_id in runs
        ]
        with other.connection.transaction():
            other.execute(
                "select from supajobs.unsuccessful_attempts where job_id = %s for update",
                runs[0][0],
            )
            told = client.call("fail_plan_jobs", p_jobs=late)
        assert [each["outcome"] for each in told] == ["stale", "stale"]
        charged = client.connection.execute("select job_id::text from plan_job_costs").fetchall()
        assert charged == [{"job_id": runs[1][0]}]


def no_signal_is_lost_that_meets_the_suspension(url: str) -> None:
    """Whoever has the job first; and again and again, at the same moment."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client)
        for _ in range(20):
            run = start(client)
            with ThreadPoolExecutor(2) as pool:
                suspending = pool.submit(suspend, client, run)
                told = pool.submit(signal, other, run, 1).result()
                outcome = suspending.result()
            assert told["outcome"] == "stored"
            if outcome == "busy":
                outcome = suspend(client, run)
            assert outcome == "suspended"
            assert [job_id for job_id, _ in claim(client, 2)] == [run["job_id"]]

        run = start(client)
        with other.connection.transaction():
            signal(other, run, 1)
            assert suspend(client, run) == "busy"
        assert suspend(client, run) == "suspended"
        assert [job_id for job_id, _ in claim(client, 2)] == [run["job_id"]]

        run = start(client)
        with ThreadPoolExecutor(1) as pool, client.connection.transaction():
            suspend(client, run)
            telling = pool.submit(signal, other, run, 1)
            time.sleep(0.2)
            assert not telling.done()
        assert telling.result()["outcome"] == "stored"
        assert [job_id for job_id, _ in claim(client, 2)] == [run["job_id"]]
        check_sentences(client.connection)


def the_first_of_two_signals_counts(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client)
        run = start(client)
        suspend(client, run)
        told = race(url, lambda racer: signal(racer, run, id(racer)))
        assert Counter(each["outcome"] for each in told) == {"stored": 1, "existing": RACERS - 1}
        assert len({each["payload"] for each in told}) == 1
        signal(client, run, 0)
        [(job_id, claim_id)] = claim(client, 1)
        found = client.call("get_plan_job_steps", p_job_id=job_id, p_claim_id=claim_id)
        assert found["signals"] == {"approval": told[0]["payload"]}


def a_wait_ends_when_it_first_would_have(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client)
        run = start(client)
        first = suspend_until(client, run)
        client.execute(
            "update plan_generation_jobs set run_at = now() where id = %s", run["job_id"]
        )
        [(job_id, claim_id)] = claim(client, 1)
        assert suspend_until(client, {"job_id": job_id, "claim_id": claim_id}) == first


def start(client: Client) -> dict[str, str]:
    enqueue(client)
    [(job_id, claim_id)] = claim(client, 1)
    return {"job_id": job_id, "claim_id": claim_id}


def suspend(client: Client, run: Mapping[str, str]) -> str:
    wait = {**run, "kind": "signal", "name": "approval", "seconds": 3600}
    [told] = client.call("suspend_plan_jobs", p_jobs=[wait])
    return told["outcome"]


def suspend_until(client: Client, run: Mapping[str, str]) -> str:
    wait = {**run, "kind": "sleep", "name": "nap", "seconds": 3600}
    [told] = client.call("suspend_plan_jobs", p_jobs=[wait])
    return told["run_at"]


def signal(client: Client, run: Mapping[str, str], payload: int) -> Any:
    return client.call(
        "signal_plan_job",
        p_job_id=run["job_id"],
        p_user_id=USER,
        p_name="approval",
        p_payload=Jsonb(payload),
    )


def lose(client: Client, job_id: str) -> None:
    client.execute("update plan_generation_jobs set lease_expires_at = now() where id = %s", job_id)
    sweep(client)


def lock_job(client: Client, run: Mapping[str, str]) -> None:
    client.execute("select from plan_generation_jobs where id = %s for update", run["job_id"])


def name(run: Mapping[str, str]) -> dict[str, str]:
    return {f"p_{key}": value for key, value in run.items()}
