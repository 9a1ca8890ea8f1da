"""What has to hold when calls ask for many jobs at once, each in an order of its own."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.model.client import Client
from tests.model.flow_races import (
    ask,
    cancel,
    delete_user,
    enqueue_all,
    flow,
    look,
    wait_until_it_waits,
)
from tests.model.races import NEIGHBOUR, USER, lock_job

Entry = dict[str, Any]


def two_calls_wait_for_each_other_never(url: str) -> None:
    """One stops in the middle for a third; the other asks for the same in the other order."""
    with flow(url) as (client, _):
        for job_type in ("a", "b", "c"):
            client.insert(
                "public",
                "plan_job_types",
                {"job_type": job_type, "max_enqueues": 9, "enqueue_window_seconds": 9},
            )
            client.insert(
                "public", "plan_job_types", {"job_type": f"one {job_type}", "dedupe_by": "user"}
            )
        first, middle, last = ask(client), ask(client), ask(client)
        run_into_each_other(url, *({"job_type": job_type} for job_type in ("a", "b", "c")))
        run_into_each_other(url, *({"job_type": f"one {job_type}"} for job_type in ("a", "b", "c")))
        run_into_each_other(url, *({"idempotency_key": job_type} for job_type in ("a", "b", "c")))
        run_into_each_other(url, *({"after": [run["job_id"]]} for run in (first, middle, last)))


def run_into_each_other(url: str, first: Entry, middle: Entry, last: Entry) -> None:
    with (
        Client.connect(url) as one,
        Client.connect(url) as two,
        Client.connect(url) as third,
        ThreadPoolExecutor(2) as pool,
    ):
        with third.connection.transaction():
            enqueue_all(third, [middle])
            calls = [pool.submit(enqueue_all, one, [first, middle, last])]
            wait_until_it_waits(third, one, calls[0])
            calls.append(pool.submit(enqueue_all, two, [last, first]))
            wait_until_it_waits(third, two, calls[1])
        for call in calls:
            assert {answer["outcome"] for answer in call.result()} <= {"created", "existing"}


def calls_without_keys_wait_for_nobody(url: str) -> None:
    with flow(url) as (client, other):
        client.execute("set lock_timeout = '300 ms'")
        with other.connection.transaction():
            enqueue_all(other, [{"idempotency_key": "a"}, {}])
            assert [told["outcome"] for told in enqueue_all(client, [{}, {}])] == ["created"] * 2


def a_cancellation_and_a_call_wait_for_each_other_never(url: str) -> None:
    """The one goes from a parent to its child, the other asks for what is to follow the child."""
    with flow(url) as (client, other):
        parent = ask(client)
        child = ask(client, parent)
        stop = ask(client)
        entries = [{"after": [run["job_id"]]} for run in (child, stop, parent)]
        with Client.connect(url) as third, ThreadPoolExecutor(2) as pool:
            with third.connection.transaction():
                lock_job(third, stop)
                asking = pool.submit(enqueue_all, client, entries)
                wait_until_it_waits(third, client, asking)
                cancelling = pool.submit(cancel, other, parent)
                wait_until_it_waits(third, other, cancelling)
            assert {told["outcome"] for told in asking.result()} == {"created"}
            assert cancelling.result() == "cancelled"
        assert look(client, child)["status"] == "cancelled"


def the_jobs_of_a_user_who_is_deleted_alone_are_refused(url: str) -> None:
    entries = [{"user_id": str(user_id)} for user_id in (USER, NEIGHBOUR, USER)]
    with flow(url) as (client, other):
        with ThreadPoolExecutor(1) as pool:
            with other.connection.transaction():
                other.execute("delete from auth.users where id = %s", NEIGHBOUR)
                asking = pool.submit(enqueue_all, client, entries)
                wait_until_it_waits(other, client, asking)
            answers = asking.result()
        assert [told["outcome"] for told in answers] == ["created", "refused", "created"]
        assert answers[1].get("code") == "23503"


def a_deletion_waits_for_the_jobs_that_come_in(url: str) -> None:
    with flow(url) as (client, other):
        parent = ask(client)
        with ThreadPoolExecutor(1) as pool:
            with other.connection.transaction():
                enqueue_all(other, [{"after": [parent["job_id"]]}, {"idempotency_key": "a"}])
                deleting = pool.submit(delete_user, client)
                wait_until_it_waits(other, client, deleting)
            deleting.result()
        left = "select id from plan_generation_jobs union all select job_id from supajobs.edges"
        assert client.connection.execute(left).fetchall() == []
