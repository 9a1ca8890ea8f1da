from collections.abc import Callable, Sequence

import pytest
from tests.parts import NoParams, Person, make_settings
from tests.serving import eventually, serve

from supajobs.api import watcher
from supajobs.api.preferences import find_wait
from supajobs.app import create_app
from supajobs.job_types import JobType, RunningJob
from supajobs.local.stack import StackInfo
from supajobs.outcomes import Completed


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ([], 0),
        ([""], 0),
        (["wait=5"], 5),
        (["Wait = 5"], 5),
        (['wait="5"'], 5),
        (["wait=0"], 0),
        (["wait=00007"], 7),
        # With others, before and after, in one header or in several.
        (["respond-async, wait=5"], 5),
        (['return=minimal; foo="a, b"; bar , wait=5;quick, handling=lenient'], 5),
        (["respond-async", "wait=5"], 5),
        ([", ,wait=5,"], 5),
        (["wait=5, wait=9"], 5),
        # No more than it may be.
        (["wait=60"], 60),
        (["wait=61"], 60),
        (["wait=" + "9" * 5000], 60),
        # What is within quotes is no preference.
        (['foo="wait=5"'], 0),
        (['foo="x, wait=5"'], 0),
        (['foo="x\\", wait=5", wait=7'], 7),
        # What makes no sense is passed over.
        (["wait"], 0),
        (["wait="], 0),
        (["wait=soon"], 0),
        (["wait=-5"], 0),
        (["wait=5.5"], 0),
        (["wait=5 seconds"], 0),
        (["wait=\u0665"], 0),
        (["waits=5"], 0),
        (["foo=wait=5"], 0),
        (['foo="x, wait=5'], 0),
        (["=, ;;, \x00, wait=5"], 5),
    ],
)  # fmt: skip
def test_prefer(headers: Sequence[str], seconds: int) -> None:
    assert find_wait(headers) == seconds


async def test_who_prefers_to_wait_gets_the_end_of_a_quick_job_at_once(
    stack: StackInfo,
    person: Person,
    make_job_type: Callable[..., str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watcher, "POLL_SECONDS", 3600.0)  # the processor's nudge must do it
    name = make_job_type()

    async def succeed(job: RunningJob, params: NoParams) -> Completed:
        await eventually(lambda: job.id in app.state.find_parts().watcher._watched)
        return Completed(result="done")

    app = create_app(make_settings(stack), {name: JobType(name, NoParams, succeed)})
    async with serve(app) as client:
        created = await client.post(
            "/v1/jobs", json={"job_type": name}, headers={**person.headers, "Prefer": "wait=20"}
        )
    assert (created.status_code, created.json()["result"]) == (201, "done")
    assert created.headers["Preference-Applied"] == "wait=20"
