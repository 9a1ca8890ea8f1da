"""What has to hold when several ask for the newest of a job at the same moment."""

import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID, uuid4

import psycopg
from tests.model.client import Client
from tests.model.races import RACERS, USER, claim, count_running, enqueue, name, prepare, race
from tests.model.sentences import check_sentences


def debounce(client: Client, number: int = 1, seconds: float = 0, **options: Any) -> Any:
    return client.call(
        "enqueue_plan_job",
        p_user_id=USER,
        p_job_type="raced",
        p_params={"n": number},
        p_debounce_seconds=seconds,
        **options,
    )


def tell(answer: Any) -> str:
    return "replaced" if answer.get("replaced") else answer["outcome"]


def read_numbers(client: Client) -> list[int | None]:
    """What the jobs of all requests were asked for, the oldest first."""
    rows = client.connection.execute(
        "select params -> 'n' as number from plan_generation_jobs order by id"
    ).fetchall()
    return [row["number"] for row in rows]


def start(client: Client) -> dict[str, str]:
    debounce(client)
    [(job_id, claim_id)] = claim(client, 1)
    return {"job_id": job_id, "claim_id": claim_id}


def the_newest_request_wins(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client, dedupe_by="user")
        answers = race(url, lambda racer: (debounce(racer, id(racer)), read_numbers(racer)))
        assert Counter(tell(answer) for answer, _ in answers) == {
            "created": 1,
            "replaced": RACERS - 1,
        }
        [last] = read_numbers(client)
        assert {numbers == [last] for _, numbers in answers} == {True, False}
        assert len(claim(client, 2)) == 1
        check_sentences(client.connection)


def a_repeated_request_is_one(url: str) -> None:
    """Whoever had the key first."""
    with Client.connect(url) as client:
        prepare(client, dedupe_by="user")
        debounce(client)
    answers = race(url, lambda racer: debounce(racer, 2, p_idempotency_key="a"))
    assert Counter(map(tell, answers)) == {"replaced": 1, "existing": RACERS - 1}


def one_more_runs_after_the_one_that_runs(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client, dedupe_by="user")
        run = start(client)
        answers = race(url, lambda racer: debounce(racer, 2))
        assert Counter(map(tell, answers)) == {"created": 1, "replaced": RACERS - 1}
        assert read_numbers(client) == [1, 2]
        assert claim(client, 5) == set()
        client.call("fail_plan_job", **name(run), p_error={"code": "x"}, p_retryable=False)
        assert len(claim(client, 5)) == 1
        check_sentences(client.connection)


def a_job_that_is_being_claimed_is_not_replaced(url: str) -> None:
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, dedupe_by="user")
        enqueue(client)
        with ThreadPoolExecutor(1) as pool, other.connection.transaction():
            assert len(claim(other, 1)) == 1
            asking = pool.submit(debounce, client, 2)
            time.sleep(0.2)
            assert not asking.done()
        assert tell(asking.result()) == "created"
        assert read_numbers(client) == [None, 2]
        assert count_running(client) == 1
        check_sentences(client.connection)


def a_settle_waits_for_no_request(url: str) -> None:
    """And the job that the request made is let go all the same."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, dedupe_by="user")
        run = start(client)
        with other.connection.transaction():
            assert tell(debounce(other, 2)) == "created"
            told = client.call("complete_plan_job", **name(run))
            assert told["outcome"] == "busy"
        assert client.call("complete_plan_job", **name(run))["outcome"] == "completed"
        assert len(claim(client, 5)) == 1


def a_plain_request_that_comes_between_is_replaced(url: str) -> None:
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, dedupe_by="user")
        with ThreadPoolExecutor(1) as pool, other.connection.transaction():
            assert enqueue(other) == "created"
            asking = pool.submit(debounce, client, 2, p_idempotency_key="a")
            time.sleep(0.2)
            assert not asking.done()
        assert tell(asking.result()) == "replaced"
        assert tell(debounce(client, 2, p_idempotency_key="a")) == "existing"
        assert read_numbers(client) == [2]


def a_plain_request_of_the_same_key_that_comes_and_goes_is_answered(url: str) -> None:
    """It has the key, and its job has ended: no other will stand in the way."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, dedupe_by="user")
        client.execute("set statement_timeout = '30 s'")  # to end, should it never
        with ThreadPoolExecutor(1) as pool, other.connection.transaction():
            other.call(
                "enqueue_plan_job",
                p_user_id=USER,
                p_job_type="raced",
                p_params={"n": 2},
                p_idempotency_key="a",
            )
            asking = pool.submit(debounce, client, 2, p_idempotency_key="a")
            time.sleep(0.2)
            assert not asking.done()
            [(job_id, claim_id)] = claim(other, 1)
            other.call("complete_plan_job", p_job_id=job_id, p_claim_id=claim_id)
        assert not asking.exception(), asking.exception()
        assert (tell(asking.result()), asking.result()["job"]["id"]) == ("existing", job_id)
        check_sentences(client.connection)


def one_job_is_active_where_the_next_was_cancelled(url: str) -> None:
    """Whether the one before it runs, or has ended and is run again."""
    with Client.connect(url) as client:
        prepare(client, dedupe_by="user")
        run = start(client)
        for retries in (False, True):
            following = debounce(client, 2)["job"]["id"]
            if retries:
                client.call("fail_plan_job", **name(run), p_error={"code": "x"}, p_retryable=False)
                again = client.call("retry_plan_job", p_job_id=run["job_id"], p_user_id=USER)
                assert (again["outcome"], again["job"]["id"]) == ("existing", following)
            client.call("cancel_plan_job", p_job_id=UUID(following), p_user_id=USER)
            if retries:
                again = client.call("retry_plan_job", p_job_id=run["job_id"], p_user_id=USER)
                assert again["outcome"] == "retried"
            assert enqueue(client) == "existing"


def a_deletion_of_the_user_waits_for_no_request(url: str) -> None:
    """That waits for the deletion: it takes the two in the same order."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, dedupe_by="user")
        start(client)
        with ThreadPoolExecutor(1) as pool:
            with other.connection.transaction():
                other.execute("select from auth.users where id = %s for update", USER)
                asking = pool.submit(debounce, client, 2, p_idempotency_key=str(uuid4()))
                time.sleep(0.2)
                try:
                    other.execute("delete from auth.users where id = %s", USER)
                except psycopg.Error as error:
                    raise AssertionError("they have waited for each other") from error
            assert "foreign key" in str(asking.exception())
        assert read_numbers(client) == []
