"""Request bodies as JSON in the sense of RFC 8259, which Python's own reader is not strict about.

NaN and Infinity, halves of surrogate pairs, and nesting beyond 200 levels are refused (422). As in
Python, JavaScript and Postgres, the last of several equal keys counts.
"""

from collections.abc import Callable, Coroutine
from json import JSONDecodeError
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json


class _StrictRequest(Request):
    async def json(self) -> Any:
        try:
            return from_json(await self.body(), allow_inf_nan=False)
        except ValueError as error:
            raise JSONDecodeError(str(error), "", 0) from None


class StrictJsonRoute(APIRoute):
    """A route that reads its body strictly. For an APIRouter's `route_class`."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What FastAPI calls with each request."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly
