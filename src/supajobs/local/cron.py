"""Running due jobs of the stand-in pg_cron, each on a connection of its own as the job's user."""

import asyncio
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from cronsim import CronSim, CronSimError
from psycopg import AsyncConnection, Error

_POLL_SECONDS = 0.25
_NAME = "pg_cron"  # of the sessions of its jobs
_INTERVAL = re.compile(r"\s*(\d+)\s+seconds?\s*", re.IGNORECASE)
_NAMED = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}
_log = structlog.get_logger()

Row = dict[str, Any]


def next_run(schedule: str, after: datetime) -> datetime:
    """Return when a schedule is due next: '[1-59] seconds', a name or five cron fields, in UTC.

    A schedule that cannot be read is never due.
    """
    if interval := _INTERVAL.fullmatch(schedule):
        return after + timedelta(seconds=int(interval[1]))
    fields = _NAMED.get(schedule.strip().lower(), schedule)
    # pg_cron writes the last day of the month as $, cronsim as L.
    try:
        return next(CronSim(fields.replace("$", "L"), after))
    except CronSimError as error:
        _log.warning("unreadable schedule", schedule=schedule, reason=str(error))
        return datetime.max.replace(tzinfo=UTC)


async def run_cron(connection: AsyncConnection[Row]) -> None:
    """Run due jobs until cancelled.

    Raises:
        psycopg.Error: the connection was lost, or the extension dropped.
    """
    await connection.execute(
        "update cron.job_run_details set status = 'failed', return_message = 'server restarted'"
        " where status = 'running'"
    )
    due: dict[tuple[int, str], datetime] = {}  # a changed schedule starts anew
    running: set[int] = set()
    async with asyncio.TaskGroup() as tasks:
        while True:
            now = datetime.now(UTC)
            cursor = await connection.execute("select * from cron.job where active order by jobid")
            for job in await cursor.fetchall():
                jobid, schedule = job["jobid"], job["schedule"]
                is_new = (jobid, schedule) not in due
                is_due = not is_new and due[jobid, schedule] <= now and jobid not in running
                if is_new or is_due:
                    due[jobid, schedule] = next_run(schedule, now)
                if is_due:
                    running.add(jobid)
                    task = tasks.create_task(_run_job(connection.info.dsn, job))
                    task.add_done_callback(lambda _, jobid=jobid: running.discard(jobid))
            await asyncio.sleep(_POLL_SECONDS)


async def _run_job(dsn: str, job: Row) -> None:
    """Run one job and record how it went."""
    async with await AsyncConnection.connect(
        dsn, autocommit=True, application_name=_NAME
    ) as records:
        cursor = await records.execute(
            "insert into cron.job_run_details"
            " (jobid, database, username, command, status, start_time)"
            " values (%(jobid)s, %(database)s, %(username)s, %(command)s, 'running',"
            " clock_timestamp()) returning runid",
            job,
        )
        run = await cursor.fetchone()
        status, message = await _execute(dsn, job)
        await records.execute(
            "update cron.job_run_details set status = %s, return_message = %s,"
            " end_time = clock_timestamp() where runid = %s",
            [status, message, run and run[0]],
        )


async def _execute(dsn: str, job: Row) -> tuple[str, str]:
    try:
        async with await AsyncConnection.connect(
            dsn,
            user=job["username"],
            dbname=job["database"],
            autocommit=True,
            application_name=_NAME,
        ) as connection:
            cursor = await connection.execute(job["command"].encode())
            while cursor.nextset():
                pass
            return "succeeded", cursor.statusmessage or ""
    except Error as error:
        _log.warning("cron job failed", command=job["command"], error=str(error))
        return "failed", f"ERROR: {error}"
