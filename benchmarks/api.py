"""Where supajobs reaches Supabase over HTTP."""

import os
from dataclasses import dataclass

from supajobs.queue.database import Database
from supajobs.settings import Settings
from supajobs.telemetry.logs import configure_logs


@dataclass(frozen=True)
class Api:
    """The address of a project, and its keys."""

    url: str
    secret_key: str
    publishable_key: str | None = None
    """For what acts as a user."""

    @property
    def environment(self) -> dict[str, str]:
        """What a worker's process needs to reach it too."""
        return {
            "SUPABASE_URL": self.url,
            "SUPABASE_PUBLISHABLE_KEY": self.publishable_key or self.secret_key,
            "SUPABASE_SECRET_KEY": self.secret_key,
            "LOG_LEVEL": "warning",  # the others say nothing about each job either
        }


def open_database(api: Api | None = None) -> Database:
    """Of this project; else as the environment says."""
    os.environ.update(api.environment if api else {})
    settings = Settings(_env_file=None)  # pyright: ignore[reportCallIssue] - the fields come from the environment
    configure_logs(settings)
    return Database(settings, patience=60)
