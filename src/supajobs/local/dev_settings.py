from typing import Annotated

from pydantic import BeforeValidator, DirectoryPath, SecretStr
from pydantic_settings import NoDecode

from supajobs.setting_sources import DEFAULT_FAMILIES, JobFamilies, Sourced, split_list
from supajobs.settings import Port


class DevSettings(Sourced):
    """What `supajobs dev` has to know before there is a project."""

    job_families: JobFamilies = DEFAULT_FAMILIES
    port: Port = 8000
    cron_secret: SecretStr | None = None
    cors_origins: Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_list)] = ()
    page_dir: DirectoryPath | None = None
    dashboard: bool = True
