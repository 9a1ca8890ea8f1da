"""What goes to Supabase and comes back, where supajobs sends it."""

from collections.abc import Awaitable, Callable
from typing import Any

import httpx
from respx.mocks import AbstractRequestMocker

from supajobs.queue.database import Database


class ProjectMocker(AbstractRequestMocker):
    """For `respx.mock(using=ProjectMocker.name)`: gives the answers of a project."""

    name = "project"
    targets = ["supajobs.queue.project_client.ProjectClient"]  # noqa: RUF012 - respx's own, a list
    target_methods = ["_exchange"]  # noqa: RUF012 - same

    @classmethod
    def to_httpx_request(cls, **kwargs: Any) -> httpx.Request:
        asked: httpx.Request = kwargs["request"]
        return httpx.Request(
            asked.method, asked.url, headers=kwargs["headers"], content=kwargs["content"]
        )

    @classmethod
    async def from_async_httpx_response(
        cls,
        httpx_response: httpx.Response,
        target: object,  # noqa: ARG003 - respx's own name for the client
        **kwargs: Any,
    ) -> httpx.Response:
        await httpx_response.aread()
        httpx_response.request = kwargs["request"]
        return httpx_response


def on_request(database: Database, note: Callable[[httpx.Request], Awaitable[None]]) -> None:
    """Has `note` see each request before it is sent."""
    send = database.http.request

    async def request(method: str, url: str, **given: Any) -> httpx.Response:
        shown = {name: given.get(name) for name in ("params", "headers", "content")}
        await note(httpx.Request(method, url, **shown))
        return await send(method, url, **given)

    vars(database.http)["request"] = request
