"""Models through their providers' own SDKs."""

import httpx2
from pydantic_ai.models import Model

DEEPSEEK_URL = "https://api.deepseek.com"


def open_model(
    provider: str, name: str, *, key: str, base_url: str | None, http: httpx2.AsyncClient
) -> Model:
    """A provider's model. Loads the SDK, which takes seconds the first time.

    Raises:
        ValueError: there is no such provider.
    """
    match provider:
        case "anthropic":
            from pydantic_ai.models.anthropic import AnthropicModel  # noqa: PLC0415 - see above
            from pydantic_ai.providers.anthropic import AnthropicProvider  # noqa: PLC0415

            return AnthropicModel(
                name,
                provider=AnthropicProvider(api_key=key, base_url=base_url, http_client=http),
            )
        case "deepseek":
            from openai import AsyncOpenAI  # noqa: PLC0415
            from pydantic_ai.models.openai import OpenAIChatModel  # noqa: PLC0415
            from pydantic_ai.providers.deepseek import DeepSeekProvider  # noqa: PLC0415

            client = AsyncOpenAI(api_key=key, base_url=base_url or DEEPSEEK_URL, http_client=http)
            return OpenAIChatModel(name, provider=DeepSeekProvider(openai_client=client))
        case "openai":
            from pydantic_ai.models.openai import OpenAIResponsesModel  # noqa: PLC0415
            from pydantic_ai.providers.openai import OpenAIProvider  # noqa: PLC0415

            return OpenAIResponsesModel(
                name, provider=OpenAIProvider(api_key=key, base_url=base_url, http_client=http)
            )
        case "google" | "google-gla":
            from pydantic_ai.models.google import GoogleModel  # noqa: PLC0415
            from pydantic_ai.providers.google import GoogleProvider  # noqa: PLC0415

            return GoogleModel(
                name, provider=GoogleProvider(api_key=key, base_url=base_url, http_client=http)
            )
        case _:
            raise ValueError(f"unknown provider: {provider!r}")
