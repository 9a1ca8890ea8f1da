"""The Supabase project as seen from Python: HTTPS only, one connection pool, two identities."""

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Callable
from http import HTTPStatus
from time import monotonic
from typing import Any, Protocol, TypeVar

import httpx
import stamina
from postgrest import AsyncPostgrestClient
from postgrest.exceptions import APIError
from pydantic import TypeAdapter, ValidationError
from supabase import AsyncClient, AsyncClientOptions

from supajobs.errors import (
    InvalidRequestError,
    NotAuthenticatedError,
    ProjectRequiredError,
    ProviderKeyNotAllowedError,
    ServerBusyError,
    SupabaseRefusedError,
    SupabaseUnavailableError,
    SupajobsError,
    UnknownJobTypeError,
    UserGoneError,
)
from supajobs.queue.breaker import Breaker
from supajobs.queue.transport import open_transport
from supajobs.settings import Settings

MAX_CONNECTIONS = 100
MAX_CALLS = 50  # at a time: more would only wait in Supabase instead of here
UNTRANSLATABLE_CHARACTER = "22P05"  # SQLSTATE: JSON may hold text that Postgres cannot store

Data = TypeVar("Data")

_json = TypeAdapter(dict[str, Any])


class Query(Protocol):
    """A request as supabase-py builds it, ready to be executed more than once."""

    async def execute(self) -> Any:
        """Sends it."""
        ...


class Database:
    """`service` calls the queue's functions; `as_user` reads what Row Level Security allows.

    What is sent is sent again, for up to `patience` seconds, while Supabase does not answer. A
    `breaker` gives up at once where earlier calls found no answer.
    """

    def __init__(
        self, settings: Settings, *, patience: float, breaker: Breaker | None = None
    ) -> None:
        self._patience = patience
        self._breaker = breaker or contextlib.nullcontext()
        self._places = asyncio.Semaphore(MAX_CALLS)
        self.http = httpx.AsyncClient(
            timeout=httpx.Timeout(10.0, connect=3.0),
            transport=open_transport(settings.supabase_origin, MAX_CONNECTIONS),
            event_hooks={"response": [_require_json]},
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

    async def call(
        self,
        function: str,
        params: dict[str, Any],
        shape: TypeAdapter[Data],
        *,
        patience: float | None = None,
    ) -> Data:
        """Calls one of our SQL functions as the service; see `send`."""
        query = self.service.rpc(function, _json.dump_python(params, mode="json"))
        return await self.send(query, shape, patience=patience)

    async def send(
        self, query: Query, shape: TypeAdapter[Data], *, patience: float | None = None
    ) -> Data:
        """Executes a query and returns its data, which must be of this shape.

        While Supabase is out of reach, hangs, or answers 429, 5xx or no JSON, the query is sent
        again for up to `patience` seconds (the Database's own, if not given): use it only for what
        may run twice, as every function of the queue may.

        Raises:
            ServerBusyError: so many calls are on their way that this one did not get its turn.
            SupabaseUnavailableError: there was no such answer in time.
            SupajobsError: the database refused, see `_translate`.
        """
        patience = patience or self._patience
        started = monotonic()
        async with self._take_place(patience * 2 / 3):
            with self._breaker:
                answer = await _execute(query, patience - (monotonic() - started))
        try:
            return shape.validate_python(answer.data)
        except ValidationError as error:
            raise SupabaseUnavailableError from ValueError(_tell_what_is_wrong(error))

    @contextlib.asynccontextmanager
    async def _take_place(self, patience: float) -> AsyncGenerator[None]:
        # Outside of the breaker: a crowd of our own says nothing about Supabase.
        try:
            async with asyncio.timeout(patience):
                await self._places.acquire()
        except TimeoutError:
            raise ServerBusyError from None
        try:
            yield
        finally:
            self._places.release()

    async def close(self) -> None:
        """Closes the connections."""
        await self.http.aclose()


async def _execute(query: Query, patience: float) -> Any:
    retries = stamina.retry_context(
        on=_retrying_within(patience),
        attempts=None,
        timeout=None,
        wait_initial=0.05,
        wait_max=2.0,
        wait_jitter=0.1,
    )
    answer: Any = None
    try:
        async with asyncio.timeout(patience):
            async for attempt in retries:
                with attempt:
                    answer = await query.execute()
    except (httpx.HTTPError, TimeoutError) as error:
        raise SupabaseUnavailableError(_retry_after(error) or 5) from error
    except APIError as error:
        raise _translate(error) from None  # its details may hold params
    except ValueError as error:  # half a surrogate pair, or NaN
        raise SupabaseRefusedError(UNTRANSLATABLE_CHARACTER, str(error)) from None
    return answer


async def _require_json(response: httpx.Response) -> None:
    """Raises for answers that are not PostgREST's word on the request, whoever gave them.

    supabase-py would take an error page for data, and keeps no status that tells an outage from a
    refusal.
    """
    if response.is_server_error or response.status_code == HTTPStatus.TOO_MANY_REQUESTS:
        response.raise_for_status()
    if "json" not in response.headers.get("Content-Type", "") or not await response.aread():
        raise httpx.DecodingError(f"{response.status_code} without JSON", request=response.request)


def _retrying_within(patience: float) -> Callable[[Exception], bool | float]:
    """When to send again: never, now and then, or after the seconds that a gateway asked for."""

    def wait(error: Exception) -> bool | float:
        if not isinstance(error, httpx.HTTPError):
            return False
        asked = _retry_after(error)
        return (asked or True) if asked < patience else False

    return wait


def _retry_after(error: Exception) -> int:
    """Seconds; 0 where nothing was asked for."""
    if not isinstance(error, httpx.HTTPStatusError):
        return 0
    asked = error.response.headers.get("Retry-After", "")
    return int(asked) if re.fullmatch(r"[0-9]{1,5}", asked) else 0


def _tell_what_is_wrong(error: ValidationError) -> str:
    """Where an answer is not of its shape; without the values, which may be params."""
    wrong = [f"{'.'.join(map(str, each['loc']))}: {each['type']}" for each in error.errors()]
    return f"an answer of another shape ({', '.join(wrong[:3])})"


def _translate(error: APIError) -> SupajobsError:  # noqa: PLR0911 - one for each refusal
    """The database's refusal in our words. What is not expected keeps its reason for the log."""
    match error.code, error.details:
        case "PT422", "unknown_job_type":
            return UnknownJobTypeError(error.message, hint=error.hint)
        case "PT422", "project_required":
            return ProjectRequiredError(error.message)
        case "PT422", "provider_key_not_allowed":
            return ProviderKeyNotAllowedError(error.message)
        case "PT422", "out_of_range" | "params_not_an_object":
            return InvalidRequestError([{"loc": (), "msg": error.message}])
        case "23503", _:
            return UserGoneError()
        case "PGRST301" | "PGRST302" | "PGRST303", _:
            return NotAuthenticatedError()
        case _:
            return SupabaseRefusedError(error.code, error.message)
