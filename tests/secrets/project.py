"""A project at work, with everything in its settings that there is, and all that it says."""

import contextlib
import os
import signal
from base64 import b64encode
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
from cryptography.fernet import Fernet
from tests import forks
from tests.notifications.browser import Browser, encode
from tests.notifications.receivers import Receiver
from tests.parts import Person
from tests.providers import Provider
from tests.secrets.haystack import read_tables
from tests.serving import eventually

from supajobs.local.processes import free_port
from supajobs.local.stack import StackInfo


@dataclass
class Project:
    """The API at `url`, a worker, the services that they use, and one of its users."""

    stack: StackInfo
    person: Person
    secrets: dict[str, str]
    provider: Provider
    receiver: Receiver
    directory: Path
    url: str = ""
    answers: list[str] = field(default_factory=list[str])

    async def ask(self, method: str, url: str, **request: Any) -> httpx.Response:
        """What the API answers, or Supabase itself; to its user, unless it is somebody else."""
        request["headers"] = {**self.person.headers, **request.get("headers", {})}
        async with httpx.AsyncClient(base_url=self.url, timeout=30) as http:
            answer = await http.request(method, url, **request)
        self.answers.append(f"{answer.status_code} {answer.headers} {answer.text}")
        return answer

    def look(self) -> dict[str, str]:
        """All tables, all logs, and all answers so far."""
        logs = [*self.directory.glob("*.log"), *(self.stack.dir / "logs").glob("*.log")]
        return {
            **read_tables(self.stack.superuser_db_url),
            **{log.name: log.read_text() for log in logs},
            "answers": "\n".join(self.answers),
        }


def make_secret(name: str) -> str:
    """With what is written otherwise in addresses."""
    return f"{name}+{uuid4().hex}/="


def make_secrets(stack: StackInfo, person: Person, browser: Browser) -> dict[str, str]:
    _, claims, signature = person.access_token.split(".")
    return {
        "key of the server": make_secret("sk-ours"),
        "key of a user": make_secret("sk-user"),
        "key of a user that is refused": make_secret("sk-user"),
        "key of a cancelled job": make_secret("sk-user"),
        "key in a refused request": make_secret("sk-user"),
        "secret of the keys": Fernet.generate_key().decode(),
        "secret of the trigger": make_secret("cron"),
        "secret of the webhook": b64encode(os.urandom(32)).decode(),
        "access token of Expo": make_secret("expo"),
        "private key of Web Push": encode(os.urandom(32)),
        "secret key of Supabase": stack.secret_key,
        "token of the user": person.access_token,
        "claims in the token": claims,
        "signature of the token": signature,
        "token of a phone": f"ExponentPushToken[{uuid4().hex}]",
        "token of a lost phone": f"ExponentPushToken[{uuid4().hex}]",
        "address of a browser": browser.endpoint,
        "secret of a browser": browser.keys["auth"],
    }


def make_environment(project: Project) -> dict[str, str]:
    secrets = project.secrets
    return {
        "PATH": os.environ["PATH"],
        **project.stack.environment,
        "PORT": str(free_port()),
        "LOG_LEVEL": "debug",
        "API_RUNS_JOBS": "false",
        "WORKER_POLL_SECONDS": "0.2",
        "CRON_SECRET": secrets["secret of the trigger"],
        "PLAN_MODEL": "deepseek:deepseek-flash",
        "DEEPSEEK_API_KEY": secrets["key of the server"],
        "DEEPSEEK_BASE_URL": project.provider.url,
        "PROVIDER_KEY_SECRET": secrets["secret of the keys"],
        "WEBHOOK_URL": f"{project.receiver.url}/hook",
        "WEBHOOK_SECRET": f"whsec_{secrets['secret of the webhook']}",
        "EXPO_PUSH": "true",
        "EXPO_ACCESS_TOKEN": secrets["access token of Expo"],
        "EXPO_BASE_URL": project.receiver.url,
        "VAPID_PRIVATE_KEY": secrets["private key of Web Push"],
        "VAPID_SUBJECT": "mailto:ops@example.com",
    }


@contextlib.asynccontextmanager
async def at_work(project: Project) -> AsyncGenerator[Project]:
    """Runs its API and its worker. Their logs are complete when the context has ended."""
    environment = make_environment(project)
    project.url = f"http://127.0.0.1:{environment['PORT']}"
    async with (
        _running("api", environment, project.directory),
        _running("work", environment, project.directory),
    ):
        await eventually(lambda: _answers(project.url))
        yield project


@contextlib.asynccontextmanager
async def _running(
    command: str, environment: Mapping[str, str], directory: Path
) -> AsyncGenerator[None]:
    log = directory / f"{command}.log"
    with log.open("wb") as output:
        process = await forks.start(
            *("supajobs", command),
            env=environment,
            cwd=directory,
            stdout=output.fileno(),
            stderr=output.fileno(),
        )
    try:
        yield
        process.send_signal(signal.SIGTERM)
        assert await process.wait() == 0, log.read_text()
    finally:
        await process.kill()


async def _answers(url: str) -> bool:
    with contextlib.suppress(httpx.ConnectError):
        async with httpx.AsyncClient() as http:
            return (await http.get(f"{url}/health")).is_success
    return False
