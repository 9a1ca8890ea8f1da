from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from supajobs.notifications.messages import Message, write_message
from supajobs.notifications.outbox import Notification
from supajobs.outcomes import JobError


def notify(**given: Any) -> Notification:
    values: dict[str, Any] = {
        "id": uuid4(),
        "event": "job.completed",
        "job_id": uuid4(),
        "job_type": "training_plan",
        "user_id": uuid4(),
        "project_id": None,
        "plan_id": None,
        "trace_id": None,
        "title": None,
        "error": None,
        "occurred_at": datetime.now(UTC),
        "message_title": None,
        "message_body": None,
    }
    return Notification(**values | given)


def test_a_type_has_its_own_words() -> None:
    notification = notify(title="Base", message_title="{title} is there", message_body="{job_type}")
    assert write_message(notification) == Message("Base is there", "training plan")


def test_a_failure_is_told_as_the_user_may_read_it() -> None:
    error = JobError(code="busy", message="A service is busy.", detail={"a": 1})
    notification = notify(
        event="job.failed", error=error, message_title="No", message_body="{error}"
    )
    assert write_message(notification) == Message("No", "A service is busy.")


def test_a_type_without_words_gets_general_ones() -> None:
    assert write_message(notify()) == Message("It is ready", "Your training plan is ready.")
    failed = notify(event="job.failed", error=JobError(code="c", message="m"))
    assert write_message(failed) == Message(
        "It did not work", "Your training plan could not be made."
    )


@pytest.mark.parametrize("template", ["{title}", "It is {title}!", "{error}"])
def test_words_that_lack_what_they_need_are_replaced(template: str) -> None:
    notification = notify(message_title="Done", message_body=template)
    assert write_message(notification) == Message("Done", "Your training plan is ready.")


def test_other_braces_are_left_alone() -> None:
    notification = notify(title="{error}", message_title="{user_id} {{title}}", message_body="")
    assert write_message(notification) == Message("{user_id} {{error}}", "")


def test_long_texts_are_cut() -> None:
    message = write_message(
        notify(title="x" * 200, message_title="{title}", message_body="y" * 400)
    )
    assert message.title == "x" * 99 + "…"
    assert message.body == "y" * 299 + "…"
