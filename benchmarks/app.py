"""An app on supajobs: its API as a process of its own, and its users."""

import contextlib
import os
import sys
from asyncio.subprocess import create_subprocess_exec
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import httpx
import stamina
from httpx_aiohttp import AiohttpTransport

from benchmarks.api import Api
from benchmarks.server import Server, connect
from supajobs.local.processes import free_port

START_PATIENCE = 60  # s


@dataclass(frozen=True)
class User:
    """Somebody who signed up."""

    id: UUID
    access_token: str

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}


def open_client(url: str, max_connections: int) -> httpx.AsyncClient:
    """What asks the API, and takes no more of the CPU than what makes the bare calls."""
    transport = AiohttpTransport(limits=httpx.Limits(max_connections=max_connections))
    return httpx.AsyncClient(base_url=url, transport=transport, timeout=60)


@contextlib.asynccontextmanager
async def serve(api: Api, *, job_seconds: float | None, **settings: str) -> AsyncGenerator[str]:
    """The address of the API; its process runs the jobs, unless they take None."""
    port = free_port()
    server = await create_subprocess_exec(
        *(sys.executable, "-m", "benchmarks.workers", "api", str(port), str(job_seconds or 0)),
        env={
            **os.environ,
            **api.environment,
            "API_RUNS_JOBS": str(job_seconds is not None),
            "WORKER_CONCURRENCY": "500",
            **settings,
        },
    )
    url = f"http://127.0.0.1:{port}"
    try:
        await _wait_for(url)
        yield url
    finally:
        server.terminate()
        await server.wait()


@stamina.retry(on=httpx.HTTPError, attempts=None, timeout=START_PATIENCE, wait_max=0.2)
async def _wait_for(url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        (await client.get("/health/ready")).raise_for_status()


@contextlib.asynccontextmanager
async def signed_up(server: Server, api: Api, count: int) -> AsyncGenerator[Sequence[User]]:
    """Users who sign up through Supabase Auth, and leave in the end.

    Let what works for them end before: else their jobs would be locked from two sides.
    """
    headers = {"apikey": api.secret_key}
    users: list[User] = []
    try:
        async with httpx.AsyncClient(base_url=api.url, headers=headers, timeout=60) as client:
            for _ in range(count):
                body = {"email": f"{uuid4()}@example.com", "password": uuid4().hex}
                answer = await client.post("/auth/v1/signup", json=body)
                session = answer.raise_for_status().json()
                users.append(User(UUID(session["user"]["id"]), session["access_token"]))
        yield users
    finally:
        with connect(server.url) as owner:
            ids = [user.id for user in users]
            owner.execute(b"delete from auth.users where id = any($1)", [ids])
