"""Which job types users may ask for, and look for their jobs by."""

import asyncio
import math
import time
from typing import Any

from pydantic import BaseModel, TypeAdapter

from supajobs.errors import UnknownJobTypeError
from supajobs.job_types import JobType, JobTypes
from supajobs.queue.database import Database

MAX_AGE = 5.0  # s; whatever names are asked for, all share one answer


class _Row(BaseModel):
    job_type: str
    open_to_users: bool


_rows = TypeAdapter(list[_Row])


class OfferedTypes:
    """The job types of this process, and those that only their rows in plan_job_types tell of.

    Workers of another language, or of another app, run these. Users may ask for them where the row
    says so, `open_to_users`. The rows are read for names that this process does not know.
    """

    def __init__(self, job_types: JobTypes, database: Database) -> None:
        self._job_types = job_types
        self._database = database
        self._asking = asyncio.Lock()
        self._rows: dict[str, bool] = {}
        self._read_at = -math.inf

    async def find(self, name: str) -> JobType[Any] | None:
        """What checks the params of such a job; None: its handler does, elsewhere.

        Raises:
            UnknownJobTypeError: users may not ask for it. Its hint lists those that they may.
            SupabaseUnavailableError: the rows are needed and cannot be read.
        """
        if job_type := self._job_types.get(name):
            return job_type
        rows = await self._read_rows()
        if rows.get(name):
            return None
        offered = {*self._job_types, *(each for each, is_open in rows.items() if is_open)}
        raise UnknownJobTypeError(
            hint=f"Known job types: {', '.join(sorted(offered))}. One that another worker runs is "
            "known once its row in plan_job_types is open_to_users."
        )

    async def require_known(self, name: str) -> None:
        """Users may have jobs of any type that there is, for a server has asked for them.

        It raises what `find` does.
        """
        if name not in self._job_types and name not in await self._read_rows():
            await self.find(name)

    async def _read_rows(self) -> dict[str, bool]:
        """Whether each type is open to users, as it was at most MAX_AGE ago."""
        async with self._asking:
            if time.monotonic() - self._read_at >= MAX_AGE:
                table = self._database.service.from_("plan_job_types")
                query = table.select("job_type", "open_to_users")
                found = await self._database.send(query, _rows)
                self._rows = {each.job_type: each.open_to_users for each in found}
                self._read_at = time.monotonic()
            return self._rows
