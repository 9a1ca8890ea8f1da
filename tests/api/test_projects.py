"""Projects over HTTP: connected, refreshed from real repositories, looked at, and deleted."""

import hmac
from collections.abc import AsyncGenerator, Awaitable, Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.fernet import Fernet
from tests.handlers.projects.repositories import Repository
from tests.parts import Person, Sql, make_settings
from tests.serving import serve

from supajobs.app import create_app
from supajobs.local.stack import StackInfo

PLAN = """# A website

## Begin

- [x] Choose a name (2d)
- [ ] Draw a page
  - [x] Its head
  - [~] Its foot @ana

## Go on

- [ ] Publish it
"""
PAGE = "def render() -> str:\n    return 'page'\n"

SignUp = Callable[[], Awaitable[Person]]


@pytest.fixture
async def api(stack: StackInfo) -> AsyncGenerator[httpx.AsyncClient]:
    settings = make_settings(
        stack,
        job_families="training_plan,projects",
        file_repositories=True,
        provider_key_secret=Fernet.generate_key().decode(),
    )
    async with serve(create_app(settings)) as client:
        yield client


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "website")
    repository.commit({"PLAN.md": PLAN, "page.py": PAGE, "requirements.txt": "flask>=3\n"})
    return repository


def read(answer: httpx.Response, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    return answer.json()


def code_of(answer: httpx.Response, status: int) -> str:
    assert answer.headers["Content-Type"] == "application/problem+json"
    return read(answer, status)["code"]


@pytest.fixture
def add(
    api: httpx.AsyncClient, person: Person, repository: Repository
) -> Callable[..., Awaitable[httpx.Response]]:
    async def add(**fields: Any) -> httpx.Response:
        body = {"name": "website", "repository_url": repository.url, **fields}
        return await api.post("/v1/projects", json=body, headers=person.headers)

    return add


Add = Callable[..., Awaitable[httpx.Response]]


@pytest.fixture
def refresh(api: httpx.AsyncClient, person: Person) -> Callable[[str], Awaitable[dict[str, Any]]]:
    async def refresh(project_id: str) -> dict[str, Any]:
        headers = {**person.headers, "Prefer": "wait=30"}
        return read(await api.post(f"/v1/projects/{project_id}/refresh", headers=headers), 201)

    return refresh


Refresh = Callable[[str], Awaitable[dict[str, Any]]]


async def test_a_project_from_its_repository_to_rows(
    api: httpx.AsyncClient, person: Person, repository: Repository, add: Add, refresh: Refresh
) -> None:
    added = await add()
    project = read(added, 201)
    assert added.headers["Location"] == f"/v1/projects/{project['id']}"
    assert project["progress"] is project["commit_id"] is None

    job = await refresh(project["id"])
    assert job["status"] == "completed", job["error"]
    commit = repository.git("rev-parse", "HEAD")
    assert job["result"]["commit_id"] == commit

    async def get(place: str) -> dict[str, Any]:
        return read(await api.get(f"{added.headers['Location']}{place}", headers=person.headers))

    project = await get("")
    assert project["title"] == "A website"
    assert project["commit_id"] == commit
    assert project["warnings"] == []
    tasks = (await get("/tasks"))["tasks"]
    assert [(task["text"], task["state"], task["phase"]) for task in tasks] == [
        ("Choose a name", "done", ["Begin"]),
        ("Draw a page", "open", ["Begin"]),
        ("Its head", "done", ["Begin"]),
        ("Its foot @ana", "doing", ["Begin"]),
        ("Publish it", "open", ["Go on"]),
    ]
    assert tasks[0]["weight"] == 2
    assert tasks[2]["parent_key"] == tasks[1]["key"]
    assert tasks[3]["owners"] == ["ana"]
    skills = {each["name"]: each for each in (await get("/skills"))["skills"]}
    assert skills["Python"]["share"] == 100
    assert skills["Flask"]["evidence"] == [{"path": "requirements.txt", "line": 1}]
    progress = await get("/progress")
    assert progress["progress"] == project["progress"]
    assert [point["commit_id"] for point in progress["history"]] == [commit]
    assert progress["history"][0]["percentage"] == project["progress"]["percentage"] > 0


async def test_what_changed_is_told(
    api: httpx.AsyncClient, person: Person, repository: Repository, add: Add, refresh: Refresh
) -> None:
    project = read(await add(), 201)
    await refresh(project["id"])
    done = PLAN.replace("[ ] Publish", "[x] Publish") + "- [ ] Tell of it\n"
    commit = repository.commit({"PLAN.md": done, "requirements.txt": "django\n"})
    await refresh(project["id"])

    jobs = read(await api.get(f"/v1/projects/{project['id']}/jobs", headers=person.headers))["jobs"]
    assert [job["status"] for job in jobs] == ["completed", "completed"]
    changes = jobs[0]["changes"]
    assert jobs[0]["commit_id"] == commit
    assert jobs[0]["duration_ms"] > 0
    assert (changes["added"], changes["removed"], changes["completed"]) == (1, 0, 1)
    assert changes["percentage"] > changes["percentage_before"]
    assert (changes["skills_added"], changes["skills_removed"]) == (["Django"], ["Flask"])


async def test_a_project_has_one_refresh_at_a_time(
    stack: StackInfo, api: httpx.AsyncClient, person: Person, add: Add
) -> None:
    project = read(await add(), 201)
    idle = make_settings(stack, job_families="projects", api_runs_jobs=False)
    async with serve(create_app(idle)) as busy:
        place = f"/v1/projects/{project['id']}/refresh"
        first = read(await busy.post(place, headers=person.headers), 201)
        again = read(await busy.post(place, headers=person.headers), 200)
    assert again["id"] == first["id"]
    assert (again["existing"], again["why"]) == (True, "active_job")
    assert first["priority"] == 8


async def test_five_refreshes_in_five_minutes(
    api: httpx.AsyncClient, person: Person, add: Add, refresh: Refresh
) -> None:
    project = read(await add(), 201)
    for _ in range(5):
        assert (await refresh(project["id"]))["status"] == "completed"
    place = f"/v1/projects/{project['id']}/refresh"
    refused = await api.post(place, headers=person.headers)
    assert code_of(refused, 429) == "rate_limited"
    assert 0 < int(refused.headers["Retry-After"]) <= 300
    # Those of another project, of its forge and of schedules are others.
    another = read(await add(name="another"), 201)
    assert (await refresh(another["id"]))["status"] == "completed"
    webhook = read(await api.put(f"/v1/projects/{project['id']}/webhook", headers=person.headers))
    pushed = {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": webhook["secret"]}
    job_id = read(await api.post(webhook["path"], headers=pushed), 202)["job_id"]
    # One that is on its way is what it is answered with.
    assert read(await api.post(place, headers=person.headers), 200)["id"] == job_id


async def test_a_request_that_is_repeated_has_its_answer_also_after_the_fifth(
    api: httpx.AsyncClient, person: Person, add: Add
) -> None:
    place = f"/v1/projects/{read(await add(), 201)['id']}/refresh"

    async def refresh(key: str, status: int) -> str:
        headers = {**person.headers, "Prefer": "wait=30", "Idempotency-Key": key}
        return read(await api.post(place, headers=headers), status)["id"]

    ids = {key: await refresh(key, 201) for key in "12345"}
    assert (await api.post(place, headers=person.headers)).status_code == 429
    assert await refresh("5", 200) == ids["5"]


async def test_what_was_found_elsewhere_is_forgotten(
    api: httpx.AsyncClient, person: Person, add: Add, refresh: Refresh, tmp_path: Path
) -> None:
    place = f"/v1/projects/{(project := read(await add(), 201))['id']}"

    async def find() -> tuple[object, ...]:
        project = read(await api.get(place, headers=person.headers))
        tasks = read(await api.get(f"{place}/tasks", headers=person.headers))["tasks"]
        skills = read(await api.get(f"{place}/skills", headers=person.headers))["skills"]
        return bool(project["commit_id"]), bool(project["progress"]), bool(tasks), bool(skills)

    await refresh(project["id"])
    assert await find() == (True, True, True, True)
    await api.patch(place, json={"name": "another name"}, headers=person.headers)
    assert await find() == (True, True, True, True)
    await api.patch(place, json={"plan_path": "TODO.md"}, headers=person.headers)
    assert await find() == (True, False, False, True)
    url = Repository(tmp_path / "another").url
    await api.patch(place, json={"repository_url": url}, headers=person.headers)
    assert await find() == (False, False, False, False)


async def test_a_hundred_projects_may_be_read_by_schedules_at_once(
    person: Person, sql: Sql
) -> None:
    answers = sql.execute(
        "select enqueue_plan_job(%s, 'project_refresh', '{}', p_project_id => gen_random_uuid())"
        " ->> 'outcome' as outcome from generate_series(1, 100)",
        [person.id],
    ).fetchall()
    assert {row["outcome"] for row in answers} == {"created"}


async def test_ten_projects_an_hour(add: Add) -> None:
    for number in range(10):
        read(await add(name=f"project {number}"), 201)
    read(await add(name="project 9"), 200)
    refused = await add(name="one more")
    assert code_of(refused, 429) == "rate_limited"
    assert 0 < int(refused.headers["Retry-After"]) <= 3600


async def test_projects_are_listed_changed_and_deleted(
    api: httpx.AsyncClient, person: Person, add: Add, refresh: Refresh
) -> None:
    first = read(await add(name="first"), 201)
    second = read(await add(name="second"), 201)
    page = await api.get("/v1/projects", params={"limit": 1}, headers=person.headers)
    assert [each["name"] for each in read(page)["projects"]] == ["second"]
    following = page.headers["Link"].partition(">")[0].removeprefix("<")
    rest = read(await api.get(following, headers=person.headers))
    assert [each["name"] for each in rest["projects"]] == ["first"]

    place = f"/v1/projects/{first['id']}"
    changed = await api.patch(place, json={"branch": "next"}, headers=person.headers)
    assert read(changed)["branch"] == "next"
    taken = await api.patch(place, json={"name": "second"}, headers=person.headers)
    assert code_of(taken, 409) == "project_name_taken"
    failed = await refresh(first["id"])
    assert failed["error"]["code"] == "branch_not_found"

    assert (await api.delete(place, headers=person.headers)).status_code == 204
    assert code_of(await api.get(place, headers=person.headers), 404) == "project_not_found"
    assert code_of(await api.delete(place, headers=person.headers), 404) == "project_not_found"
    left = read(await api.get("/v1/projects", headers=person.headers))["projects"]
    assert [each["id"] for each in left] == [second["id"]]


async def test_a_strangers_project_is_as_if_it_did_not_exist(
    api: httpx.AsyncClient, sign_up: SignUp, add: Add, refresh: Refresh
) -> None:
    project = read(await add(), 201)
    await refresh(project["id"])
    stranger = await sign_up()
    place = f"/v1/projects/{project['id']}"
    for path in ("", "/tasks", "/skills", "/progress", "/jobs"):
        answer = await api.get(f"{place}{path}", headers=stranger.headers)
        assert code_of(answer, 404) == "project_not_found"
    for answer in (
        await api.patch(place, json={"name": "mine"}, headers=stranger.headers),
        await api.delete(place, headers=stranger.headers),
        await api.post(f"{place}/refresh", headers=stranger.headers),
    ):
        assert code_of(answer, 404) == "project_not_found"
    body = {"job_type": "project_refresh", "project_id": project["id"]}
    headers = {**stranger.headers, "Prefer": "wait=30"}
    job = read(await api.post("/v1/jobs", json=body, headers=headers), 201)
    assert (job["status"], job["error"]["code"]) == ("failed", "project_not_found")


async def test_a_token_is_kept_where_nobody_reads_it(
    api: httpx.AsyncClient, person: Person, sql: Sql, add: Add
) -> None:
    answer = await add(token="ghp_very_secret")
    project = read(answer, 201)
    assert project["has_token"]
    assert "ghp_very_secret" not in answer.text
    read_secrets = "select name, ciphertext from supajobs.project_secrets where project_id = %s"
    kept = sql.execute(read_secrets, [project["id"]]).fetchall()
    assert [row["name"] for row in kept] == ["token"]
    assert "ghp_very_secret" not in kept[0]["ciphertext"]

    # The same project with another token has that one.
    assert read(await add(token="ghp_another"))["id"] == project["id"]
    [changed] = sql.execute(read_secrets, [project["id"]]).fetchall()
    assert changed["ciphertext"] != kept[0]["ciphertext"]
    assert code_of(await add(), 409) == "project_name_taken"

    place = f"/v1/projects/{project['id']}"
    without = await api.patch(place, json={"token": None}, headers=person.headers)
    assert not read(without)["has_token"]
    assert sql.execute(read_secrets, [project["id"]]).fetchall() == []


async def test_without_a_secret_no_token_is_taken(stack: StackInfo, person: Person) -> None:
    async with serve(create_app(make_settings(stack, job_families="projects"))) as api:
        body = {"name": "a", "repository_url": "https://example.com/a", "token": "ghp_secret"}
        refused = await api.post("/v1/projects", json=body, headers=person.headers)
    assert code_of(refused, 422) == "provider_keys_not_offered"
    assert "ghp_secret" not in refused.text


async def test_a_server_with_another_secret_says_what_to_do(
    stack: StackInfo, api: httpx.AsyncClient, person: Person, add: Add
) -> None:
    project = read(await add(token="ghp_very_secret"), 201)
    webhook = read(await api.put(f"/v1/projects/{project['id']}/webhook", headers=person.headers))
    settings = make_settings(
        stack,
        job_families="projects",
        file_repositories=True,
        provider_key_secret=Fernet.generate_key().decode(),
    )
    async with serve(create_app(settings)) as other:
        pushed = {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": webhook["secret"]}
        answer = await other.post(webhook["path"], headers=pushed)
    assert code_of(answer, 503) == "webhook_unreadable"


async def test_a_list_of_projects_has_none_of_their_phases(
    api: httpx.AsyncClient, person: Person, add: Add, refresh: Refresh
) -> None:
    project = read(await add(), 201)
    await refresh(project["id"])
    [listed] = read(await api.get("/v1/projects", headers=person.headers))["projects"]
    place = f"/v1/projects/{project['id']}"
    found = read(await api.get(place, headers=person.headers))
    assert [phase["names"] for phase in found["phases"]] == [["Begin"], ["Go on"]]
    assert {**listed, "phases": found["phases"], "warnings": []} == found
    progress = read(await api.get(f"{place}/progress", headers=person.headers))
    assert progress["phases"] == found["phases"]


@pytest.mark.parametrize("name", ["", " ", "a\nb", "\u001b[31m", "x" * 101])
async def test_a_name_is_one_line_that_can_be_seen(add: Add, name: str) -> None:
    assert code_of(await add(name=name), 422) == "invalid_request"


@pytest.mark.parametrize(
    "url",
    ["http://example.com/a", "ext::sh -c touch%20/tmp/x", "--upload-pack=x", "https://10.0.0.1/a"],
)
async def test_an_address_that_is_never_fetched_is_refused_at_once(add: Add, url: str) -> None:
    refused = await add(repository_url=url)
    assert code_of(refused, 422) == "invalid_request"
    [error] = refused.json()["errors"]
    assert error["field"] == "repository_url"


async def test_a_name_that_no_branch_has_is_refused_at_once(add: Add) -> None:
    refused = await add(branch="-x")
    assert code_of(refused, 422) == "invalid_request"
    [error] = refused.json()["errors"]
    assert error["field"] == "branch"


async def test_a_repository_without_a_plan_has_no_tasks(
    api: httpx.AsyncClient, person: Person, add: Add, refresh: Refresh
) -> None:
    project = read(await add(plan_path="docs/**/plan*.md"), 201)
    job = await refresh(project["id"])
    assert job["status"] == "completed", job["error"]
    found = read(await api.get(f"/v1/projects/{project['id']}", headers=person.headers))
    assert [each["code"] for each in found["warnings"]] == ["no_plan_file"]
    # It is not one of which nothing is done.
    assert found["progress"] is None
    progress = await api.get(f"/v1/projects/{project['id']}/progress", headers=person.headers)
    assert read(progress) == {"progress": None, "phases": [], "history": []}


def sign(secret: str, body: bytes) -> str:
    return f"sha256={hmac.new(secret.encode(), body, sha256).hexdigest()}"


async def test_a_push_is_followed_by_one_refresh(
    api: httpx.AsyncClient, person: Person, sql: Sql, add: Add
) -> None:
    project = read(await add(), 201)
    webhook = read(await api.put(f"/v1/projects/{project['id']}/webhook", headers=person.headers))
    body = b'{"ref": "refs/heads/main"}'
    headers = {
        "X-GitHub-Event": "push",
        "X-Hub-Signature-256": sign(webhook["secret"], body),
    }
    first = read(await api.post(webhook["path"], content=body, headers=headers), 202)
    again = read(await api.post(webhook["path"], content=body, headers=headers), 202)
    assert first["job_id"] == again["job_id"]
    by_gitlab = {"X-Gitlab-Event": "Push Hook", "X-Gitlab-Token": webhook["secret"]}
    third = read(await api.post(webhook["path"], content=body, headers=by_gitlab), 202)
    assert third["job_id"] == first["job_id"]
    row = sql.execute(
        "select user_id, job_type, project_id::text, run_at > now() as waits "
        "from plan_generation_jobs where id = %s",
        [first["job_id"]],
    ).fetchone()
    assert row == {
        "user_id": person.id,
        "job_type": "project_refresh",
        "project_id": project["id"],
        "waits": True,
    }


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Hub-Signature-256": "sha256=00"},
        {"X-Hub-Signature-256": "sha256=é"},
        {"X-Gitlab-Token": ""},
        {"X-Gitlab-Token": "guessed"},
    ],
    ids=str,
)
async def test_a_call_that_is_not_signed_is_refused(
    api: httpx.AsyncClient, person: Person, sql: Sql, add: Add, headers: dict[str, str]
) -> None:
    project = read(await add(), 201)
    place = f"/v1/projects/{project['id']}/webhook"
    sent = {"X-GitHub-Event": "push", **headers}
    raw = [(name.encode(), value.encode()) for name, value in sent.items()]
    assert code_of(await api.post(place, headers=raw), 401) == "wrong_signature"
    read(await api.put(place, headers=person.headers))
    assert code_of(await api.post(place, headers=raw), 401) == "wrong_signature"
    jobs = sql.execute("select from plan_generation_jobs where project_id = %s", [project["id"]])
    assert jobs.fetchall() == []


async def test_what_is_no_push_and_what_nobody_wants_to_hear(
    api: httpx.AsyncClient, person: Person, sign_up: SignUp, add: Add
) -> None:
    project = read(await add(), 201)
    place = f"/v1/projects/{project['id']}/webhook"
    stranger = await sign_up()
    answer = await api.put(place, headers=stranger.headers)
    assert code_of(answer, 404) == "project_not_found"
    secret = read(await api.put(place, headers=person.headers))["secret"]
    ping = {"X-GitHub-Event": "ping", "X-Hub-Signature-256": sign(secret, b"{}")}
    assert read(await api.post(place, content=b"{}", headers=ping), 202) == {"job_id": None}

    newer = read(await api.put(place, headers=person.headers))["secret"]
    assert newer != secret
    assert code_of(await api.post(place, content=b"{}", headers=ping), 401) == "wrong_signature"
    assert (await api.delete(place, headers=person.headers)).status_code == 204
    ping["X-Hub-Signature-256"] = sign(newer, b"{}")
    assert code_of(await api.post(place, content=b"{}", headers=ping), 401) == "wrong_signature"
