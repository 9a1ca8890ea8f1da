"""The HTTP server: uvicorn, which lets those who wait for jobs go when it stops."""

import socket
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI

from supajobs.worker.memory import spare_what_stays

if sys.platform == "win32":  # without httptools
    from uvicorn.protocols.http.h11_impl import H11Protocol as Connection
else:
    from supajobs.api.connections import Connection

# s; whoever closes first must not be the server, or a request that comes just then is lost. Proxies
# and clients keep idle connections for up to 600 s.
KEEP_ALIVE = 620


class Server(uvicorn.Server):
    """Serves an app of `create_app`; `options` are those of uvicorn.Config.

    uvicorn tells an app of its end only when all answers are out, and an open stream has none.
    """

    def __init__(self, app: FastAPI, **options: Any) -> None:
        config = uvicorn.Config(app, http=Connection, timeout_keep_alive=KEEP_ALIVE, **options)
        super().__init__(config)
        self._app = app

    def run(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves until it is told to stop, as a process of its own."""
        spare_what_stays()
        super().run(sockets)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops: no new requests, no more waiting, then the app."""
        self._app.state.find_parts().watcher.close()
        await super().shutdown(sockets)
