"""What a process is made of that runs jobs."""

from dataclasses import dataclass

from supajobs.notifications.notifier import Notifier
from supajobs.worker.processor import Processor


@dataclass(frozen=True)
class Worker:
    """What runs jobs, and what tells of those that it has ended."""

    processor: Processor
    notifier: Notifier
