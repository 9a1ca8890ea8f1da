"""What the steps of `supajobs setup` share."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """What the command was called with."""

    yes: bool
    process_url: str | None
    schedule: str | None
    env_file: Path
    canary_timeout: float


class StopError(Exception):
    """It cannot go on; the message says what is to be done first."""
