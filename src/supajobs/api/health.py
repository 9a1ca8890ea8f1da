from fastapi import APIRouter
from pydantic import BaseModel

from supajobs.api.dependencies import DatabaseDep

router = APIRouter(prefix="/health", tags=["health"])


class Health(BaseModel):
    """`ok` or `ready`; everything else is an error."""

    status: str


@router.get("")
async def get_health() -> Health:
    """Whether this process runs."""
    return Health(status="ok")


@router.get("/ready")
async def get_readiness(database: DatabaseDep) -> Health:
    """Whether this process can work: Supabase answers and the migrations are there."""
    query = database.service.from_("plan_job_types").select("job_type").limit(1)
    await database.send(query)
    return Health(status="ready")
