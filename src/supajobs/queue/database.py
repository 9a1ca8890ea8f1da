"""The Supabase project as seen from Python: HTTPS only, one connection pool, two identities."""

import asyncio
import contextlib
import json
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from http import HTTPStatus
from time import monotonic
from typing import Any, Protocol, TypeVar

import httpx
import stamina
from postgrest import AsyncPostgrestClient
from postgrest.exceptions import APIError
from pydantic import ConfigDict, TypeAdapter, ValidationError

from supajobs.errors import (
    NotAuthenticatedError,
    ServerBusyError,
    SupabaseRefusedError,
    SupabaseUnavailableError,
)
from supajobs.event_loops import run_in
from supajobs.queue.breaker import Breaker
from supajobs.queue.keys import explain_refusal, is_expired_token
from supajobs.queue.patience import limit_silence, read
from supajobs.queue.project_client import ProjectClient
from supajobs.queue.refusals import translate
from supajobs.settings import Settings

MAX_CONNECTIONS = 100
ANSWERED_PATIENCE = 1.0  # s; what is answered for so long is answered for longer
MAX_CALLS = 50  # at a time: more would only wait in Supabase instead of here
UNTRANSLATABLE_CHARACTER = "22P05"  # SQLSTATE: JSON may hold text that Postgres cannot store
READ_ONLY = "25006"  # SQLSTATE, of a change that the database takes from nobody for now
HOW_TO_WRITE = (
    "See whether its disk is full (Dashboard → Reports → Database), and make room or enlarge it: "
    "Supabase then ends the read-only mode."
)
# What is wrong with the data, or with the request as our functions see it (PT4xx), and a user or a
# project that is gone. Whatever else is answered, says nothing of what the call carries.
VERDICTS = re.compile("22...|23514|23503|PT4..")

Data = TypeVar("Data")

# NaN stays what it is, and is refused; else it would become null.
_json = TypeAdapter(dict[str, Any], config=ConfigDict(ser_json_inf_nan="constants"))


class Query(Protocol):
    """A request as supabase-py builds it, ready to be executed more than once."""

    async def execute(self) -> Any:
        """Sends it."""
        ...


class Database:
    """`service` calls the queue's functions; `as_user` reads what Row Level Security allows.

    What is sent is sent again, for up to `patience` seconds, while Supabase does not answer. A
    `breaker` gives up at once where earlier calls found no answer. All calls come from one event
    loop, unless `loop` names the one that sends those of others as well.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        patience: float,
        breaker: Breaker | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self.settings = settings
        self._loop = loop
        self._patience = patience
        self._breaker = breaker or contextlib.nullcontext()
        self._places = asyncio.Semaphore(MAX_CALLS)
        self.http = ProjectClient(
            settings.supabase_origin,
            max_connections=MAX_CONNECTIONS,
            check=_require_answer,
            reading=read,
        )
        secret_key = settings.supabase_secret_key.get_secret_value()
        self.service = self._open(secret_key, secret_key)

    @contextlib.asynccontextmanager
    async def elsewhere(self) -> AsyncGenerator["Database"]:
        """The same project for another event loop: connections belong to one."""
        database = Database(self.settings, patience=self._patience)
        try:
            yield database
        finally:
            await database.close()

    def as_user(self, access_token: str) -> AsyncPostgrestClient:
        """The project's tables as the bearer of this token sees them."""
        return self._open(self.settings.supabase_publishable_key, access_token)

    def _open(self, key: str, token: str) -> AsyncPostgrestClient:
        # Of supabase-py this client alone: auth, storage and realtime take long to import.
        return AsyncPostgrestClient(
            f"{self.settings.supabase_origin}/rest/v1",
            headers={"apikey": key, "Authorization": f"Bearer {token}"},
            http_client=self.http,
            retry_enabled=False,  # `send` repeats calls
        )

    async def call(
        self,
        function: str,
        params: dict[str, Any],
        shape: TypeAdapter[Data],
        *,
        patience: float | None = None,
    ) -> Data:
        """Calls one of our SQL functions as the service; see `send`.

        Raises:
            SupabaseRefusedError: the params are nothing that JSON can hold, or see `send`.
        """
        try:
            arguments = _json.dump_python(params, mode="json")
        except ValueError as error:  # PydanticSerializationError
            raise SupabaseRefusedError(UNTRANSLATABLE_CHARACTER, str(error)) from None
        return await self.send(self.service.rpc(function, arguments), shape, patience=patience)

    async def send(
        self, query: Query, shape: TypeAdapter[Data], *, patience: float | None = None
    ) -> Data:
        """Executes a query and returns its data, which must be of this shape.

        While Supabase is out of reach, hangs, or answers what is no verdict on the query's data, it
        is sent again for up to `patience` seconds (the Database's own, if not given; for a second
        where it is answered with a 4xx): use it only for what may run twice, as every function of
        the queue may.

        Raises:
            ServerBusyError: so many calls are on their way that this one did not get its turn.
            SupabaseUnavailableError: there was no such answer in time.
            SupajobsError: the verdict, see refusals.translate.
        """
        sending = self._send(query, shape, patience or self._patience)
        return await run_in(self._loop, sending) if self._loop else await sending

    async def _send(self, query: Query, shape: TypeAdapter[Data], patience: float) -> Data:
        started = monotonic()
        async with self._take_place(patience * 2 / 3):
            with self._breaker:
                answer = await _execute(query, patience - (monotonic() - started))
        try:
            return shape.validate_python(answer.data)
        except ValidationError as error:
            reason = _tell_what_is_wrong(error)
            raise SupabaseUnavailableError(reason=reason) from ValueError(reason)

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
    trouble: Exception | None = None

    async def execute() -> Any:
        nonlocal trouble
        try:
            return await query.execute()
        except httpx.HTTPError as error:
            # An answer says more than the silence that may follow it.
            if _is_silence(trouble) or not _is_silence(error):
                trouble = error
            raise

    try:
        async with limit_silence(patience):
            try:
                return await execute()
            except httpx.HTTPError as error:
                return await _execute_again(execute, error, patience)
    except (httpx.HTTPError, TimeoutError) as error:
        raise _tell_of_outage(trouble or error) from (trouble or error)
    except APIError as error:
        raise translate(
            error.code, error.details, error.message, error.hint
        ) from None  # its details may hold params
    except ValueError as error:  # half a surrogate pair, or NaN
        raise SupabaseRefusedError(UNTRANSLATABLE_CHARACTER, str(error)) from None


async def _execute_again(
    execute: Callable[[], Awaitable[Any]], failure: httpx.HTTPError, patience: float
) -> Any:
    """Goes on after a first attempt that failed; one that succeeds does without this machinery."""
    retries = stamina.retry_context(
        on=_retrying_within(patience),
        attempts=None,
        timeout=None,
        wait_initial=0.05,
        wait_max=2.0,
        wait_jitter=0.1,
    )
    async for attempt in retries:
        with attempt:
            if attempt.num == 1:
                raise failure
            return await execute()
    return None  # never: the attempts end with an exception


def _require_answer(response: httpx.Response) -> None:
    """Raises for all that is neither data nor a verdict on the request's, whoever answered.

    supabase-py would take an error page for data, and keeps no status that tells an outage from a
    refusal.

    Raises:
        NotAuthenticatedError: the user's token has expired.
        SupabaseRefusedError: the request is larger than somebody on the road lets pass.
        httpx.HTTPError: this says nothing of what was sent; the message has the reason.
    """
    if response.status_code == HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
        raise SupabaseRefusedError(str(response.status_code), "too large")
    if response.is_success:
        if "json" in response.headers.get("Content-Type", "") and response.content:
            return
        raise httpx.DecodingError(f"{response.status_code} without JSON", request=response.request)
    code, message = _read_refusal(response)
    if is_expired_token(response.request, code):
        raise NotAuthenticatedError
    if code is None or not VERDICTS.fullmatch(code):
        words = ": ".join(filter(None, (code, message)))
        reason = f"{words} ({response.status_code})".lstrip()
        raise httpx.HTTPStatusError(reason, request=response.request, response=response)


def _read_refusal(response: httpx.Response) -> tuple[str | None, str | None]:
    """The code and the message of an answer that is an error, if it has them."""
    try:
        refusal: Any = json.loads(response.content)
    except ValueError:
        return None, None
    match refusal:
        case {"message": str(message), "code": str(code)}:
            return code, message
        case {"message": str(message)} | {"msg": str(message)}:  # of the gateway, and of Auth
            return None, message
        case _:
            return None, None


def _tell_of_outage(trouble: Exception) -> SupabaseUnavailableError:
    retry_after = _retry_after(trouble) or 5
    if not isinstance(trouble, httpx.HTTPStatusError):
        return SupabaseUnavailableError(retry_after, reason=repr(trouble))
    sqlstate, _ = _read_refusal(trouble.response)
    reason = explain_refusal(trouble.request, sqlstate, str(trouble))
    return SupabaseUnavailableError(
        retry_after, sqlstate=sqlstate, reason=reason, refused=_is_refusal(trouble)
    )


def _retrying_within(patience: float) -> Callable[[Exception], bool | float]:
    """When to send again: never, now and then, or after the seconds that a gateway asked for."""
    started = monotonic()

    def wait(error: Exception) -> bool | float:
        if not isinstance(error, httpx.HTTPError):
            return False
        if _is_refusal(error) and monotonic() - started > ANSWERED_PATIENCE:
            return False
        asked = _retry_after(error)
        return (asked or True) if asked < patience else False

    return wait


def _is_silence(trouble: Exception | None) -> bool:
    return not isinstance(trouble, httpx.HTTPStatusError)


def _is_refusal(error: httpx.HTTPError) -> bool:
    return (
        isinstance(error, httpx.HTTPStatusError)
        and error.response.is_client_error
        and error.response.status_code != HTTPStatus.TOO_MANY_REQUESTS
    )


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
