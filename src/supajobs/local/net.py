"""Sending the HTTP requests that the stand-in pg_net has queued."""

import asyncio
import json
from typing import Any

import httpx
from psycopg import AsyncConnection

_POLL_SECONDS = 0.2
_BATCH = 200

Row = dict[str, Any]


async def run_net(connection: AsyncConnection[Row]) -> None:
    """Send queued requests and store their responses until cancelled.

    Raises:
        psycopg.Error: the connection was lost, or the extension dropped.
    """
    async with httpx.AsyncClient(trust_env=False) as client:
        while True:
            await connection.execute(
                "delete from net._http_response where created < now() - interval '6 hours'"
            )
            while batch := await _take(connection):
                responses = await asyncio.gather(*(_send(client, request) for request in batch))
                await _store(connection, responses)
            await asyncio.sleep(_POLL_SECONDS)


async def _take(connection: AsyncConnection[Row]) -> list[Row]:
    cursor = await connection.execute(
        "delete from net.http_request_queue where id in"
        " (select id from net.http_request_queue order by id limit %s) returning *",
        [_BATCH],
    )
    return await cursor.fetchall()


async def _send(client: httpx.AsyncClient, request: Row) -> Row:
    """Send one request within its timeout; return the row to store."""
    row: Row = dict.fromkeys(["status_code", "content_type", "headers", "content", "error_msg"])
    row |= {"id": request["id"], "timed_out": False}
    milliseconds = request["timeout_milliseconds"]
    try:
        async with asyncio.timeout(milliseconds / 1000):
            response = await client.request(
                request["method"].upper(),
                request["url"],
                headers=request["headers"],
                content=request["body"],
                timeout=None,
            )
    except TimeoutError:
        return row | {"timed_out": True, "error_msg": f"Timeout of {milliseconds} ms reached"}
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return row | {"error_msg": f"{type(error).__name__}: {error}"}
    return row | {
        "status_code": response.status_code,
        "content_type": response.headers.get("content-type"),
        "headers": json.dumps(dict(response.headers)),
        "content": response.text.replace("\0", ""),  # text in Postgres cannot hold it
    }


async def _store(connection: AsyncConnection[Row], responses: list[Row]) -> None:
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "insert into net._http_response"
            " (id, status_code, content_type, headers, content, timed_out, error_msg)"
            " values (%(id)s, %(status_code)s, %(content_type)s, %(headers)s, %(content)s,"
            " %(timed_out)s, %(error_msg)s)",
            responses,
        )
