import contextlib
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest
from tests.api.worker import Worker
from tests.notifications.ends import Ends
from tests.notifications.receivers import Receiver, make_webhook, receiving
from tests.parts import Person, Sql

from supajobs.notifications.channels import Channel
from supajobs.notifications.notifier import Notifier
from supajobs.notifications.outbox import Outbox
from supajobs.notifications.push_tokens import PushTokens
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue


@pytest.fixture(autouse=True)
def empty_outbox(sql: Sql) -> None:
    """Nothing that other tests have left, and that would be sent, too."""
    sql.execute("delete from supajobs.notifications")
    sql.execute("delete from plan_push_tokens")


@pytest.fixture
def outbox(database: Database) -> Outbox:
    return Outbox(database)


@pytest.fixture
def push_tokens(database: Database) -> PushTokens:
    return PushTokens(database)


@pytest.fixture
def job_type(make_job_type: Callable[..., str]) -> str:
    return make_job_type(notifies=True)


@pytest.fixture
def ends(queue: JobQueue, job_type: str, person: Person, sql: Sql) -> Ends:
    return Ends(queue, Worker(queue, job_type), job_type, person, sql)


@pytest.fixture
async def receiver() -> AsyncGenerator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def open_notifier(outbox: Outbox) -> AsyncGenerator[Callable[..., Notifier]]:
    """Makes notifiers with channels as keywords; closed at the end."""
    async with contextlib.AsyncExitStack() as opened:

        def open_notifier(outbox: Outbox = outbox, **given: Any) -> Notifier:
            limits = {
                name: given.pop(name)
                for name in list(given)
                if name.endswith(("seconds", "metrics"))
            }
            notifier = Notifier(outbox, given, **limits)
            opened.push_async_callback(notifier.close)
            return notifier

        yield open_notifier


@pytest.fixture
def webhook(receiver: Receiver) -> Channel:
    return make_webhook(receiver)
