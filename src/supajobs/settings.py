import re
from base64 import b64decode
from functools import cached_property
from importlib.util import find_spec
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    AnyHttpUrl,
    BaseModel,
    BeforeValidator,
    DirectoryPath,
    Field,
    NonNegativeFloat,
    SecretStr,
    ValidationInfo,
    field_validator,
)
from pydantic_settings import NoDecode

from supajobs.extras import install_command
from supajobs.models.provider_keys import ProviderKeys
from supajobs.project_access import check_project_url, require_scheme
from supajobs.setting_sources import DEFAULT_FAMILIES, JobFamilies, Sourced, split_list

BUILT_IN = "builtin"
NO_USERS = {"anon", "authenticator", "postgres", "service_role", "supabase_admin"}
CRON_SECRET_LENGTH = 16
WEBHOOK_SECRET_BYTES = range(24, 65)
ANY_PORT = ":*"  # at the end of an origin


class ModelPrice(BaseModel):
    """Dollars per million tokens; `cached_input` is that of `input` unless it is given."""

    input: NonNegativeFloat
    output: NonNegativeFloat
    cached_input: NonNegativeFloat | None = None


def _check_length(secret: SecretStr) -> SecretStr:
    if len(secret.get_secret_value()) < CRON_SECRET_LENGTH:
        raise ValueError(
            f"has at least {CRON_SECRET_LENGTH} characters: openssl rand -hex 32 prints 64"
        )
    return secret


Port = Annotated[int, Field(ge=0, le=65535)]


class Settings(Sourced):
    """All settings, from the environment or `.env`. Read once and passed in; never changed.

    Each may begin with SUPAJOBS_, but those that begin with SUPABASE_ and the keys of providers:
    SUPAJOBS_PORT comes before PORT. Those that are given replace what stands there::

        settings = Settings(supabase_url=url, supabase_publishable_key=key, ...)
    """

    supabase_url: Annotated[
        AnyHttpUrl, BeforeValidator(require_scheme), AfterValidator(check_project_url)
    ]
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

    cron_secret: Annotated[SecretStr, AfterValidator(_check_length)] | None = None
    """What a trigger of POST /v1/queue/process must send, and who scrapes GET /metrics.

    At least 16 random characters."""

    host: str = "127.0.0.1"
    port: Port = 8000
    forwarded_allow_ips: str = "127.0.0.1"
    """Whose X-Forwarded-For and X-Forwarded-Proto are believed: the proxy's addresses or networks,
    comma-separated, or * where nobody else reaches the API."""
    cors_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Web apps that may call the API from the browser, comma-separated: https://app.example.com,
    or http://localhost:* for any port."""
    page_dir: DirectoryPath | None = None
    """The built files of a web page that the API serves at /: index.html, icon.svg and assets/."""
    dashboard: bool = False
    """Whether the API serves the operator's page, at /dashboard. It needs CRON_SECRET."""
    max_body_bytes: Annotated[int, Field(gt=0)] = 1_048_576
    """A longer request is refused before it is read."""
    max_body_values: Annotated[int, Field(gt=0)] = 10_000
    """A request with more values in its JSON is refused before they are looked at."""
    max_params_bytes: Annotated[int, Field(gt=0)] = 65_536
    """The longest params of a job, as JSON. They are stored with it and sent to its worker."""
    allow_anonymous_users: bool = True
    """Whether users of Supabase's anonymous sign-in may use the API, where the project has it."""
    user_roles: Annotated[tuple[str, ...], NoDecode] = ("authenticated",)
    """The `role` that user tokens may have, comma-separated: each is a role of Postgres that Row
    Level Security holds for."""
    api_runs_jobs: bool = True
    """Whether the API process starts on a new job at once, without waiting for the trigger."""

    worker_concurrency: Annotated[int, Field(ge=1, le=1000)] = 10
    """Jobs that one process runs at the same time."""
    worker_poll_seconds: Annotated[float, Field(gt=0)] = 2.0
    """How soon the always-on worker looks again for jobs that others enqueued."""
    worker_idle_poll_seconds: Annotated[float, Field(gt=0, le=30)] = 30.0
    """The longest pause between two looks, which grow twice as long each while nothing comes."""
    worker_broadcasts: bool = False
    """Whether the always-on worker is told of new jobs by Realtime (start_plan_worker_calls)."""
    worker_grace_seconds: Annotated[float, Field(ge=0)] = 8.0
    """After SIGTERM, running jobs get this long to end; then they are released."""
    worker_process_memory_mb: Annotated[int, Field(ge=64)] | None = None
    """The most that a job may allocate in a process of its own (Linux). Not set: any amount."""
    metrics_port: Port | None = None
    """Where `supajobs work` serves its Prometheus metrics, on `host` and without a secret."""

    job_families: JobFamilies = DEFAULT_FAMILIES
    """Which of the built-in families of jobs there are, comma-separated; `none`: your own alone."""
    file_repositories: bool = False
    """Whether projects may be file:///… For tests: users could name what this machine has."""
    job_modules: Annotated[tuple[str, ...], NoDecode] = ()
    """Modules with job types of your own, comma-separated: my_app.jobs, or my_app.jobs:story."""

    planner_seconds_per_week: Annotated[float, Field(ge=0)] = 0.0
    """Slows the built-in planner down, to watch a job at work. 0 in production."""

    deepseek_api_key: SecretStr | None = None
    anthropic_api_key: SecretStr | None = None
    openai_api_key: SecretStr | None = None
    google_api_key: SecretStr | None = Field(
        default=None, validation_alias=AliasChoices("GOOGLE_API_KEY", "GEMINI_API_KEY")
    )
    deepseek_base_url: AnyHttpUrl | None = None
    """Where a provider is reached, if not directly: a proxy's address."""
    anthropic_base_url: AnyHttpUrl | None = None
    openai_base_url: AnyHttpUrl | None = None
    google_base_url: AnyHttpUrl | None = None
    plan_model: Annotated[
        str, Field(pattern=r"^(builtin|(deepseek|anthropic|openai|google-gla|google):\S+)$")
    ] = BUILT_IN
    """Who writes training plans: `builtin`, or `<provider>:<model>` with that provider's key."""
    model_timeout_seconds: Annotated[float, Field(gt=0)] = 300.0
    """A model that has not answered in this time is asked again later."""
    model_prices: dict[str, ModelPrice] = Field(default_factory=dict)
    """What differs from the list prices: {"openai:gpt-5": {"input": 1.25, "output": 10}}."""

    expo_push: bool = False
    """Whether users are told of their jobs by push notifications through Expo."""
    expo_access_token: SecretStr | None = None
    """Where the Expo project asks for one ("enhanced security for push notifications")."""
    expo_base_url: AnyHttpUrl = AnyHttpUrl("https://exp.host")
    """Where Expo is reached."""
    vapid_private_key: SecretStr | None = None
    """Tells users by Web Push: the private one of a pair of VAPID keys, 32 bytes in base64url.

    The app subscribes with the public one."""
    vapid_subject: Annotated[
        str | None, Field(pattern=r"^(mailto:[^@\s]+@\S+|https://\S+)$", validate_default=True)
    ] = None
    """Whom a push service may write to about what we send: mailto:… or https://…."""
    webhook_url: AnyHttpUrl | None = None
    """A server of yours that is told of the end of jobs."""
    webhook_secret: Annotated[SecretStr | None, Field(validate_default=True)] = None
    """What webhooks are signed with (Standard Webhooks): whsec_ and 24 to 64 bytes in base64."""

    provider_key_secret: SecretStr | None = None
    """Encrypts the provider keys that users bring. A Fernet key, or several, comma-separated: the
    first encrypts, the others are old ones."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["json", "text"] = "json"

    @field_validator("cors_origins", "job_modules", "user_roles", mode="before")
    @classmethod
    def _list_parts(cls, value: object) -> object:
        return split_list(value)

    @field_validator("cors_origins")
    @classmethod
    def _check_origins(cls, origins: tuple[str, ...]) -> tuple[str, ...]:
        for origin in origins:
            if not re.fullmatch(r"\*|[a-z][a-z0-9+.-]*://[^/\s*]+(:\*)?", origin):
                # A browser would never send it, so it would silently allow nobody.
                raise ValueError(f"{origin!r} is not an origin such as https://app.example.com")
        return origins

    @field_validator("dashboard")
    @classmethod
    def _can_be_signed_in_to(cls, value: bool, info: ValidationInfo) -> bool:  # noqa: FBT001 - pydantic's
        if value and info.data.get("cron_secret") is None:
            raise ValueError("needs CRON_SECRET, which opens it")
        return value

    @field_validator("user_roles")
    @classmethod
    def _check_roles(cls, roles: tuple[str, ...]) -> tuple[str, ...]:
        if found := NO_USERS.intersection(roles):
            raise ValueError(f"{min(found)} is no role of users")
        return roles

    @field_validator("job_modules")
    @classmethod
    def _check_modules(cls, modules: tuple[str, ...]) -> tuple[str, ...]:
        for module in modules:
            if not re.fullmatch(r"[^\W\d]\w*(\.[^\W\d]\w*)*(:[^\W\d]\w*)?", module):
                raise ValueError(
                    f"{module!r} is not a module such as my_app.jobs or my_app.jobs:story"
                )
        return modules

    @field_validator("provider_key_secret")
    @classmethod
    def _encrypts(cls, secret: SecretStr | None) -> SecretStr | None:
        ProviderKeys(secret)
        return secret

    @field_validator("plan_model")
    @classmethod
    def _can_be_asked(cls, value: str, info: ValidationInfo) -> str:
        if value == BUILT_IN:
            return value
        if not find_spec("pydantic_ai"):
            raise ValueError(f"needs `{install_command('models')}`, or leave it at builtin")
        key = f"{company_of(value)}_api_key"
        if not info.data.get(key):
            raise ValueError(f"needs {key.upper()}")
        return value

    @field_validator("vapid_private_key", "webhook_url")
    @classmethod
    def _can_be_sent(cls, value: object) -> object:
        if value and not find_spec("standardwebhooks"):
            raise ValueError(f"needs `{install_command('notifications')}`, or leave it out")
        return value

    @field_validator("vapid_private_key")
    @classmethod
    def _check_vapid_key(cls, key: SecretStr | None) -> SecretStr | None:
        if key and not re.fullmatch(r"[A-Za-z0-9_-]{43}=?", key.get_secret_value()):
            raise ValueError("is 32 bytes in base64url, as web-push generate-vapid-keys prints it")
        return key

    @field_validator("vapid_subject")
    @classmethod
    def _goes_with_the_key(cls, value: str | None, info: ValidationInfo) -> str | None:
        if info.data.get("vapid_private_key") and not value:
            raise ValueError("VAPID_PRIVATE_KEY needs it")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _check_webhook_secret(
        cls, secret: SecretStr | None, info: ValidationInfo
    ) -> SecretStr | None:
        if info.data.get("webhook_url") is None:
            return secret
        given = secret.get_secret_value() if secret else ""
        try:
            length = len(b64decode(given.removeprefix("whsec_"), validate=True))
        except ValueError:
            length = 0
        if not given.startswith("whsec_") or length not in WEBHOOK_SECRET_BYTES:
            raise ValueError("is whsec_ and 24 to 64 bytes in base64")
        return secret

    @cached_property
    def push_kinds(self) -> frozenset[Literal["expo", "web"]]:
        """The kinds of devices that are written to."""
        kinds: dict[Literal["expo", "web"], bool] = {
            "expo": self.expo_push,
            "web": self.vapid_private_key is not None,
        }
        return frozenset(kind for kind, is_offered in kinds.items() if is_offered)

    def get_model_access(self, provider: str) -> tuple[SecretStr, str | None]:
        """The key for a provider, empty if there is none, and its address, if it is not its own."""
        company = company_of(provider)
        key: SecretStr | None = getattr(self, f"{company}_api_key")
        url: AnyHttpUrl | None = getattr(self, f"{company}_base_url")
        return key or SecretStr(""), str(url).rstrip("/") if url else None

    @cached_property
    def secrets(self) -> frozenset[str]:
        """The values that are nobody's business; of a list of keys, each."""
        return frozenset(
            part.strip()
            for _, value in self
            if isinstance(value, SecretStr)
            for part in value.get_secret_value().split(",")
        )

    @property
    def max_process_bytes(self) -> int | None:
        """The most memory of a job's process."""
        megabytes = self.worker_process_memory_mb
        return None if megabytes is None else megabytes * 2**20

    @cached_property
    def supabase_origin(self) -> str:
        """The project's address without a trailing slash."""
        return str(self.supabase_url).rstrip("/")

    @cached_property
    def jwt_issuer(self) -> str:
        """The issuer that user tokens must name."""
        return self.supabase_jwt_issuer or f"{self.supabase_origin}/auth/v1"


def company_of(model: str) -> str:
    """Whose settings a model or provider uses: those of google are for google-gla, too."""
    return model.partition(":")[0].partition("-")[0]
