"""Calls of the queue's SQL functions, each timed, and counted where it fails."""

import time
from typing import Any, Protocol, TypeVar

from pydantic import TypeAdapter

from supajobs.errors import SupajobsError
from supajobs.queue.database import Database
from supajobs.telemetry.metrics import Metrics

Answer = TypeVar("Answer")


class Call(Protocol):
    """See MeasuredCalls.call."""

    async def __call__(
        self,
        function: str,
        shape: TypeAdapter[Answer],
        *,
        patience: float | None = None,
        **params: Any,
    ) -> Answer:
        """What the function answers."""
        ...


class MeasuredCalls:
    """The functions of one database, as one process calls them."""

    def __init__(self, database: Database, metrics: Metrics) -> None:
        self._database = database
        self._metrics = metrics

    async def call(
        self,
        function: str,
        shape: TypeAdapter[Answer],
        *,
        patience: float | None = None,
        **params: Any,
    ) -> Answer:
        """What the function answers, see Database.call."""
        started = time.perf_counter()
        try:
            return await self._database.call(function, params, shape, patience=patience)
        except SupajobsError as error:
            self._metrics.call_failures(function, error.code).inc()
            raise
        finally:
            self._metrics.call_seconds(function).observe(time.perf_counter() - started)
