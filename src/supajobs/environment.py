"""Settings as they are found in the environment."""

import inspect
from pathlib import Path

from pydantic import ValidationError

from supajobs.errors import SupajobsError
from supajobs.settings import Settings


class SettingsError(SupajobsError):
    """Settings are missing or wrong."""

    code = "settings_wrong"


def read_settings(env_file: Path = Path(".env")) -> Settings:
    """The settings.

    Raises:
        SettingsError: some are missing or wrong; names each, without its value.
    """
    try:
        return Settings(_env_file=env_file)  # pyright: ignore[reportCallIssue] - the fields come from the environment
    except ValidationError as error:
        raise SettingsError(_explain(error, env_file)) from error


def _explain(error: ValidationError, env_file: Path) -> str:
    lines: list[str] = []
    for each in error.errors():
        wrong = each["msg"].removeprefix("Value error, ")
        told = "is missing" if each["type"] == "missing" else wrong
        lines.append(f"{str(each['loc'][0]).upper()}: {told}")
    there = "" if env_file.exists() else ", which is not there"
    lines.append(f"Settings come from the environment and {env_file.absolute()}{there}.")
    if any(each["type"] == "missing" for each in error.errors()):
        lines.append(
            "Those of the local Supabase, where it runs: export $(supajobs local env). "
            "Those of your own project: supajobs setup."
        )
    lines.append(f"Each is described in {inspect.getfile(Settings)}.")
    return "\n".join(lines)
