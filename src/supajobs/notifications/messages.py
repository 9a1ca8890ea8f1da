"""What a device shows of a notification."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from supajobs.notifications.outbox import Notification

MAX_TITLE = 100  # characters; a push message holds 4096 bytes in all
MAX_BODY = 300

# Where its type has no text, or one that needs what the job has not.
GENERAL = {
    "job.completed": ("It is ready", "Your {job_type} is ready."),
    "job.failed": ("It did not work", "Your {job_type} could not be made."),
}

_PLACEHOLDER = re.compile(r"\{(title|error|job_type)\}")


@dataclass(frozen=True)
class Message:
    """A text for people."""

    title: str
    body: str


def write_message(notification: Notification) -> Message:
    """The text that the job's type has for this, or a general one."""
    values = {
        "title": notification.title,
        "error": notification.error.message if notification.error else None,
        "job_type": notification.job_type.replace("_", " "),
    }
    title, body = GENERAL[notification.event]
    return Message(
        _write(notification.message_title, title, values, MAX_TITLE),
        _write(notification.message_body, body, values, MAX_BODY),
    )


def describe(notification: Notification) -> dict[str, str | None]:
    """What an app is told besides, to open the right screen. The id tells it what it has shown."""
    return {
        "notification_id": str(notification.id),
        "event": notification.event,
        "job_id": str(notification.job_id),
        "job_type": notification.job_type,
        "plan_id": str(notification.plan_id) if notification.plan_id else None,
    }


def _write(
    template: str | None, general: str, values: Mapping[str, str | None], max_length: int
) -> str:
    text = general
    if template is not None and all(map(values.get, _PLACEHOLDER.findall(template))):
        text = template
    text = _PLACEHOLDER.sub(lambda place: values[place[1]] or "", text)
    return text if len(text) <= max_length else f"{text[: max_length - 1]}…"
