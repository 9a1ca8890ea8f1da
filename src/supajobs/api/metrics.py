"""GET /metrics: what this process has counted, and what waits in the database."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Response
from prometheus_client.exposition import choose_encoder

from supajobs.api.callers import require_cron_secret
from supajobs.api.dependencies import PartsDep

router = APIRouter(include_in_schema=False, dependencies=[Depends(require_cron_secret)])


@router.get("/metrics")
async def get_metrics(
    parts: PartsDep,
    accept: Annotated[str, Header()] = "",
) -> Response:
    """What Prometheus asks for, in the format that it accepts."""
    await parts.queue_gauges.refresh(parts.queue, parts.database, parts.settings.worker_concurrency)
    try:
        encode, media_type = choose_encoder(accept)
    except TypeError:  # a version that is no number, compared all the same
        encode, media_type = choose_encoder("")
    return Response(encode(parts.metrics.registry), media_type=media_type)
