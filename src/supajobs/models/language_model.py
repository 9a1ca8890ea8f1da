"""The language model behind the handlers, whichever provider serves it.

Its import takes seconds: import it only where a model is configured.
"""

import ssl
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from http import HTTPStatus
from typing import TypeVar

import httpx2
from pydantic import BaseModel, SecretStr
from pydantic_ai import Agent, ModelRetry, capture_run_messages
from pydantic_ai.exceptions import (
    AgentRunError,
    ContentFilterError,
    ModelAPIError,
    ModelAuthenticationError,
    ModelHTTPError,
    ModelNotFoundError,
    ModelQuotaExceededError,
    ModelRateLimitError,
    ModelRequestRejectedError,
    ModelRequestTimeout,
    ModelTimeoutError,
    OutputTokenLimitExceeded,
)
from pydantic_ai.messages import ModelMessage, ModelResponse
from pydantic_ai.models import Model
from pydantic_ai.settings import ModelSettings

from supajobs.loggers import get_logger
from supajobs.models.costs import measure
from supajobs.models.provider_refusals import RefusalCode, note_answer, note_refusal
from supajobs.models.providers import open_model
from supajobs.outcomes import PermanentError, RateLimitedError, UnavailableError, Usage
from supajobs.settings import Settings

logger = get_logger(__name__)

CORRECTIONS = 2  # after the first answer
CONNECT_SECONDS = 5.0
REASON_LENGTH = 300  # characters of a provider's error in the log
DETAIL_LENGTH = 2000  # characters on what was wrong with an answer

# Statuses below 500 after which the same request may well be taken.
PASSING = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY)

Output = TypeVar("Output", bound=BaseModel)


@dataclass(frozen=True)
class _Key:
    """The server's, or one that a user brought."""

    value: str = field(repr=False)
    is_users: bool


class LanguageModel:
    """One model of one provider, by its name in the settings: `deepseek:deepseek-flash`.

    It sends each request once: who asks decides on another try. What a provider says in errors
    goes to the log (without keys), never to users.
    """

    def __init__(self, name: str, settings: Settings) -> None:
        self.name = name
        self._provider, _, self._model_name = name.partition(":")
        self._key, self._base_url = settings.get_model_access(self._provider)
        self._price = settings.model_prices.get(name)
        self._seconds = settings.model_timeout_seconds
        # Loads the provider's SDK and the prices now, and not while jobs wait for it.
        self._open("none", self._connect())

    async def write(  # noqa: PLR0913 - what is asked, what is wanted, and who is told
        self,
        prompt: str,
        output_type: type[Output],
        *,
        instructions: str,
        check: Callable[[Output], object],
        spend: Callable[[Usage], None],
        what: str = "answer",
        key: SecretStr | None = None,
    ) -> Output:
        """The model's answer, which `check` has passed.

        An answer that is not of the type, or at which `check` raises a ValueError, goes back with
        the reason, twice at most. `spend` is told what all of it cost, also when it raises. `what`
        is asked for, in words for the user. `key` is the user's own, and takes the place of the
        server's: the user's account pays, and the errors say that it is theirs.

        Raises:
            PermanentError: the model refused or could not do it, or its provider will not have us.
            RateLimitedError: the provider asks to wait.
            TimeoutError: there was no answer in time.
            UnavailableError: the provider is out of reach, overloaded or broken.
        """

        def check_or_correct(output: Output) -> Output:
            try:
                check(output)
            except ValueError as error:
                raise ModelRetry(str(error)) from error
            return output

        used_key = self._choose(key)
        async with self._connect() as http:
            agent = Agent(
                self._open(used_key.value, http),
                output_type=output_type,
                instructions=instructions,
                retries={"output": CORRECTIONS},
                model_settings=ModelSettings(
                    timeout=self._seconds, request_timeout=self._seconds, max_retries=0
                ),
            )
            agent.output_validator(check_or_correct)
            with capture_run_messages() as messages:
                try:
                    answer = await agent.run(prompt)
                except AgentRunError as error:
                    # Without the cause: it quotes the provider.
                    raise self._translate(error, _responses(messages), what, used_key) from None
                finally:
                    for response in _responses(messages):
                        spend(measure(self.name, response.usage, self._price))
        if not used_key.is_users:
            note_answer(self._provider)
        return answer.output

    def _connect(self) -> httpx2.AsyncClient:
        timeout = httpx2.Timeout(self._seconds, connect=CONNECT_SECONDS)
        return httpx2.AsyncClient(timeout=timeout, verify=self._ssl_context)

    @cached_property
    def _ssl_context(self) -> ssl.SSLContext:
        return httpx2.create_ssl_context()  # takes a tenth of a second

    def _open(self, key: str, http: httpx2.AsyncClient) -> Model:
        return open_model(
            self._provider, self._model_name, key=key, base_url=self._base_url, http=http
        )

    def _choose(self, users_key: SecretStr | None) -> _Key:
        secret = self._key if users_key is None else users_key
        key = _Key(secret.get_secret_value(), is_users=users_key is not None)
        if not (key.value and key.value.isascii() and key.value.isprintable()):
            raise self._refuse("provider_key_refused", key)  # else it would be told in an error
        return key

    def _translate(  # noqa: PLR0911 - one for each kind of error
        self, error: AgentRunError, responses: Sequence[ModelResponse], what: str, key: _Key
    ) -> Exception:
        """The error as the queue knows it, so that it is tried again or not as it deserves."""
        self._log(error, key)
        match error:
            case ModelRateLimitError():
                return RateLimitedError(error.retry_after)
            case ModelQuotaExceededError():
                return self._refuse("provider_quota_exceeded", key)
            case ModelAuthenticationError():
                return self._refuse("provider_key_refused", key)
            case ModelTimeoutError() | ModelRequestTimeout():
                return TimeoutError()
            case ModelNotFoundError():
                return PermanentError(
                    f"There is no such model to write the {what}.", code="model_not_found"
                )
            case ModelAPIError() if _is_rejection(error):
                return PermanentError(
                    f"The model's provider does not take the request for the {what}.",
                    code="model_request_rejected",
                )
            case ModelAPIError():
                return UnavailableError(error.retry_after)
            case _:
                return _judge(error, responses, what)

    def _refuse(self, code: RefusalCode, key: _Key) -> PermanentError:
        if key.is_users:  # which says nothing about our own
            users_code, message = _REFUSALS_OF_USERS[code]
            return PermanentError(message, code=users_code)
        note_refusal(self._provider, code)
        return PermanentError(_REFUSALS[code], code=code)

    def _log(self, error: AgentRunError, key: _Key) -> None:
        told: dict[str, object] = {"model": self.name, "error": type(error).__name__}
        if isinstance(error, ModelAPIError):
            told["code"], told["type"] = error.provider_error_code, error.provider_error_type
        if isinstance(error, ModelHTTPError):
            told["status"] = error.status_code
        if not isinstance(error, ModelAuthenticationError):  # which may show a part of the key
            told["reason"] = error.message
        for name, value in told.items():
            if isinstance(value, str):
                told[name] = value.replace(key.value, "***")[:REASON_LENGTH]
        logger.warning("model_call_failed", **told, is_users_key=key.is_users)


_REFUSALS: dict[RefusalCode, str] = {
    "provider_key_refused": "The model's provider does not accept the key of this service.",
    "provider_quota_exceeded": "The account of this service with the model's provider is used up.",
}
_REFUSALS_OF_USERS: dict[RefusalCode, tuple[str, str]] = {
    "provider_key_refused": (
        "user_key_refused",
        "The model's provider does not accept the key that you sent along.",
    ),
    "provider_quota_exceeded": (
        "user_quota_exceeded",
        "Your account with the model's provider, whose key you sent along, is used up.",
    ),
}


def _responses(messages: Iterable[ModelMessage]) -> list[ModelResponse]:
    return [message for message in messages if isinstance(message, ModelResponse)]


def _is_rejection(error: ModelAPIError) -> bool:
    """Whether the same request would be rejected again."""
    if isinstance(error, ModelRequestRejectedError):
        return True
    status = error.status_code if isinstance(error, ModelHTTPError) else 500
    return status < 500 and status not in PASSING  # noqa: PLR2004 - from here on it is their fault


def _judge(error: AgentRunError, responses: Sequence[ModelResponse], what: str) -> Exception:
    """What the model's answers come to, when there was no usable one."""
    # A refusal can break off an answer, so that there is some text before it.
    broke_off = any(response.finish_reason == "content_filter" for response in responses[-1:])
    if broke_off or isinstance(error, ContentFilterError):
        return PermanentError(f"The model refused to write the {what}.", code="model_refused")
    if len(responses) > CORRECTIONS or isinstance(error, OutputTokenLimitExceeded):
        return PermanentError(
            f"The model could not write a valid {what}.",
            code="model_output_invalid",
            detail=str(error.__cause__ or error.message)[:DETAIL_LENGTH],
        )
    return UnavailableError()  # whoever answered was not the provider
