"""A process that enqueues and works with a wrong clock: SECONDS JOB_TYPE USER_ID as arguments.

The clock is set before anything else is imported, so that everybody is fooled.
"""

import datetime as dt
import sys
import time

OFFSET = float(sys.argv[1])

_true_datetime = dt.datetime
_true_time, _true_time_ns = time.time, time.time_ns


class _AnyDatetime(type):
    def __instancecheck__(cls, instance: object) -> bool:
        return isinstance(instance, _true_datetime)


class WrongDatetime(_true_datetime, metaclass=_AnyDatetime):
    @classmethod
    def now(cls, tz: dt.tzinfo | None = None) -> _true_datetime:  # pyright: ignore[reportIncompatibleMethodOverride] - as good as Self here
        return _true_datetime.now(tz) + dt.timedelta(seconds=OFFSET)


time.time = lambda: _true_time() + OFFSET
time.time_ns = lambda: _true_time_ns() + int(OFFSET * 1e9)
dt.datetime = WrongDatetime

import asyncio  # noqa: E402
from typing import Any  # noqa: E402
from uuid import UUID  # noqa: E402

from tests.faults import worker  # noqa: E402

from supajobs.queue.database import Database  # noqa: E402
from supajobs.queue.job_queue import JobQueue  # noqa: E402
from supajobs.settings import Settings  # noqa: E402

WORK: dict[str, dict[str, Any]] = {
    "at once": {},
    "told to wait": {"fails_first": True, "retry_after": 1},
    "backed off": {"fails_first": True},
    "long": {"seconds": worker.FOREVER},
}


async def enqueue(job_type: str, user_id: UUID) -> None:
    database = Database(Settings(_env_file=None), patience=10)  # pyright: ignore[reportCallIssue] - from the environment
    queue = JobQueue(database)
    for name, params in WORK.items():
        await queue.enqueue(user_id=user_id, job_type=job_type, params=params, trace_id=name)
    await database.close()


if __name__ == "__main__":
    asyncio.run(enqueue(sys.argv[2], UUID(sys.argv[3])))
    worker.run(sys.argv[2], {})
