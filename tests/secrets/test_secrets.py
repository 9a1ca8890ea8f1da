"""Keys, tokens and secrets lie where they belong, and nowhere else."""

import asyncio
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import quote
from uuid import uuid4

import psycopg
import pytest
from fastapi import Response
from tests.handlers.training_plan.authors import write_like
from tests.handlers.training_plan.plans import Json, write_cycling_plan
from tests.notifications.browser import Browser
from tests.notifications.expo import Expo
from tests.notifications.expo import error as expo_error
from tests.notifications.receivers import Call as Post
from tests.notifications.receivers import receiving
from tests.parts import PROJECT, Person
from tests.providers import Call, error, serve_provider
from tests.secrets.haystack import find
from tests.secrets.project import Project, at_work, make_secrets
from tests.serving import eventually

from supajobs.handlers.training_plan.calendar import next_monday
from supajobs.local.schedule import schedule_processing
from supajobs.local.stack import Stack, StackInfo

ATHLETE: Json = {"ftp": 265, "weight_kg": 70, "age": 35, "weekdays": ["tue", "thu", "sat"]}
PLAN: Json = {
    "athlete_profile": ATHLETE,
    "weeks": 4,
    "starts_on": f"{next_monday(datetime.now(UTC).date())}",
}
STEPS = 3

DEVICES = "public.plan_push_tokens"
BELONGS = {
    # What the trigger sends: the owner's own entry, which Vault encrypts and its stand-in does not.
    ("secret of the trigger", "vault.secrets"),
    # Whom to tell cannot be kept as a hash. No client may read the table.
    ("token of a phone", DEVICES),
    ("address of a browser", DEVICES),
    ("secret of a browser", DEVICES),
}


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Generator[StackInfo]:
    """One in which nothing is but what this module's tests have written."""
    stack = Stack(tmp_path_factory.mktemp("secrets"), project=PROJECT)
    try:
        info = stack.up()
        with psycopg.connect(info.db_url, autocommit=True) as connection:
            connection.execute(
                "update plan_job_types set allows_provider_key = true, notifies = true where true"
            )
        yield info
    finally:
        stack.down(purge=True)


def refuse(status: int, call: Call) -> Response:
    """As a provider that tells the key which it was sent."""
    sent = call.headers["authorization"]
    told = {"message": f"You sent {sent}", "type": sent, "code": sent}
    return error(status, {"error": told}, Retry_After="0", X_Sent=sent)


async def write_plan(project: Project, key: str | None, *refusals: int) -> str:
    """Has a plan written by a provider that refuses first; answers how the job ended."""
    write, left, found = project.provider.reply, list(refusals), set[tuple[str, str]]()
    keys = {name: each for name, each in project.secrets.items() if name.startswith("key")}

    def reply(call: Call) -> Response | None:
        found.update(find(keys, project.look()))
        return refuse(left.pop(), call) if left else write(call)

    project.provider.reply = reply
    headers = {"X-Provider-Key": project.secrets[key]} if key else {}
    asked = await project.ask("POST", "/v1/plan/generate", json=PLAN, headers=headers)
    ended = await wait_for_end(project, asked.json()["job_id"])
    project.provider.reply = write
    assert found == set(), "while the model was asked"
    return ended


async def wait_for_end(project: Project, job_id: str) -> str:
    while True:
        job = (await project.ask("GET", f"/v1/jobs/{job_id}?wait=5")).json()
        if job["status"] in {"completed", "failed"}:
            return job["error"]["code"] if job["error"] else job["status"]


async def retry_the_refused_one(project: Project) -> str:
    jobs = (await project.ask("GET", "/v1/jobs?status=failed")).json()["jobs"]
    [job_id] = [job["id"] for job in jobs if job["error"]["code"] == "user_key_refused"]
    refused = await project.ask("POST", f"/v1/jobs/{job_id}/retry")
    assert refused.status_code == 422
    headers = {"X-Provider-Key": project.secrets["key of a user"]}
    await project.ask("POST", f"/v1/jobs/{job_id}/retry", headers=headers)
    return await wait_for_end(project, job_id)


async def cancel_a_job(project: Project) -> None:
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    asked = await project.ask(
        "POST",
        "/v1/jobs",
        json={"job_type": "training_plan", "params": PLAN, "run_at": tomorrow.isoformat()},
        headers={"X-Provider-Key": project.secrets["key of a cancelled job"]},
    )
    cancelled = await project.ask("DELETE", f"/v1/jobs/{asked.json()['id']}")
    assert cancelled.json()["status"] == "cancelled"


async def register_devices(project: Project, browser: Browser) -> None:
    subscription = {"endpoint": browser.endpoint, "expirationTime": None, "keys": browser.keys}
    for device in (
        {"kind": "expo", "token": project.secrets["token of a phone"]},
        {"kind": "expo", "token": project.secrets["token of a lost phone"]},
        {"kind": "web", "subscription": subscription},
    ):
        registered = await project.ask("PUT", "/v1/push-tokens", json=device)
        assert registered.status_code == 201, registered.text


async def send_what_is_refused(project: Project) -> None:
    key, token = project.secrets["key in a refused request"], project.person.access_token
    generate, push = "/v1/plan/generate", "/v1/push-tokens"
    bearer = {"Authorization": f"Bearer {key}"}
    supabase = f"{project.stack.api_url}/rest/v1"
    public = {"apikey": project.stack.publishable_key}
    for method, url, request in (
        ("POST", generate, {"json": PLAN, "headers": {"X-Provider-Key": f"{key} {key}"}}),
        ("POST", generate, {"json": {"athlete_profile": {**ATHLETE, "ftp": key}}}),
        ("POST", generate, {"json": {"athlete_profile": {**ATHLETE, "goal": [key]}}}),
        ("POST", generate, {"content": f"{{{key}"}),
        ("POST", generate, {"json": PLAN, "headers": {"Authorization": f"Bearer {token[:-9]}"}}),
        ("POST", generate, {"json": PLAN, "headers": bearer}),
        ("POST", "/v1/queue/process", {"headers": bearer}),
        ("GET", "/v1/queue", {"headers": {"Authorization": key}}),
        ("GET", f"/v1/jobs/{token}", {}),
        ("GET", f"/v1/jobs?since={quote(key)}", {}),
        ("GET", f"/v1/nothing?access_token={token}", {}),
        ("PUT", push, {"json": {"kind": "expo", "token": key}}),
        ("PUT", push, {"json": {"kind": "web", "subscription": {"endpoint": key}}}),
        ("GET", f"{supabase}/supajobs.provider_keys", {"headers": public}),
        ("POST", f"{supabase}/rpc/get_plan_job_key", {"headers": public, "json": {"key": key}}),
    ):
        answer = await project.ask(method, url, **request)
        assert answer.is_client_error, f"{method} {url}: {answer.text}"


async def be_triggered(project: Project) -> None:
    """By pg_cron through pg_net, with the secret from Vault."""
    schedule_processing(
        project.stack.db_url,
        process_url=f"{project.url}/v1/queue/process",
        cron_secret=project.secrets["secret of the trigger"],
        schedule="1 second",
    )
    with psycopg.connect(project.stack.db_url, autocommit=True) as connection:

        def has(query: str) -> bool:
            return connection.execute(query.encode()).rowcount > 0

        await eventually(lambda: has("select from net._http_response where status_code = 202"))
        connection.execute("select cron.unschedule(jobname) from cron.job")
        await asyncio.sleep(1.5)  # the last tick
        await eventually(lambda: not has("select from net.http_request_queue"))


async def test_a_project_at_work_writes_no_secret_down(
    stack: StackInfo, person: Person, tmp_path: Path
) -> None:
    browser = Browser(f"https://push.example.invalid/send/{uuid4().hex}")
    secrets = make_secrets(stack, person, browser)
    lost = secrets["token of a lost phone"]
    gone = expo_error("DeviceNotRegistered", expoPushToken=lost)
    expo = Expo(tickets={lost: {**gone, "message": f'"{lost}" is not registered'}})

    def receive(post: Post) -> Response:
        """The webhook and the first push come back with all that was sent."""
        is_first = len(receiver.calls) < 4
        if post.path == "/hook" or is_first:
            return Response(f"{post.headers} {post.body!r}", 500)
        return expo.reply(post)

    author = write_like(write_cycling_plan(PLAN))
    async with serve_provider(author.reply) as provider, receiving() as receiver:
        receiver.reply = receive
        project = Project(stack, person, secrets, provider, receiver, tmp_path)
        async with at_work(project):
            await register_devices(project, browser)
            await send_what_is_refused(project)
            await cancel_a_job(project)
            assert await write_plan(project, "key of a user", 429) == "completed"
            refused = "key of a user that is refused"
            assert await write_plan(project, refused, 401) == "user_key_refused"
            assert await retry_the_refused_one(project) == "completed"
            assert await write_plan(project, None, 429, 503) == "completed"
            assert await write_plan(project, None, 400) == "model_request_rejected"
            assert await write_plan(project, None, 401) == "provider_key_refused"
            await project.ask("GET", "/health/jobs")
            await be_triggered(project)
            await eventually(lambda: len(expo.sent) > 1)

    texts = project.look()
    assert find(secrets, texts) == BELONGS
    assert "supajobs.provider_keys" not in texts  # it is empty
    check_what_was_looked_at(project, texts)


def check_what_was_looked_at(project: Project, texts: dict[str, str]) -> None:
    """It is where secrets would be: the keys were used, and all have said something."""
    carried = " ".join(call.headers["authorization"] for call in project.provider.calls)
    for name in ("key of the server", "key of a user", "key of a user that is refused"):
        assert project.secrets[name] in carried
    told = {"user": str(project.person.id), "trigger": "trigger_processing", "plan": "completed"}
    assert {
        ("user", "public.plan_generation_jobs"),
        ("user", "supajobs.notifications"),
        ("trigger", "cron.job_run_details"),
        ("plan", "public.plan_generation_jobs"),
        ("plan", "work.log"),
        ("plan", "answers"),
    } <= find(told, texts)
    assert "net._http_response" in texts
    assert "supabase_migrations.schema_migrations" in texts
    for log, event in {
        "work.log": ("model_call_failed", "notification_sent"),
        "api.log": ("request_handled", "processor_ready"),
        "postgres.log": ("database system is ready",),
    }.items():
        for each in event:
            assert each in texts[log]
