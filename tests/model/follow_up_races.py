"""What has to hold when jobs ask for others, and somebody else is at it at the same moment."""

from collections import Counter
from typing import Any
from uuid import UUID

from tests.model.client import Client
from tests.model.races import RACERS, claim, enqueue, name, prepare, race, refuse_to_wait
from tests.model.sentences import check_sentences

NEXT: dict[str, Any] = {"job_type": "raced"}


def start(client: Client) -> dict[str, str]:
    [(job_id, claim_id)] = claim(client, 1)
    return {"job_id": job_id, "claim_id": claim_id}


def count_jobs(client: Client) -> int:
    [row] = client.connection.execute(
        "select count(*) as jobs from plan_generation_jobs"
    ).fetchall()
    return row["jobs"]


def what_is_to_follow_is_requested_once(url: str) -> None:
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, jobs=1)
        refuse_to_wait(client)
        run = start(client)
        with other.connection.transaction():
            told = other.call("complete_plan_job", p_then=[NEXT], **name(run))
            assert told["outcome"] == "completed"
            told = client.call("complete_plan_job", p_then=[NEXT], **name(run))
            assert told["outcome"] == "busy"
        told = client.call("complete_plan_job", p_then=[NEXT], **name(run))
        assert told["outcome"] == "completed"
        assert count_jobs(client) == 2
        check_sentences(client.connection)


def nothing_follows_where_something_is_refused(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client, jobs=1, max_retries=0)
        run = start(client)
        told = client.call(
            "complete_plan_job", p_then=[NEXT, {"job_type": "no such type"}], **name(run)
        )
        assert told["outcome"] == "failed"
        assert count_jobs(client) == 1
        check_sentences(client.connection)


def a_settle_waits_for_no_limit(url: str) -> None:
    """The lock of which a request has, or a retry, which waits for the row of the job."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, jobs=1, max_enqueues=9, enqueue_window_seconds=60)
        client.execute("set statement_timeout = '2 s'")
        run = start(client)
        with other.connection.transaction():
            enqueue(other)
            told = client.call("complete_plan_job", p_then=[NEXT], **name(run))
            assert told["outcome"] == "busy"
        told = client.call("complete_plan_job", p_then=[NEXT], **name(run))
        assert told["outcome"] == "completed"
        check_sentences(client.connection)


def a_child_hears_of_the_end_that_requested_it(url: str) -> None:
    """And of that of another parent, which ends at the same moment."""
    with Client.connect(url) as client, Client.connect(url) as other:
        prepare(client, jobs=2)
        first, second = start(client), start(client)
        after = {**NEXT, "after": [first["job_id"], second["job_id"]]}
        with other.connection.transaction():
            told = other.call("complete_plan_job", p_then=[after], **name(first))
            assert told["outcome"] == "completed"
            told = client.call("complete_plan_job", **name(second))
            assert told["outcome"] == "busy"
        told = client.call("complete_plan_job", **name(second))
        assert told["outcome"] == "completed"
        assert len(claim(client, 9)) == 1
        check_sentences(client.connection)


def a_job_in_the_middle_is_requested_once(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client, jobs=1)
        run = start(client)
    answers = race(
        url,
        lambda racer: racer.call(
            "enqueue_plan_job_step", p_name="next", p_request=NEXT, **name(run)
        ),
        seconds=0.02,
    )
    assert Counter(each["outcome"] for each in answers) == {"created": 1, "existing": RACERS - 1}
    assert len({UUID(each["job_id"]) for each in answers}) == 1
    with Client.connect(url) as client:
        assert count_jobs(client) == 2
        check_sentences(client.connection)


def a_claim_that_is_over_requests_nothing(url: str) -> None:
    with Client.connect(url) as client:
        prepare(client, jobs=1)
        run = start(client)
        client.call("release_plan_job", **name(run))
        start(client)
        told = client.call("enqueue_plan_job_step", p_name="next", p_request=NEXT, **name(run))
        assert told["outcome"] == "stale"
        assert count_jobs(client) == 1
