from functools import cached_property

import httpx

from supajobs.doctor.schema_description import SchemaDescription, schema_description
from supajobs.doctor.trigger_description import TriggerDescription, trigger_description
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.settings import Settings

ANSWER_SECONDS = 5.0  # what takes longer is as good as silent


class Project:
    """The Supabase project under examination. What it once described is not asked for again."""

    def __init__(self, settings: Settings, http: httpx.AsyncClient) -> None:
        self.settings = settings
        self.http = http
        self._schema: SchemaDescription | None = None
        self._triggers: TriggerDescription | None = None

    @cached_property  # which cannot be made with every key, and `secret_key` is to say so
    def database(self) -> Database:
        """The queue's functions, called with the secret key."""
        return Database(self.settings, patience=ANSWER_SECONDS)

    @property
    def queue(self) -> JobQueue:
        """The same by name."""
        return JobQueue(self.database)

    async def close(self) -> None:
        """Closes the connections that it has opened."""
        if "database" in vars(self):
            await self.database.close()

    def forget(self) -> None:
        """Asks again for what may have changed."""
        self._schema = self._triggers = None

    async def get(self, path: str, *, key: str | None = None) -> httpx.Response:
        """The project's answer, whatever it is, to a request with this API key or none.

        Raises:
            httpx.HTTPError: there was none.
        """
        return await self.http.get(f"{self.settings.supabase_origin}{path}", headers=_sent(key))

    async def call(self, function: str, params: dict[str, object], *, key: str) -> httpx.Response:
        """The same for a call of a function."""
        url = f"{self.settings.supabase_origin}/rest/v1/rpc/{function}"
        return await self.http.post(url, json=params, headers=_sent(key))

    async def describe_schema(self) -> SchemaDescription:
        """What of its schema matters to the queue.

        Raises:
            SupajobsError: it did not say.
        """
        if self._schema is None:
            self._schema = await self.database.call("describe_plan_schema", {}, schema_description)
        return self._schema

    async def describe_triggers(self) -> TriggerDescription:
        """What starts its jobs.

        Raises:
            SupajobsError: it did not say.
        """
        if self._triggers is None:
            self._triggers = await self.database.call(
                "describe_plan_triggers", {}, trigger_description
            )
        return self._triggers


def _sent(key: str | None) -> dict[str, str]:
    # Both, as Supabase's own clients do: legacy keys count only as a token.
    return {} if key is None else {"apikey": key, "Authorization": f"Bearer {key}"}
