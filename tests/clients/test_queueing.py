"""The queue as a server's TypeScript has it, with the secret key and no API."""

from pathlib import Path

import pytest
from tests.api.worker import Worker
from tests.clients.scripts import run
from tests.parts import Person, Sql, enqueue

from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue


@pytest.fixture
def rows(sql: Sql) -> None:
    """Their limits, as an app's migration sets them."""
    sql.execute(
        "insert into plan_job_types (job_type, max_enqueues, enqueue_window_seconds) values "
        "('story', null, null), ('question', null, null), ('rare', 1, 60) on conflict do nothing"
    )


async def test_all_that_a_server_may_ask_for(
    stack: StackInfo,
    rows: None,
    built: Path,
    queue: JobQueue,
    person: Person,
    job_type: str,
    worker: Worker,
) -> None:
    done, running = await enqueue(queue, person, job_type), await enqueue(queue, person, job_type)
    await worker.complete(await worker.claim(), None)
    await worker.claim()
    seen = await run(
        "queueing.mjs", built, stack, USER=str(person.id), DONE=str(done), RUNNING=str(running)
    )
    invalid = ["InvalidRequestError", "invalid_request", 422]
    out_of_range = "The priority lies between 0 and 10, the time to live between 1 and 168 hours."
    assert seen == {
        "enqueued": ["created", 8, True, False],
        "again": ["existing", True],
        "other": ["ConflictError", "idempotency_conflict", 409],
        "after": True,
        "active": True,
        "told": [{"is": 42}, {"is": 42}],
        "found": ["pending", True, "number"],
        "cancelled": "cancelled",
        "retried": "pending",
        "system": [None, "cancelled"],
        "refusals": {
            "somebodyElses": ["NotFoundError", "job_not_found", 404],
            "ended": ["ConflictError", "job_finished", 409],
            "told": ["ConflictError", "job_finished", 409],
            "done": ["ConflictError", "job_finished", 409],
            "running": ["ConflictError", "job_not_finished", 409],
            "noType": [
                "InvalidRequestError",
                "unknown_job_type",
                422,
                "Add a row for it to plan_job_types.",
            ],
            "noParent": [
                "InvalidRequestError",
                "parent_not_found",
                422,
                "Send the ids of jobs that have not been deleted.",
            ],
            "range": [*invalid, out_of_range],
            "text": [*invalid, "unsupported Unicode escape sequence"],
            "id": [*invalid, 'invalid input syntax for type uuid: "7"'],
            "gone": ["NotAuthenticatedError", "user_gone", 401],
            "tooMany": ["TooManyRequestsError", "rate_limited", 429],
            "key": [
                "UnavailableError",
                "supabase_unavailable",
                503,
                "Make the Supabase client with the project's secret key.",
            ],
        },
    }
