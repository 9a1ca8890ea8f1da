"""Where settings come from, and how a list is written there."""

from typing import Annotated, Literal

from pydantic import BeforeValidator
from pydantic_settings import (
    BaseSettings,
    DotEnvSettingsSource,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

OWN_PREFIX = "SUPAJOBS_"

JobFamily = Literal["training_plan", "projects"]
DEFAULT_FAMILIES: tuple[JobFamily, ...] = ("training_plan",)


def split_list(value: object) -> object:
    """The parts of a text between commas."""
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


JobFamilies = Annotated[
    tuple[JobFamily, ...],
    NoDecode,
    BeforeValidator(lambda value: () if value == "none" else split_list(value)),
]


class Sourced(BaseSettings):
    """From the environment, or from `.env` what that has not.

    What begins with SUPAJOBS_ is ours alone, and comes before what others may have named so: PORT.
    """

    model_config = SettingsConfigDict(
        env_file=".env",
        env_ignore_empty=True,
        extra="ignore",
        frozen=True,
        str_strip_whitespace=True,  # a key with a line break at its end would be told in errors
        hide_input_in_errors=True,
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Those of pydantic-settings, the two that files and environments are after our own."""
        file = dotenv_settings.env_file if isinstance(dotenv_settings, DotEnvSettingsSource) else ()
        return (
            init_settings,
            EnvSettingsSource(settings_cls, env_prefix=OWN_PREFIX),
            DotEnvSettingsSource(settings_cls, env_file=file, env_prefix=OWN_PREFIX),
            env_settings,
            dotenv_settings,
            file_secret_settings,
        )
