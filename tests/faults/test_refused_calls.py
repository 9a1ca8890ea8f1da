"""Supabase answers what is no verdict on what was sent: it is sent again, and nothing is lost."""

import asyncio
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import pytest
from tests.faults.proxy import LossyProxy
from tests.faults.scene import Scene
from tests.parts import NoParams, make_processor
from tests.stand_in import Reply

from supajobs.errors import SupabaseUnavailableError
from supajobs.job_types import JobType, RunningJob
from supajobs.outcomes import Completed, Failed, JobError
from supajobs.queue.answers import Enqueued
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.requests import Entry

HTML = {"Content-Type": "text/html"}


def refusal(status: HTTPStatus, code: str | None, message: str) -> Reply:
    code_ = f'"code": "{code}", ' if code else ""
    return Reply(f'{{{code_}"message": "{message}"}}', status)


PASSING = {
    "cached plan": refusal(HTTPStatus.BAD_REQUEST, "0A000", "cached plan must not change"),
    "lock": refusal(HTTPStatus.BAD_REQUEST, "55P03", "could not obtain lock"),
    "read-only": refusal(HTTPStatus.METHOD_NOT_ALLOWED, "25006", "cannot execute UPDATE"),
    "permission": refusal(HTTPStatus.FORBIDDEN, "42501", "permission denied"),
    "schema cache": refusal(HTTPStatus.NOT_FOUND, "PGRST202", "Could not find the function"),
    "our token": refusal(HTTPStatus.UNAUTHORIZED, "PGRST303", "JWT expired"),
    "our key": refusal(HTTPStatus.UNAUTHORIZED, None, "Invalid API key"),
    "payment": refusal(HTTPStatus.PAYMENT_REQUIRED, None, "Project over its quota"),
    "busy": Reply("", HTTPStatus.TOO_MANY_REQUESTS, {"Retry-After": "1"}),
    "page": Reply("<html>Unknown error</html>", HTTPStatus.BAD_GATEWAY, HTML),
}


@pytest.mark.parametrize("passing", PASSING.values(), ids=PASSING)
async def test_a_job_ends_as_if_nothing_were(
    make_scene: Callable[..., Scene], lossy_queue: JobQueue, proxy: LossyProxy, passing: Reply
) -> None:
    # Longer than a call goes on asking by itself.
    scene = make_scene(lease_seconds=2)
    for function in ("claim_plan_jobs", "get_plan_job_steps", "save_plan_job_step"):
        proxy.reply(function, passing)
    proxy.reply("complete_plan_jobs", *[passing] * 7)
    proxy.reply("fail_plan_jobs", passing)
    [good, bad] = await scene.enqueue(2)

    async def work() -> int:
        return 1

    async def handle(job: RunningJob, params: Any) -> Any:
        output = await job.step("one", work)
        if job.claimed.id == bad:
            return Failed(JobError(code="x", message="x"), retryable=False)
        return Completed(result=output)

    job_type = JobType(scene.job_type, NoParams, handle)
    settled = await asyncio.wait_for(make_processor(lossy_queue, job_type).drain(), 60)
    assert settled == {"completed": 1, "failed": 1}
    looks = scene.look(good), scene.look(bad)
    assert [look["attempts"] for look in looks if look] == [["completed"], ["failed"]]
    assert looks[0]
    assert looks[0]["result"] == 1


async def test_what_is_too_large_for_the_road_is_a_verdict(
    scene: Scene, lossy_queue: JobQueue, proxy: LossyProxy
) -> None:
    too_large = Reply("<html>Too large</html>", HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTML)
    proxy.reply("complete_plan_jobs", too_large)
    [job_id] = await scene.enqueue(1)

    async def handle(job: RunningJob, params: Any) -> Completed:
        return Completed(result=1)

    processor = make_processor(lossy_queue, JobType(scene.job_type, NoParams, handle))
    assert await processor.drain() == {"failed": 1}
    look = scene.look(job_id)
    assert look
    assert look["error"]["code"] == "outcome_refused"


async def test_what_was_requested_before_is_told(
    scene: Scene, lossy_queue: JobQueue, proxy: LossyProxy
) -> None:
    answer = proxy.hold_answer("enqueue_plan_jobs")
    entry = Entry(user_id=scene.user_id, job_type=scene.job_type, params={}, options={})
    asking = asyncio.create_task(lossy_queue.enqueue_many([entry] * 2001))
    await answer.reached.wait()
    proxy.reply("enqueue_plan_jobs", *[PASSING["our key"]] * 100)
    answer.open()
    answers = await asking
    kinds = [type(answer) for answer in answers]
    assert kinds == [Enqueued] * 1000 + [SupabaseUnavailableError] * 1001
    assert scene.count("pending") == 1000
