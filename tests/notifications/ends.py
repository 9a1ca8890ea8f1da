"""Jobs that end so that somebody is told, and what the outbox has of them."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from pydantic import JsonValue
from tests.api.worker import Worker
from tests.parts import Person, Sql, enqueue

from supajobs.queue.job_queue import JobQueue


@dataclass(frozen=True)
class Ends:
    """The jobs of one type and one person."""

    queue: JobQueue
    worker: Worker
    job_type: str
    person: Person
    sql: Sql

    async def complete(self, result: JsonValue = None) -> UUID:
        job_id = await enqueue(self.queue, self.person, self.job_type, secret="of the params")
        await self.worker.complete(await self.worker.claim(), result)
        return job_id

    async def fail(self) -> UUID:
        job_id = await enqueue(self.queue, self.person, self.job_type)
        await self.worker.fail(await self.worker.claim())
        return job_id

    def notification(self, job_id: UUID) -> dict[str, Any]:
        [notification] = self.sql.execute(
            "select * from supajobs.notifications where job_id = %s", [job_id]
        ).fetchall()
        return notification

    def deliveries(self, job_id: UUID) -> list[dict[str, Any]]:
        return self.sql.execute(
            "select delivery.*, extract(epoch from run_at - now())::float as due_in "
            "from supajobs.deliveries as delivery "
            "where notification_id = %s order by delivery.id",
            [self.notification(job_id)["id"]],
        ).fetchall()

    def delivery(self, job_id: UUID) -> dict[str, Any]:
        [delivery] = self.deliveries(job_id)
        return delivery

    def make_due(self) -> None:
        """The next attempts are due, and leases are over."""
        self.sql.execute("update supajobs.deliveries set run_at = now() where run_at is not null")
