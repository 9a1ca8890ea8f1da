"""Lists of jobs, single ones, and what operators do to them."""

import asyncio
import json
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr
from tests.cli.conftest import Invoke
from tests.cli.running import Ran, in_terminal, run
from tests.faults.proxy import lossy_proxy
from tests.parts import Person, Sql, enqueue, settle
from tests.serving import eventually
from tests.stand_in import Reply

from supajobs.causes import Cause
from supajobs.jobs import ClaimedJob, JobSummary
from supajobs.local.stack import StackInfo
from supajobs.models.provider_keys import ProviderKeys
from supajobs.outcomes import Completed, Failed, JobError, Usage
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue
from supajobs.queue.requests import Entry

USAGE = Usage(model="deepseek:deepseek-chat", input_tokens=12_034, output_tokens=56, cost_usd=0.5)
SECRET = "what only the user should read"
NASTY = "\x1b[31mred\x07 [bold]bold[/bold] :smile:\nnext line"


async def claim(queue: JobQueue, job_type: str) -> ClaimedJob:
    [job] = await queue.claim(
        claim_id=uuid4(), worker_id="a-worker", max_jobs=1, job_types=[job_type]
    )
    return job


@pytest.fixture
async def ended(queue: JobQueue, person: Person, make_job_type: Callable[..., str]) -> UUID:
    """A job with a step, two attempts, costs and a notification."""
    job_type = make_job_type(notifies=True)
    job_id = await enqueue(queue, person, job_type, note=SECRET)
    job = await claim(queue, job_type)
    await queue.save_step(job, "outline", {"note": SECRET}, USAGE)
    await settle(queue, job, Failed(JobError(code="busy", message="Later."), retry_after=0))
    job = await claim(queue, job_type)
    await settle(queue, job, Completed(result={"note": SECRET}, usage=USAGE))
    return job_id


async def test_lists_are_newest_first_and_filtered(
    queue: JobQueue,
    sign_up: Callable[[], Awaitable[Person]],
    make_job_type: Callable[..., str],
    invoke: Invoke,
) -> None:
    job_type, project_id = make_job_type(), uuid4()
    ours, other = await sign_up(), await sign_up()
    first = await enqueue(queue, ours, job_type)
    second = await enqueue(queue, other, job_type)
    enqueued = await queue.enqueue(
        user_id=ours.id, job_type=job_type, params={"note": SECRET}, project_id=project_id
    )
    third = enqueued.job.id
    await queue.cancel(first, ours.id)

    async def list_(*arguments: object) -> list[UUID]:
        ran = await invoke("jobs", "list", "--type", job_type, *arguments, "--json")
        assert (ran.code, ran.err) == (0, "")
        assert SECRET not in ran.out
        return [UUID(job["id"]) for job in ran.document["jobs"]]

    assert await list_() == [third, second, first]
    assert await list_("--status", "cancelled") == [first]
    assert await list_("--status", "cancelled", "--status", "pending") == [third, second, first]
    assert await list_("--user", ours.id) == [third, first]
    assert await list_("--project", project_id) == [third]
    assert await list_("--user", other.id, "--status", "failed") == []


async def test_jobs_of_the_system_are_listed_shown_and_changed(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type()
    await enqueue(queue, person, job_type)
    job_id = (await queue.enqueue(user_id=None, job_type=job_type, params={})).job.id
    listed = await invoke("jobs", "list", "--type", job_type, "--system", "--json")
    assert [(job["id"], job["user_id"]) for job in listed.document["jobs"]] == [(str(job_id), None)]
    everybodys = await invoke("jobs", "list", "--type", job_type)
    assert len(everybodys.out.splitlines()) == 3
    assert "None" not in everybodys.out
    contradiction = await invoke("jobs", "list", "--system", "--user", person.id)
    assert contradiction.code == 2

    shown = await invoke("jobs", "show", job_id, "--json")
    assert (shown.document["user_id"], shown.document["position_in_queue"]) == (None, 2)
    for_people = await invoke("jobs", "show", job_id)
    assert "user_id" not in for_people.out
    for command in ("cancel", "retry"):
        ran = await invoke("jobs", command, job_id)
        assert (ran.code, ran.err) == (0, "")


async def test_a_list_says_whether_there_are_more(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type()
    for _ in range(3):
        await enqueue(queue, person, job_type)
    two = await invoke("jobs", "list", "--type", job_type, "--limit", 2, "--json")
    three = await invoke("jobs", "list", "--type", job_type, "--limit", 3, "--json")
    assert [len(ran.document["jobs"]) for ran in (two, three)] == [2, 3]
    assert [ran.document["has_more"] for ran in (two, three)] == [True, False]
    for_people = await invoke("jobs", "list", "--type", job_type, "--limit", 2)
    assert "--limit" in for_people.err


async def test_a_list_reaches_back_as_far_as_it_is_told(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql, invoke: Invoke
) -> None:
    job_type = make_job_type()
    now = datetime.now(UTC)
    # The last one was requested in a long transaction: its id is of the end of that.
    ages = [timedelta(hours=h) for h in (0, 0.9, 1.1, 200, 1.2)]
    id_ages = [*ages[:-1], timedelta(0)]
    for age, id_age in zip(ages, id_ages, strict=True):
        job_id = await enqueue(queue, person, job_type)
        milliseconds = int((now - id_age).timestamp() * 1000)
        sql.execute(
            "update plan_generation_jobs set id = %s, created_at = %s where id = %s",
            [f"{milliseconds:012x}{str(job_id).replace('-', '')[12:]}", now - age, job_id],
        )

    async def count(since: str) -> int:
        ran = await invoke("jobs", "list", "--type", job_type, "--since", since, "--json")
        return len(ran.document["jobs"])

    assert [await count(since) for since in ("30m", "3600s", "2h", "1w", "9d")] == [1, 2, 4, 4, 5]
    assert await count((now - timedelta(hours=1)).isoformat()) == 2
    assert await count(f"{now - timedelta(hours=1):%Y-%m-%dT%H:%M:%S}") == 2  # local, here UTC
    assert await count("2001-01-01") == 5
    assert await count("1901-01-01") == 5


@pytest.mark.parametrize("since", ["yesterday", "2", "2 h", "-1h", "99999999999d", ""])
async def test_what_is_no_time_is_wrong_usage(invoke: Invoke, since: str) -> None:
    ran = await invoke("jobs", "list", "--since", since)
    assert ran.code == 2
    assert "30m" in ran.err


async def test_lists_are_plain_text_unless_a_terminal_reads_them(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    job_type = make_job_type()
    job_id = await enqueue(queue, person, job_type)
    job = await claim(queue, job_type)
    await settle(queue, job, Failed(JobError(code="nasty", message=NASTY), retryable=False))
    arguments = ("jobs", "list", "--type", job_type)

    plain = await run(*arguments, env=environment, cwd=tmp_path)
    header, line = plain.out.splitlines()
    assert header.split()[:4] == ["id", "status", "job_type", "created_at"]
    assert line.split()[:3] == [str(job_id), "failed", job_type]
    assert "[bold]bold[/bold] :smile: next line" in line
    assert "\x1b" not in plain.out
    assert "\x07" not in plain.out
    shown = await run("jobs", "show", str(job_id), env=environment, cwd=tmp_path)
    assert (
        shown.out.count("[bold]bold[/bold] :smile: next line") == 2
    )  # the job's and its attempt's
    assert "\x1b" not in shown.out

    async with in_terminal(*arguments, env=environment, cwd=tmp_path, columns=80) as terminal:
        await terminal.process.wait()
        await eventually(lambda: str(job_id) in terminal.text)
    assert "\x1b[31mfailed" in terminal.text
    assert "\x1b[31mred" not in terminal.text
    async with in_terminal(*arguments, env=environment, cwd=tmp_path, columns=150) as terminal:
        await terminal.process.wait()
        await eventually(lambda: "nasty" in terminal.text)
    assert "\x1b[31mred" not in terminal.text
    assert len(terminal.text.splitlines()) == 2


async def test_json_has_no_colours_even_where_they_are_forced(
    ended: UUID, environment: dict[str, str], tmp_path: Path
) -> None:
    env = {**environment, "FORCE_COLOR": "1", "TZ": "Asia/Tokyo"}
    ran = await run("jobs", "show", str(ended), "--json", env=env, cwd=tmp_path)
    assert ran.document["id"] == str(ended)
    assert datetime.fromisoformat(ran.document["created_at"]).utcoffset() == timedelta(0)
    assert "\x1b" not in ran.out


async def test_a_job_is_shown_with_all_that_is_on_record(ended: UUID, invoke: Invoke) -> None:
    shown: dict[str, Any] = (await invoke("jobs", "show", ended, "--json")).document
    assert JobSummary.model_fields.keys() | {"duration_ms", "crash_count"} <= shown.keys()
    assert shown["status"] == "completed"
    retried, completed = shown["attempts"]
    assert (retried["outcome"], retried["error"]["code"]) == ("retrying", "busy")
    assert (completed["outcome"], completed["error"]) == ("completed", None)
    assert completed["model"] == "deepseek:deepseek-chat"
    assert (completed["input_tokens"], completed["output_tokens"]) == (12_034, 56)
    assert completed["cost_usd"] == 0.5
    assert completed["duration_ms"] >= 0
    [notification] = shown["notifications"]
    assert notification["event"] == "job.completed"
    assert notification["deliveries"] == []
    assert shown["steps"] == []  # they are kept until their job ends well


async def test_what_raised_its_errors_is_shown_once(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type()
    job_id = await enqueue(queue, person, job_type)
    inner = Cause(exception="OSError", message="no route")
    cause = Cause(exception="my.Error", message=NASTY, frames=("a.py:1 in b: c()",), cause=inner)
    failed = Failed(JobError(code="busy", message="Later."), retry_after=0, cause=cause)
    for _ in range(2):
        await settle(queue, await claim(queue, job_type), failed)
    ran = await invoke("jobs", "show", job_id)
    assert "cause of 2 errors" in ran.out
    lines = ran.out.splitlines()
    at = lines.index("  a.py:1 in b: c()")
    assert lines[at - 1].startswith("my.Error: ")
    assert lines[at + 1 :] == ["raised from", "OSError: no route"]
    assert "\x1b" not in ran.out
    shown = (await invoke("jobs", "show", job_id, "--json")).document
    assert [attempt["cause"]["message"] for attempt in shown["attempts"]] == [NASTY, NASTY]


async def test_a_cause_in_other_words_is_shown_all_the_same(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql, invoke: Invoke
) -> None:
    job_type = make_job_type()
    job_id = await enqueue(queue, person, job_type)
    job = await claim(queue, job_type)
    sql.execute(
        "select fail_plan_job(%s, %s, '{}', p_cause => %s)",
        [job_id, job.claim_id, json.dumps({"panic": "in Rust"})],
    )
    ran = await invoke("jobs", "show", job_id)
    assert '{"panic": "in Rust"}' in ran.out


async def test_a_waiting_job_is_shown_with_what_is_expected_of_it(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type()
    await enqueue(queue, person, job_type)
    await settle(queue, await claim(queue, job_type), Completed())
    await enqueue(queue, person, job_type)
    job_id = await enqueue(queue, person, job_type)
    shown = (await invoke("jobs", "show", job_id, "--json")).document
    assert shown["position_in_queue"] == 2
    assert shown["estimated_duration"] > 0
    assert shown["estimated_completion_at"]
    ran = await invoke("jobs", "show", job_id)
    assert "position_in_queue" in ran.out


async def test_a_running_job_is_shown_with_its_steps_and_lease(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type()
    job_id = await enqueue(queue, person, job_type)
    job = await claim(queue, job_type)
    await queue.save_step(job, "outline", {"note": SECRET}, USAGE)
    shown = (await invoke("jobs", "show", job_id, "--json")).document
    assert [(step["name"], step["cost_usd"]) for step in shown["steps"]] == [("outline", 0.5)]
    assert shown["worker_id"] == "a-worker"
    assert shown["lease_expires_at"]
    ran = await invoke("jobs", "show", job_id)
    assert ran.code == 0
    for word in ("a-worker", "outline", "deepseek:deepseek-chat", "12,034", "$0.5000"):
        assert word in ran.out


@pytest.mark.parametrize("as_json", [["--json"], []])
async def test_params_and_result_are_shown_only_when_asked_for(
    ended: UUID, invoke: Invoke, as_json: list[str]
) -> None:
    quiet = await invoke("jobs", "show", ended, *as_json)
    assert quiet.code == 0
    assert SECRET not in quiet.out
    assert ("--params, --result" in quiet.err) != bool(as_json)
    params = await invoke("jobs", "show", ended, "--params", *as_json)
    assert params.out.count(SECRET) == 1
    assert '"result"' not in params.out
    both = await invoke("jobs", "show", ended, "--params", "--result", *as_json)
    assert both.out.count(SECRET) == 2


async def test_a_job_that_somebody_ended_by_hand_is_shown_all_the_same(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], sql: Sql, invoke: Invoke
) -> None:
    job_type = make_job_type()
    job_id = await enqueue(queue, person, job_type)
    sql.execute(
        "update plan_generation_jobs set status = 'failed', error = %s, completed_at = now(), "
        "expires_at = now() + interval '1 hour' where id = %s",
        [json.dumps({"by": "hand"}), job_id],
    )
    for arguments in (("jobs", "list", "--type", job_type), ("jobs", "show", job_id)):
        ran = await invoke(*arguments)
        assert ran.code == 0
        assert '{"by": "hand"}' in ran.out


async def test_jobs_are_cancelled_whosever_they_are(
    queue: JobQueue,
    sign_up: Callable[[], Awaitable[Person]],
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Any],
    invoke: Invoke,
) -> None:
    job_type = make_job_type()
    running = await enqueue(queue, await sign_up(), job_type)
    await claim(queue, job_type)
    waiting = await enqueue(queue, await sign_up(), job_type)
    ran = await invoke("jobs", "cancel", running, waiting, running)
    assert (ran.code, ran.err) == (0, "")
    assert [line.split()[:2] for line in ran.out.splitlines()] == [
        [str(running), "cancel"],
        [str(waiting), "cancelled"],
    ]
    assert read_job(waiting)["status"] == "cancelled"
    assert read_job(running)["cancel_requested_at"]


async def test_what_cannot_be_cancelled_is_named_and_the_rest_is_cancelled(
    ended: UUID, queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    waiting, unknown = await enqueue(queue, person, make_job_type()), uuid4()
    ran = await invoke("jobs", "cancel", ended, unknown, waiting, "--json")
    assert ran.code == 1
    done = {job["id"]: job["outcome"] for job in ran.document["jobs"]}
    assert done == {
        str(ended): "finished",
        str(unknown): "not_found",
        str(waiting): "cancelled",
    }
    assert SECRET not in ran.out
    of_ended, of_unknown = ran.err.splitlines()
    assert "completed" in of_ended
    assert "SUPABASE_URL" in of_unknown


async def test_jobs_are_retried(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    read_job: Callable[[UUID], Any],
    invoke: Invoke,
) -> None:
    job_type = make_job_type()
    failed = await enqueue(queue, person, job_type)
    job = await claim(queue, job_type)
    await settle(queue, job, Failed(JobError(code="no", message="No."), retryable=False))
    ran = await invoke("jobs", "retry", failed)
    assert (ran.code, ran.out.split()[1]) == (0, "pending")
    assert read_job(failed)["status"] == "pending"
    await claim(queue, job_type)
    ran = await invoke("jobs", "retry", failed)
    assert (ran.code, ran.out) == (1, "")
    assert "wait for its end, or cancel it" in ran.err


async def test_a_retry_that_is_refused_says_why(
    ended: UUID,
    database: Database,
    person: Person,
    make_job_type: Callable[..., str],
    invoke: Invoke,
) -> None:
    keys = ProviderKeys(SecretStr(Fernet.generate_key().decode()))
    queue = JobQueue(database, provider_keys=keys)
    job_type = make_job_type(dedupe_by="user", allows_provider_key=True)
    replaced = await enqueue(queue, person, job_type)
    await queue.cancel(replaced, person.id)
    with_key = await queue.enqueue(
        user_id=person.id, job_type=job_type, params={}, provider_key=SecretStr("a-key")
    )
    ran = await invoke("jobs", "retry", ended, replaced)
    assert ran.code == 1
    of_ended, of_replaced = ran.err.splitlines()
    assert "it is completed" in of_ended
    assert str(with_key.job.id) in of_replaced
    await queue.cancel(with_key.job.id, person.id)
    ran = await invoke("jobs", "retry", with_key.job.id)
    assert ran.code == 1
    assert "provider key" in ran.err


async def test_a_retry_beyond_the_limits_of_its_user_says_so(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    limited = make_job_type(max_enqueues=1, enqueue_window_seconds=3600)
    jobs = [await enqueue(queue, person, job_type) for job_type in (limited, make_job_type())]
    for job_id in jobs:
        await queue.cancel(job_id, person.id)
    ran = await invoke("jobs", "retry", *jobs)
    assert ran.code == 1
    assert f"{jobs[0]}  not retried: its user has asked for as many" in ran.err
    assert f"{jobs[1]}  pending again" in ran.out, "and the others are retried"


@pytest.mark.parametrize("command", ["show", "cancel", "retry", "tail"])
async def test_a_part_of_an_id_is_refused_with_the_reason(invoke: Invoke, command: str) -> None:
    ran = await invoke("jobs", command, "01a20287")
    assert (ran.code, ran.out) == (2, "")
    assert "36 characters" in ran.err


@pytest.mark.parametrize("command", ["show", "cancel", "retry", "tail"])
async def test_an_unknown_job_is_one_line_or_two(invoke: Invoke, command: str) -> None:
    job_id = uuid4()
    ran = await invoke("jobs", command, job_id)
    assert (ran.code, ran.out) == (1, "")
    assert str(job_id) in ran.err
    assert "SUPABASE_URL" in ran.err
    assert len(ran.err.splitlines()) <= 2


async def fail(queue: JobQueue, person: Person, job_type: str, *, code: str) -> UUID:
    job_id = await enqueue(queue, person, job_type)
    failed = Failed(JobError(code=code, message="It is over."), retryable=False)
    await settle(queue, await claim(queue, job_type), failed)
    return job_id


async def test_all_that_filters_find_are_retried(
    queue: JobQueue, person: Person, sql: Sql, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type()
    busy = [await fail(queue, person, job_type, code="provider_unavailable") for _ in range(3)]
    other = await fail(queue, person, job_type, code="refused")
    listed = await invoke("jobs", "list", "--job-type", job_type, "--error", "refused", "--json")
    assert [UUID(job["id"]) for job in listed.document["jobs"]] == [other]

    filters = ["--job-type", job_type, "--error", "provider_unavailable", "--since", "2h"]
    ran = await invoke("jobs", "retry", *filters, "--yes")
    assert (ran.code, ran.out) == (0, "3  pending again\n")
    rows = sql.execute(
        "select id, status from plan_generation_jobs where job_type = %s", [job_type]
    ).fetchall()
    assert {row["id"]: row["status"] for row in rows} == {
        **dict.fromkeys(busy, "pending"),
        other: "failed",
    }
    again = await invoke("jobs", "retry", *filters, "--yes")
    assert (again.code, again.out, again.err) == (0, "", "No such jobs.\n")


async def test_what_is_refused_is_counted_and_stops_no_others(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type(max_enqueues=4, enqueue_window_seconds=600)
    for _ in range(3):
        await fail(queue, person, job_type, code="x")
    ran = await invoke("jobs", "retry", "--type", job_type, "--yes", "--json")
    assert ran.code == 1
    assert ran.document == {"jobs": 3, "outcomes": {"retried": 1, "rate_limited": 2}}
    told = await invoke("jobs", "retry", "--type", job_type, "--yes")
    assert (told.code, told.out) == (1, "")
    assert told.err.startswith("2  not retried: their users have asked for")


async def test_all_that_wait_are_prioritised_or_cancelled(
    queue: JobQueue, person: Person, sql: Sql, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type()
    for _ in range(3):
        await enqueue(queue, person, job_type)
    running = await claim(queue, job_type)
    filters = ["--type", job_type, "--status", "pending"]
    ran = await invoke("jobs", "prioritise", *filters, "--priority", 8, "--yes")
    assert (ran.code, ran.out) == (0, "2  have the new priority\n")
    rows = sql.execute(
        "select id, priority from plan_generation_jobs where job_type = %s", [job_type]
    ).fetchall()
    assert {row["id"]: row["priority"] for row in rows}[running.id] == 5
    assert sorted(row["priority"] for row in rows) == [5, 8, 8]
    ran = await invoke("jobs", "cancel", "--type", job_type, "--yes", "--json")
    assert ran.document == {"jobs": 3, "outcomes": {"cancelled": 2, "requested": 1}}


@pytest.fixture
def change_until_revoked(stack: StackInfo, environment: dict[str, str], invoke: Invoke) -> Invoke:
    """A command of `jobs` whose key is refused once the first call of a function is answered."""

    async def change_until_revoked(function: str, *arguments: object) -> Ran:
        revoked = Reply('{"message": "Invalid API key"}', HTTPStatus.UNAUTHORIZED)
        async with lossy_proxy(stack.api_url, Counter()) as proxy:
            environment["SUPABASE_URL"] = proxy.url
            answer = proxy.hold_answer(function)
            changing = asyncio.ensure_future(invoke("jobs", *arguments))
            await answer.reached.wait()
            proxy.reply(function, *[revoked] * 100)
            answer.open()
            return await changing

    return change_until_revoked


async def test_what_was_done_is_told_though_it_broke_off(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    change_until_revoked: Invoke,
) -> None:
    job_type = make_job_type()
    entry = Entry(user_id=person.id, job_type=job_type, params={}, options={})
    await queue.enqueue_many([entry] * 501)
    arguments = ("prioritise", "--type", job_type, "--priority", 8, "--yes")
    ran = await change_until_revoked("change_plan_jobs", *arguments)
    assert (ran.code, ran.out) == (1, "500  have the new priority\n")
    assert "SUPABASE_SECRET_KEY" in ran.err


async def test_of_single_jobs_too(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    change_until_revoked: Invoke,
) -> None:
    job_type = make_job_type()
    job_ids = [await enqueue(queue, person, job_type) for _ in range(2)]
    ran = await change_until_revoked("cancel_plan_job", "cancel", *job_ids, "--json")
    assert ran.code == 1
    assert [change["id"] for change in ran.document["jobs"]] == [str(job_ids[0])]


async def test_single_jobs_are_prioritised(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type()
    job_id, ended = await enqueue(queue, person, job_type), uuid4()
    ran = await invoke("jobs", "prioritise", job_id, ended, "--priority", 9)
    assert ran.code == 1
    assert ran.out == f"{job_id}  has the new priority\n"
    assert ran.err.startswith(f"{ended}  there is no such job")
    await queue.cancel(job_id, person.id)
    ran = await invoke("jobs", "prioritise", job_id, "--priority", 1)
    assert (ran.code, ran.err) == (1, f"{job_id}  not changed: it is cancelled already\n")


async def test_many_are_changed_only_after_a_yes(
    queue: JobQueue,
    person: Person,
    make_job_type: Callable[..., str],
    environment: dict[str, str],
    tmp_path: Path,
) -> None:
    job_type = make_job_type()
    await enqueue(queue, person, job_type)
    arguments = ["jobs", "cancel", "--type", job_type]
    ran = await run(*arguments, env=environment, cwd=tmp_path)
    assert ran.code == 1
    assert "Cancel 1 job? [y/N]" in ran.err
    assert (await queue.get_active(person.id, job_type)) is not None


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["retry"], "name jobs by their ids, or by filters"),
        (["cancel", str(uuid4()), "--type", "story"], "one of both"),
        (["retry", "--type", "story", "--json"], "add --yes"),
        (["prioritise", str(uuid4())], "Missing option '--priority'"),
        (["cancel", "--system", "--user", str(uuid4())], "leave --user out"),
    ],
)
async def test_it_is_said_for_which_jobs(invoke: Invoke, arguments: list[str], reason: str) -> None:
    ran = await invoke("jobs", *arguments)
    assert ran.code == 2
    assert reason in " ".join(ran.err.replace("│", " ").split())


async def test_a_job_is_shown_in_its_flow(
    queue: JobQueue, person: Person, make_job_type: Callable[..., str], invoke: Invoke
) -> None:
    job_type = make_job_type()
    text, picture = [await enqueue(queue, person, job_type) for _ in range(2)]
    book = await queue.enqueue(
        user_id=person.id, job_type=job_type, params={}, after={"text": text, "picture": picture}
    )
    sound = await queue.enqueue(
        user_id=person.id, job_type=job_type, params={}, after={"text": text}
    )
    ran = await invoke("jobs", "show", picture)
    lines = ran.out.splitlines()
    start = lines.index("flow")
    assert lines[start + 1 : start + 5] == [
        f"├── {job_type}  {picture}  pending  <- this one",
        f"│   └── {job_type}  {book.job.id}  pending, held, also after 1 other",
        f"└── {job_type}  {text}  pending",
        f"    └── {job_type}  {sound.job.id}  pending, held",
    ]
    shown = await invoke("jobs", "show", sound.job.id, "--json")
    flow = shown.document["flow"]
    assert len(flow["jobs"]) == 4
    assert {(edge["job_id"], edge["ref"]) for edge in flow["edges"]} == {
        (str(book.job.id), "text"),
        (str(book.job.id), "picture"),
        (str(sound.job.id), "text"),
    }
    alone = await invoke("jobs", "show", await enqueue(queue, person, job_type), "--json")
    assert alone.document["flow"] is None
