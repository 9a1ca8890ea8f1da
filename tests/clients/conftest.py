import time
from collections.abc import Callable
from pathlib import Path

import jwt
import pytest
from tests.api.worker import Worker
from tests.clients.npm import CLIENT, run_script
from tests.parts import Person

from supajobs.local.stack import StackInfo
from supajobs.local.state import StackState
from supajobs.queue.job_queue import JobQueue


@pytest.fixture(scope="session")
async def built() -> Path:
    """The module that people import."""
    await run_script("build")
    return CLIENT / "dist" / "index.js"


@pytest.fixture
def job_type(make_job_type: Callable[..., str]) -> str:
    return make_job_type()


@pytest.fixture
def worker(queue: JobQueue, job_type: str) -> Worker:
    return Worker(queue, job_type)


@pytest.fixture
def sign(stack: StackInfo, person: Person) -> Callable[[float], str]:
    """The person's token, as if their session had so many seconds left."""
    state = StackState.read(stack.dir / "state.json")
    assert state
    claims = jwt.decode(person.access_token, options={"verify_signature": False})
    key = jwt.PyJWK(state.signing_key).key

    def sign(seconds: float) -> str:
        expiring = claims | {"exp": int(time.time() + seconds)}
        return jwt.encode(expiring, key, "ES256", headers={"kid": state.signing_key["kid"]})

    return sign
