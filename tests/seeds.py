"""Rows as the queue would have left them, for what reads them: at times of the test's choice."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from psycopg.sql import SQL, Identifier, Placeholder
from psycopg.types.json import Jsonb
from tests.parts import Sql


@dataclass(frozen=True)
class Seeds:
    """Rows of one job type and, unless told otherwise, one user; times count back from `now`."""

    sql: Sql
    job_type: str
    user_id: UUID
    now: datetime

    def ago(self, minutes: float) -> datetime:
        return self.now - timedelta(minutes=minutes)

    def user(self) -> UUID:
        user_id = uuid4()
        self.insert("auth.users", id=user_id)
        return user_id

    def job(self, requested: datetime, **columns: Any) -> UUID:
        """A pending job of the own type and user, due since it was requested, but for `columns`."""
        [row] = self.sql.execute(
            # In the order of time, as supajobs.new_id makes them.
            "select (left(plan_job_id_at(%s)::text, 18) || right(gen_random_uuid()::text, 18))"
            "::uuid as id",
            [requested],
        ).fetchall()
        limits = {
            "max_retries": 3,
            "max_crashes": 3,
            "backoff_base_seconds": 5,
            "backoff_cap_seconds": 900,
            "lease_seconds": 60,
            "max_runtime_seconds": 900,
            "ttl_hours": 72,
        }
        defaults = {"user_id": self.user_id, "job_type": self.job_type, "run_at": requested}
        if completed_at := columns.get("completed_at"):
            defaults["expires_at"] = completed_at + timedelta(hours=72)
        self.insert(
            "plan_generation_jobs",
            id=row["id"],
            created_at=requested,
            **limits | defaults | columns,
        )
        return row["id"]

    def running(self, requested: datetime, **columns: Any) -> UUID:
        defaults = {
            "claim_id": uuid4(),
            "worker_id": "w1",
            "started_at": requested,
            "lease_expires_at": self.now + timedelta(seconds=45),
        }
        return self.job(requested, status="processing", **defaults | columns)

    def ended(
        self,
        requested: datetime,
        status: str,
        at: datetime,
        *,
        started: datetime | None = None,
        outcome: str | None = None,
        worker_id: str = "w1",
        **columns: Any,
    ) -> UUID:
        """A job and the attempt that ended it, which began when it was requested, or `started`.

        The outcome of the attempt is the status of the job, or `outcome`.
        """
        began = started or requested
        claim = {"claim_id": uuid4(), "worker_id": worker_id}
        job_id = self.job(
            requested, status=status, started_at=began, completed_at=at, **claim, **columns
        )
        if status != "completed":  # else the job itself tells of it
            error = columns.get("error")
            self.attempt(job_id, outcome or status, began, at, error=error, **claim)
        return job_id

    def attempt(
        self, job_id: UUID, outcome: str, started: datetime, ended: datetime, **columns: Any
    ) -> None:
        self.insert(
            "supajobs.unsuccessful_attempts",
            job_id=job_id,
            outcome=outcome,
            started_at=started,
            ended_at=ended,
            **{"claim_id": uuid4(), "job_type": self.job_type, "worker_id": "w1"} | columns,
        )

    def cost(self, month: datetime, cost_usd: float | None, **columns: Any) -> None:
        """An entry in the ledger of a job of the first day of `month`."""
        [row] = self.sql.execute("select plan_job_id_at(%s) as id", [month]).fetchall()
        defaults = {"user_id": self.user_id, "job_type": self.job_type, "model": "m"}
        self.insert(
            "plan_job_costs",
            job_id=row["id"],
            claim_id=uuid4(),
            started_at=month,
            month=month.date(),
            cost_usd=cost_usd,
            **defaults | columns,
        )

    def insert(self, table: str, **columns: Any) -> None:
        self.sql.execute(
            SQL("insert into {} ({}) values ({})").format(
                Identifier(*table.split(".")),
                SQL(", ").join(map(Identifier, columns)),
                SQL(", ").join([Placeholder()] * len(columns)),
            ),
            [Jsonb(value) if isinstance(value, dict) else value for value in columns.values()],
        )
