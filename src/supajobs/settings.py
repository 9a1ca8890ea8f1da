import re
from functools import cached_property
from typing import Annotated, Literal

from pydantic import (
    AliasChoices,
    AnyHttpUrl,
    Field,
    SecretStr,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class Settings(BaseSettings):
    """All settings, from the environment or `.env`. Read once and passed in; never changed."""

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        str_strip_whitespace=True,  # a key with a line break at its end would be told in errors
    )

    supabase_url: AnyHttpUrl
    """The project's address, https://<ref>.supabase.co."""
    supabase_publishable_key: str = Field(
        validation_alias=AliasChoices("SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY")
    )
    """sb_publishable_… (or the legacy anon key). Reads go out with it and the user's token."""
    supabase_secret_key: SecretStr = Field(
        validation_alias=AliasChoices("SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY")
    )
    """sb_secret_… (or the legacy service_role key). The queue's functions are called with it."""
    supabase_jwt_issuer: str | None = None
    """The `iss` of user tokens, where it is not <supabase_url>/auth/v1 (custom domains)."""
    supabase_jwt_secret: SecretStr | None = None
    """The legacy shared secret. Set it only while a project still signs tokens with HS256."""

    cron_secret: Annotated[SecretStr, Field(min_length=16)] | None = None
    """What a trigger of POST /v1/queue/process must send, and who scrapes GET /metrics.

    At least 16 random characters."""

    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8000
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Web apps that may call the API from the browser, comma-separated: https://app.example.com."""
    max_body_bytes: Annotated[int, Field(gt=0)] = 1_048_576
    """A longer request is refused before it is read."""
    max_params_bytes: Annotated[int, Field(gt=0)] = 65_536
    """The longest params of a job, as JSON. They are stored with it and sent to its worker."""
    allow_anonymous_users: bool = True
    """Whether users of Supabase's anonymous sign-in may use the API, where the project has it."""
    api_runs_jobs: bool = True
    """Whether the API process starts on a new job at once, without waiting for the trigger."""

    worker_concurrency: Annotated[int, Field(ge=1, le=1000)] = 10
    """Jobs that one process runs at the same time."""
    worker_poll_seconds: Annotated[float, Field(gt=0)] = 2.0
    """How often the always-on worker looks for jobs that others enqueued."""
    worker_grace_seconds: Annotated[float, Field(ge=0)] = 8.0
    """After SIGTERM, running jobs get this long to end; then they are released."""
    metrics_port: Annotated[int, Field(ge=0, le=65535)] | None = None
    """Where `supajobs work` serves its Prometheus metrics, on `host` and without a secret."""

    planner_seconds_per_week: Annotated[float, Field(ge=0)] = 0.0
    """Slows the built-in planner down, to watch a job at work. 0 in production."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "text"] = "json"

    @field_validator("cors_origins", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(origin.strip() for origin in value.split(",") if origin.strip())
        return value

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not re.fullmatch(r"\*|[a-z][a-z0-9+.-]*://[^/\s]+", origin):
                # A browser would never send it, so it would silently allow nobody.
                raise ValueError(f"{origin!r} is not an origin such as https://app.example.com")
        return origins

    @cached_property
    def supabase_origin(self) -> str:
        """The project's address without a trailing slash."""
        return str(self.supabase_url).rstrip("/")

    @cached_property
    def jwt_issuer(self) -> str:
        """The issuer that user tokens must name."""
        return self.supabase_jwt_issuer or f"{self.supabase_origin}/auth/v1"
