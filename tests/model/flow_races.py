"""What has to hold when the jobs of a flow end, come in and run again at the same moment."""

import contextlib
import time
from collections.abc import Callable, Generator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import psycopg
from tests.model.client import Client
from tests.model.races import (
    USER,
    claim,
    enqueue,
    lock_job,
    lose,
    name,
    prepare,
    race,
    refuse_to_wait,
    sweep,
)
from tests.model.sentences import check_sentences

Run = dict[str, str]


@contextlib.contextmanager
def flow(url: str, **limits: Any) -> Generator[tuple[Client, Client]]:
    """Two clients of a queue in which claims sweep only when told to."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, **{"max_retries": 0, **limits})
        sweep(client)
        yield client, other
        check_sentences(client.connection)


def ask(client: Client, *after: Run, **options: Any) -> Run:
    """A job that waits for these; as a run without a claim."""
    if after:
        options["p_after"] = {run["job_id"]: run["job_id"] for run in after}
    answer = client.call(
        "enqueue_plan_job", p_user_id=USER, p_job_type="raced", p_params={}, **options
    )
    assert answer["outcome"] == "created"
    return {"job_id": answer["job"]["id"]}


def start(client: Client, *after: Run) -> Run:
    run = ask(client, *after)
    taken = take_one(client)
    assert taken["job_id"] == run["job_id"]
    return taken


def take(client: Client, max_jobs: int = 9) -> list[Run]:
    taken = claim(client, max_jobs)
    return [{"job_id": job_id, "claim_id": claim_id} for job_id, claim_id in sorted(taken)]


def take_one(client: Client) -> Run:
    runs = take(client)
    assert len(runs) == 1
    return runs[0]


def look(client: Client, run: Run) -> dict[str, Any]:
    query = "select * from plan_generation_jobs where id = %s"
    [row] = client.connection.execute(query, [run["job_id"]]).fetchall()
    return row


def complete(client: Client, run: Run) -> str:
    return client.call("complete_plan_job", **name(run))["outcome"]


def fail(client: Client, run: Run, **said: Any) -> str:
    given = {f"p_{option}": value for option, value in {"error": {"code": "no"}, **said}.items()}
    return client.call("fail_plan_job", **given, **name(run))["outcome"]


def cancel(client: Client, run: Run) -> str:
    return client.call("cancel_plan_job", p_job_id=run["job_id"], p_user_id=USER)["outcome"]


def retry(client: Client, run: Run) -> str:
    return client.call("retry_plan_job", p_job_id=run["job_id"], p_user_id=USER)["outcome"]


def delete(client: Client, run: Run) -> str:
    client.execute("delete from plan_generation_jobs where id = %s", run["job_id"])
    return "deleted"


def delete_user(client: Client) -> None:
    try:
        client.execute("delete from auth.users where id = %s", USER)
    except psycopg.Error as error:
        raise AssertionError("the deletion fails") from error


ENDINGS: list[tuple[Callable[[Client, Run], str], str, str | None]] = [
    (complete, "completed", None),
    (fail, "failed", "parent_failed"),
    (delete, "deleted", "parent_deleted"),
]
"""What is done to a parent, what that answers, and the error that its child then has."""


def read_code(job: dict[str, Any]) -> str | None:
    return job["error"]["code"] if job["error"] else None


def see_what_became_of_it(client: Client, child: Run, error: str | None) -> None:
    taken = [run["job_id"] for run in take(client)]
    row = look(client, child)
    assert read_code(row) == error
    assert row["status"] == ("cancelled" if error else "processing")
    assert taken == ([] if error else [child["job_id"]])


def wait_until_it_waits(client: Client, other: Client, call: Future[Any]) -> None:
    waits = "select cardinality(pg_blocking_pids(%s)) > 0 as waits"
    for _ in range(100):
        [row] = client.connection.execute(
            waits.encode(), [other.connection.info.backend_pid]
        ).fetchall()
        if row["waits"] or call.done():
            break
        time.sleep(0.02)
    assert not call.done(), "it waits for nobody"


def a_parent_that_ends_as_its_child_comes_in_is_heard(url: str) -> None:
    """Whichever of the two comes first; and again and again, at the same moment."""
    with flow(url) as (client, other):
        for end, outcome, error in ENDINGS:
            parent = start(client)
            with ThreadPoolExecutor(1) as pool, other.connection.transaction():
                child = ask(other, parent)
                ending = pool.submit(end, client, parent)
                if end is delete:
                    wait_until_it_waits(other, client, ending)
                else:
                    assert ending.result() == "busy"
            if end is not delete:
                assert end(client, parent) == outcome
            see_what_became_of_it(client, child, error)

        for end, outcome, error in ENDINGS[:2]:
            parent = start(client)
            assert end(client, parent) == outcome
            see_what_became_of_it(client, ask(client, parent), error)

        for end, outcome, error in ENDINGS[:2]:
            parent = start(client)
            ask(client, parent, p_run_at="2099-01-01Z")
            with ThreadPoolExecutor(1) as pool:
                with other.connection.transaction():
                    assert end(other, parent) == outcome
                    take(client)
                    asking = pool.submit(ask, client, parent)
                    wait_until_it_waits(other, client, asking)
                child = asking.result()
            see_what_became_of_it(client, child, error)

        for end, outcome, error in ENDINGS[:2] * 10:
            parent = start(client)
            with ThreadPoolExecutor(2) as pool:
                asking = pool.submit(ask, client, parent)
                if pool.submit(end, other, parent).result() == "busy":
                    child = asking.result()
                    assert end(other, parent) == outcome
            child = asking.result()
            see_what_became_of_it(client, child, error)


def a_child_follows_nobody_who_is_being_deleted(url: str) -> None:
    with flow(url) as (client, other):
        parent = start(client)
        with ThreadPoolExecutor(1) as pool:
            with other.connection.transaction():
                delete(other, parent)
                after = {"it": parent["job_id"]}
                asking = pool.submit(enqueue_all, client, [{"after": after}])
                wait_until_it_waits(other, client, asking)
            [answer] = asking.result()
        assert answer.get("code") == "parent_not_found"
        assert take(client) == []


def enqueue_all(client: Client, entries: list[dict[str, Any]]) -> Any:
    jobs = [{"user_id": str(USER), "job_type": "raced", **entry} for entry in entries]
    return client.call("enqueue_plan_jobs", p_jobs=jobs)


def two_parents_that_end_at_once_start_their_child_once(url: str) -> None:
    """Also where one claim reads of the first end, and another of the second."""
    with flow(url) as (client, other):
        for _ in range(10):
            parents = [start(client), start(client)]
            child = ask(client, *parents)
            with ThreadPoolExecutor(2) as pool:
                ends = list(pool.map(complete, [client, other], parents))
            assert ends == ["completed", "completed"]
            taken = race(url, take, seconds=0)
            assert [run["job_id"] for runs in taken for run in runs] == [child["job_id"]]

        one, two = start(client), start(client)
        child = ask(client, one, two)
        assert complete(client, one) == "completed"
        with other.connection.transaction():
            assert take(other) == []
            assert complete(client, two) == "completed"
            assert take(client) == []
        assert take_one(client)["job_id"] == child["job_id"]


def a_child_waits_for_the_last_of_its_parents(url: str) -> None:
    with flow(url) as (client, _):
        parents = [start(client) for _ in range(3)]
        child = ask(client, *parents)
        for parent in parents:
            assert take(client) == []
            assert complete(client, parent) == "completed"
        assert take_one(client)["job_id"] == child["job_id"]


def a_retry_meets_the_news_of_the_end(url: str) -> None:
    """Children that are ended at this moment for their parent's sake wait again all the same."""
    with flow(url) as (client, other):
        parent = start(client)
        child = ask(client, parent)
        grandchild = ask(client, child)
        assert fail(client, parent) == "failed"
        with ThreadPoolExecutor(1) as pool:
            with other.connection.transaction():
                assert take(other) == []
                retrying = pool.submit(retry, client, parent)
                wait_until_it_waits(other, client, retrying)
            assert retrying.result() == "retried"
        for run in (parent, child, grandchild):
            taken = take_one(client)
            assert taken["job_id"] == run["job_id"]
            assert complete(client, taken) == "completed"


def a_revived_child_meets_a_claim(url: str) -> None:
    """It waits for its parent's new end, and for its other parents'."""
    with flow(url) as (client, other):
        one, two = start(client), start(client)
        child = ask(client, one, two)
        assert fail(client, one) == "failed"
        assert take(client) == []
        with other.connection.transaction():
            assert retry(other, one) == "retried"
            assert complete(client, two) == "completed"
            assert take(client) == []
        again = take_one(client)
        assert again["job_id"] == one["job_id"]
        assert complete(client, again) == "completed"
        assert take_one(client)["job_id"] == child["job_id"]


def a_child_that_lost_two_parents_waits_for_both(url: str) -> None:
    with flow(url) as (client, _):
        one, two = start(client), start(client)
        child = ask(client, one, two)
        for parent in (one, two):
            assert fail(client, parent) == "failed"
            assert take(client) == []
        assert retry(client, one) == "retried"
        assert look(client, child)["status"] == "cancelled"
        assert look(client, child)["error"]["detail"] == {"parent_id": two["job_id"]}
        again = take_one(client)
        assert complete(client, again) == "completed"
        assert take(client) == []
        assert retry(client, two) == "retried"
        assert look(client, child)["status"] == "pending"
        again = take_one(client)
        assert complete(client, again) == "completed"
        assert take_one(client)["job_id"] == child["job_id"]


def a_parent_that_was_given_up_completes_all_the_same(url: str) -> None:
    with flow(url, max_crashes=1) as (client, _):
        parent = start(client)
        child = ask(client, parent)
        lose(client, parent["job_id"])
        assert look(client, parent)["status"] == "failed"
        assert take(client) == []
        assert look(client, child)["status"] == "cancelled"
        assert complete(client, parent) == "completed"
        assert take_one(client)["job_id"] == child["job_id"]


def a_retried_child_waits_for_no_parent_that_has_ended(url: str) -> None:
    """Though nobody has read that it did."""
    with flow(url) as (client, _):
        parent = start(client)
        child = ask(client, parent)
        assert cancel(client, parent) == "requested"
        assert complete(client, parent) == "cancelled"
        assert cancel(client, child) == "cancelled"
        assert retry(client, child) == "retried"
        assert take_one(client)["job_id"] == child["job_id"]


def a_cancellation_meets_the_completion(url: str) -> None:
    with flow(url) as (client, other):
        for _ in range(10):
            parent = start(client)
            child = ask(client, parent)
            with ThreadPoolExecutor(2) as pool:
                cancelling = pool.submit(cancel, client, parent)
                ended = pool.submit(complete, other, parent).result()
                asked = cancelling.result()
            if ended == "busy":
                ended = complete(other, parent)
            assert (asked, ended) in (("requested", "cancelled"), ("finished", "completed"))
            see_what_became_of_it(
                client, child, "parent_cancelled" if ended == "cancelled" else None
            )
            client.execute("delete from plan_generation_jobs")

        parent = start(client)
        child = ask(client, parent)
        with other.connection.transaction():
            assert cancel(other, parent) == "requested"
            refuse_to_wait(client)
            assert complete(client, parent) == "busy"
        assert complete(client, parent) == "cancelled"
        see_what_became_of_it(client, child, "parent_cancelled")


def a_cancellation_waits_for_no_deletion_of_its_user_that_waits_for_it(url: str) -> None:
    with flow(url) as (client, other):
        parent = ask(client)
        child = ask(client, parent)
        with ThreadPoolExecutor(1) as pool:
            with other.connection.transaction():
                other.execute("select from auth.users where id = %s for update", USER)
                lock_job(other, child)
                cancelling = pool.submit(cancel, client, parent)
                wait_until_it_waits(other, client, cancelling)
                refuse_to_wait(other)
                delete_user(other)
            assert cancelling.result() == "not_found"


def a_cleanup_leaves_who_is_waited_for(url: str) -> None:
    """Also by a child that comes in at this moment."""
    with flow(url) as (client, other):
        parent, running = start(client), start(client)
        assert complete(client, parent) == "completed"
        client.execute(
            "update plan_generation_jobs set expires_at = now() where status = 'completed'"
        )
        with other.connection.transaction():
            child = ask(other, parent, running)
            assert client.call("cleanup_expired_plan_jobs") == {"deleted": 0}
        assert client.call("cleanup_expired_plan_jobs") == {"deleted": 0}
        assert complete(client, running) == "completed"
        taken = take_one(client)
        assert taken["job_id"] == child["job_id"]
        assert complete(client, taken) == "completed"
        assert client.call("cleanup_expired_plan_jobs") == {"deleted": 1}


def one_locked_child_holds_nobody_up(url: str) -> None:
    """Each of many ends would wait for it, and the claim that passes them on for all of these."""
    with flow(url) as (client, other):
        parents = [ask(client) for _ in range(40)]
        runs = take(client, 40)
        locked = ask(client, *parents)
        parent = start(client)
        child = ask(client, parent)
        client.execute("set statement_timeout = '2 s'")
        with other.connection.transaction():
            lock_job(other, locked)
            for run in runs:
                assert fail(client, run) == "failed"
            assert take(client) == []
            assert complete(client, parent) == "completed"
            assert take_one(client)["job_id"] == child["job_id"]
        sweep(client)
        assert take(client) == []
        assert read_code(look(client, locked)) == "parent_failed"


def jobs_are_told_of_after_a_trouble(url: str) -> None:
    with flow(url) as (client, other):
        parent = start(client)
        child = ask(client, parent)
        with other.connection.transaction():
            lock_job(other, child)
            assert complete(client, parent) == "completed"
            assert take(client) == []
        assert take(client) == []
        sweep(client)
        assert take_one(client)["job_id"] == child["job_id"]
        assert enqueue(client) == "created"


def an_error_of_a_handler_names_no_parent(url: str) -> None:
    """Whatever its detail says, the job that its user has cancelled stays so."""
    with flow(url, max_retries=1) as (client, _):
        for named in (None, "abc"):
            parent = start(client)
            child = ask(client, parent, p_on_parent_failure="run")
            assert fail(client, parent, retryable=False) == "failed"
            detail = {"parent_id": named or parent["job_id"]}
            error = {"code": "no", "message": "no", "detail": detail}
            assert fail(client, take_one(client), error=error, retry_after=900) == "retrying"
            assert cancel(client, child) == "cancelled"
            assert retry(client, parent) == "retried"
            assert look(client, child)["status"] == "cancelled"
            assert complete(client, take_one(client)) == "completed"
