"""The process behind the stand-ins of pg_cron and pg_net: `python -m supajobs.local.worker DIR`.

On Supabase both run inside Postgres; an SQL-only extension has no process of its own.
"""

import asyncio
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import structlog
from psycopg import AsyncConnection, Error
from psycopg.rows import dict_row

from supajobs.local.cron import run_cron
from supajobs.local.net import run_net
from supajobs.local.postgres import SUPERUSER
from supajobs.local.state import StackState

_RETRY_SECONDS = 0.25
_NAME = "supajobs worker"
_log = structlog.get_logger()

Row = dict[str, Any]
Loop = Callable[[AsyncConnection[Row]], Awaitable[None]]


async def work(db_url: str) -> None:
    """Run cron jobs and send queued requests until cancelled, also across database restarts."""
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(_keep_running(run_cron, "pg_cron", db_url))
        tasks.create_task(_keep_running(run_net, "pg_net", db_url))


async def _keep_running(loop: Loop, extension: str, db_url: str) -> None:
    """Run the loop while its extension exists; begin again when it fails."""
    while True:
        try:
            async with await AsyncConnection[Row].connect(
                db_url, autocommit=True, row_factory=dict_row, application_name=_NAME
            ) as connection:
                if await _exists(connection, extension):
                    await loop(connection)
        except* Error as failure:
            _log.warning("interrupted", extension=extension, reason=str(failure.exceptions[0]))
        await asyncio.sleep(_RETRY_SECONDS)


async def _exists(connection: AsyncConnection[Row], extension: str) -> bool:
    query = "select from pg_extension where extname = %s"
    return (await connection.execute(query, [extension])).rowcount == 1


async def _work_until_told(db_url: str) -> None:
    task = asyncio.create_task(work(db_url))
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, task.cancel)
    await asyncio.wait([task])
    if not task.cancelled():
        task.result()


if __name__ == "__main__":
    state = StackState.read(Path(sys.argv[1]) / "state.json")
    if state is None:
        sys.exit(f"{sys.argv[1]} holds no local stack")
    asyncio.run(_work_until_told(state.db_url(SUPERUSER)))
