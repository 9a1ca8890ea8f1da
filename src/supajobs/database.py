"""The Supabase project as seen from Python: HTTPS only, one connection pool, two identities."""

from typing import Any, Protocol

import httpx
import stamina
from postgrest import AsyncPostgrestClient
from postgrest.exceptions import APIError
from supabase import AsyncClient, AsyncClientOptions

from supajobs.errors import (
    InvalidRequestError,
    NotAuthenticatedError,
    ProjectRequiredError,
    SupabaseRefusedError,
    SupabaseUnavailableError,
    SupajobsError,
    UnknownJobTypeError,
    UserGoneError,
)
from supajobs.settings import Settings

UNTRANSLATABLE_CHARACTER = "22P05"  # SQLSTATE: JSON may hold text that Postgres cannot store


class Query(Protocol):
    """A request as supabase-py builds it, ready to be executed more than once."""

    async def execute(self) -> Any:
        """Sends it."""
        ...


class Database:
    """`service` calls the queue's functions; `as_user` reads what Row Level Security allows.

    What is sent is sent again, for up to `patience` seconds, while Supabase does not answer.
    """

    def __init__(self, settings: Settings, *, patience: float) -> None:
        self._patience = patience
        self.http = httpx.AsyncClient(
            timeout=httpx.Timeout(10.0, connect=3.0),
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=50),
            event_hooks={"response": [_raise_server_error]},
        )
        self.service = AsyncClient(
            settings.supabase_origin,
            settings.supabase_secret_key.get_secret_value(),
            AsyncClientOptions(
                httpx_client=self.http,
                auto_refresh_token=False,
                persist_session=False,
                postgrest_client_retry=False,  # `send` repeats calls
            ),
        )
        self._rest_url = f"{settings.supabase_origin}/rest/v1"
        self._publishable_key = settings.supabase_publishable_key

    def as_user(self, access_token: str) -> AsyncPostgrestClient:
        """The project's tables as the bearer of this token sees them."""
        return AsyncPostgrestClient(
            self._rest_url,
            headers={"apikey": self._publishable_key, "Authorization": f"Bearer {access_token}"},
            http_client=self.http,
            retry_enabled=False,
        )

    async def send(self, query: Query, *, patience: float | None = None) -> Any:
        """Executes a query and returns its data, or None for no row of a `maybe_single`.

        While Supabase is out of reach or answers 5xx, the query is sent again for up to `patience`
        seconds (the Database's own, if not given): use it only for what may run twice, as every
        function of the queue may.

        Raises:
            SupabaseUnavailableError: nothing answered in time.
            SupajobsError: the database refused, see `_translate`.
        """
        retries = stamina.retry_context(
            on=httpx.HTTPError,
            attempts=None,
            timeout=patience or self._patience,
            wait_initial=0.05,
            wait_max=2.0,
            wait_jitter=0.1,
        )
        answer: Any = None
        try:
            async for attempt in retries:
                with attempt:
                    answer = await query.execute()
        except httpx.HTTPError as error:
            raise SupabaseUnavailableError from error
        except APIError as error:
            raise _translate(error) from None  # its details may hold params
        except UnicodeEncodeError:
            raise SupabaseRefusedError(UNTRANSLATABLE_CHARACTER, "half a surrogate pair") from None
        return answer and answer.data

    async def close(self) -> None:
        """Closes the connections."""
        await self.http.aclose()


async def _raise_server_error(response: httpx.Response) -> None:
    # supabase-py's APIError carries the database's code but not the HTTP status, and the status
    # is what tells an outage from a refusal.
    if response.is_server_error:
        response.raise_for_status()


def _translate(error: APIError) -> SupajobsError:
    """The database's refusal in our words. What is not expected keeps its reason for the log."""
    match error.code, error.details:
        case "PT422", "unknown_job_type":
            return UnknownJobTypeError(error.message, hint=error.hint)
        case "PT422", "project_required":
            return ProjectRequiredError(error.message)
        case "PT422", "out_of_range" | "params_not_an_object":
            return InvalidRequestError([{"loc": (), "msg": error.message}])
        case "23503", _:
            return UserGoneError()
        case "PGRST301" | "PGRST302" | "PGRST303", _:
            return NotAuthenticatedError()
        case _:
            return SupabaseRefusedError(error.code, error.message)
