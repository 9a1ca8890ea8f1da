"""The REST and Auth server of a stack."""

import os
import shutil
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from pydantic import BaseModel

from supajobs.local.config import ProjectConfig
from supajobs.local.node import NODE
from supajobs.local.packages import SERVER_SOURCES, Packages
from supajobs.local.postgres import SUPERUSER
from supajobs.local.processes import ProcessRef, spawn, wait_until_ready
from supajobs.local.state import StackState


class _ServerSettings(BaseModel):
    """What `server/main.mjs` reads from the variable SUPAJOBS_REST."""

    port: int
    database_url: str
    publishable_key: str
    secret_key: str
    jwt_secret: str
    signing_key: dict[str, str]
    config: ProjectConfig


@dataclass(frozen=True)
class RestServer:
    """The server as one stack runs it, from its own copy of the modules."""

    directory: Path
    log: Path

    @property
    def argv(self) -> list[str]:
        """The command; no other stack's server has the same."""
        return [str(NODE), str(self.directory / "main.mjs")]

    def start(self, state: StackState, config: ProjectConfig, packages: Packages) -> ProcessRef:
        """Start it and wait until it answers from the database.

        Raises:
            LocalStackError: it did not start.
        """
        self._copy_modules(packages)
        settings = _ServerSettings(
            port=state.rest_port,
            database_url=state.db_url(SUPERUSER),
            publishable_key=state.publishable_key,
            secret_key=state.secret_key,
            jwt_secret=state.jwt_secret,
            signing_key=state.signing_key,
            config=config,
        )
        environment = {
            **os.environ,
            "SUPAJOBS_REST": settings.model_dump_json(),
            "LITE_TELEMETRY": "0",
            "DO_NOT_TRACK": "1",
            "NODE_COMPILE_CACHE": str(packages.root / "compiled"),
        }
        process = spawn(self.argv, log=self.log, cwd=self.directory, environment=environment)
        wait_until_ready(
            process, lambda: is_healthy(state.rest_port), name="The REST server", log=self.log
        )
        return process

    def _copy_modules(self, packages: Packages) -> None:
        # Node looks for packages beside the module that imports them.
        shutil.rmtree(self.directory, ignore_errors=True)
        shutil.copytree(SERVER_SOURCES, self.directory)
        (self.directory / "node_modules").symlink_to(packages.node_modules)


def is_healthy(port: int) -> bool:
    """Tell whether the server on the port answers, and its database too."""
    connection = HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
