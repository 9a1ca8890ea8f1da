"""The file that settings are kept in."""

import os
from collections.abc import Mapping
from pathlib import Path

import dotenv

OWNER_ONLY = 0o600
PLACEHOLDERS = ("…", "your-project-ref")


def read_env(file: Path) -> dict[str, str]:
    """The environment, over what the file has; without what .env.example has left to fill in."""
    kept = dotenv.dotenv_values(file) if file.exists() else {}
    known = {**kept, **os.environ}
    return {
        name: value
        for name, value in known.items()
        if value and not any(placeholder in value for placeholder in PLACEHOLDERS)
    }


def write_env(file: Path, values: Mapping[str, str]) -> None:
    """Sets these in the file, which then only its owner can read; the rest of it stays.

    Raises:
        OSError: it cannot be written.
    """
    file.touch(mode=OWNER_ONLY)
    file.chmod(OWNER_ONLY)
    for name, value in values.items():
        dotenv.set_key(file, name, value, quote_mode="auto")
    file.chmod(OWNER_ONLY)
