"""What a stack remembers over `down` and `up`: its keys and ports, and which processes it has."""

import secrets
import uuid
from pathlib import Path
from typing import Any, Self

from cryptography.hazmat.primitives.asymmetric import ec
from jwt.algorithms import ECAlgorithm
from pydantic import BaseModel, Field, ValidationError

from supajobs.local.errors import LocalStackError
from supajobs.local.processes import ProcessRef, free_port


def _signing_key() -> dict[str, Any]:
    key = ec.generate_private_key(ec.SECP256R1())
    jwk = ECAlgorithm.to_jwk(key, as_dict=True)
    return {**jwk, "kid": str(uuid.uuid4()), "alg": "ES256", "use": "sig"}


class StackState(BaseModel):
    """The content of `state.json`. Holds secrets: readable by its owner only."""

    publishable_key: str = Field(
        default_factory=lambda: f"sb_publishable_{secrets.token_urlsafe(24)}"
    )
    secret_key: str = Field(default_factory=lambda: f"sb_secret_{secrets.token_urlsafe(24)}")
    jwt_secret: str = Field(default_factory=lambda: secrets.token_urlsafe(32))
    cron_secret: str = Field(default_factory=lambda: secrets.token_urlsafe(24))
    """For `supajobs dev`: the same each time, so that who has signed in by it stays so."""
    signing_key: dict[str, Any] = Field(default_factory=_signing_key)
    """ES256 key pair of the user tokens, as JWK."""
    postgres_port: int = Field(default_factory=free_port)
    rest_port: int = Field(default_factory=free_port)
    postgres: ProcessRef | None = None
    rest: ProcessRef | None = None
    worker: ProcessRef | None = None

    @property
    def is_running(self) -> bool:
        """Whether all processes run."""
        processes = [self.postgres, self.rest, self.worker]
        return all(process and process.alive for process in processes)

    @property
    def api_url(self) -> str:
        """What applications know as SUPABASE_URL."""
        return f"http://127.0.0.1:{self.rest_port}"

    def db_url(self, role: str) -> str:
        """Return the database's address for connecting as a role; no password is needed."""
        return f"postgresql://{role}@127.0.0.1:{self.postgres_port}/postgres"

    @classmethod
    def read(cls, file: Path) -> Self | None:
        """Return what the file holds, or None where there is no stack yet.

        Raises:
            LocalStackError: something else wrote into it.
        """
        try:
            return cls.model_validate_json(file.read_text())
        except FileNotFoundError:
            return None
        except ValidationError:
            raise LocalStackError(f"{file} is damaged") from None

    def write(self, file: Path) -> None:
        """Replace the file as a whole, so that a crash leaves the old or the new one."""
        draft = file.with_suffix(".new")
        draft.touch(mode=0o600)
        draft.write_text(self.model_dump_json(indent=2))
        draft.replace(file)
