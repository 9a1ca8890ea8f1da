"""The parts of `supabase/config.toml` that the embedded stack follows."""

import tomllib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from supajobs.local.errors import LocalStackError


class ApiConfig(BaseModel):
    """How PostgREST is exposed."""

    schemas: list[str] = ["public"]
    max_rows: int = 1000


class EmailConfig(BaseModel):
    """How people sign up by e-mail."""

    enable_confirmations: bool = False


class AuthConfig(BaseModel):
    """How people sign in."""

    jwt_expiry: int = 3600
    enable_signup: bool = True
    enable_anonymous_sign_ins: bool = False
    email: EmailConfig = EmailConfig()


class ProjectConfig(BaseModel):
    """A Supabase project's configuration; what is not named here is left to the official CLI."""

    api: ApiConfig = ApiConfig()
    auth: AuthConfig = AuthConfig()


def read_config(project: Path) -> ProjectConfig:
    """Read `supabase/config.toml` below the project; a project without one gets the defaults.

    Raises:
        LocalStackError: it is not valid TOML, or a value has the wrong type.
    """
    file = project / "supabase" / "config.toml"
    try:
        return ProjectConfig.model_validate(tomllib.loads(file.read_text()))
    except FileNotFoundError:
        return ProjectConfig()
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise LocalStackError(f"{file}: {error}") from error
