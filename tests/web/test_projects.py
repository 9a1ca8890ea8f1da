"""What a person does with repositories, in a real browser; git fetches them for real."""

import asyncio
import re
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest
from playwright.async_api import BrowserContext, Page, expect
from tests.clients.apis import Api
from tests.handlers.projects.repositories import Repository
from tests.parts import make_processor, make_settings
from tests.web.conftest import dashboard_environment
from tests.web.looking import look
from tests.web.test_dashboard import sign_in
from tests.web.test_story import create_account, heading
from tests.web.test_views import reach_everything

from supajobs.handlers.projects.handler import create_project_types
from supajobs.local.stack import StackInfo
from supajobs.queue.job_queue import JobQueue

pytestmark = [pytest.mark.timeout(900)]

PLAN = """# A website

- [ ] Ask what it is for @ana

## Begin
- [x] Choose a name (2d)
- [ ] Draw a page, due 2026-01-01
  - [~] Its foot @ana
- [-] Buy a server

## Write it
### Words
- [ ] Say what it is
"""
FILES = {
    "PLAN.md": PLAN,
    "site/app.py": "import flask\n\n\ndef show() -> str:\n    return 'a page'\n",
    "site/page.html": "<!doctype html>\n<title>A page</title>\n",
    "site/look.css": "body {\n  margin: 0;\n}\n",
    "requirements.txt": "flask>=3\npsycopg[binary]==3.2\n",
    "Dockerfile": "FROM python:3.13\n",
}


@pytest.fixture
async def projects(
    stack: StackInfo, page_dir: Path, tmp_path: Path, queue: JobQueue
) -> AsyncGenerator[Api]:
    """The API with the page, and what reads repositories."""
    settings = make_settings(stack, job_families="projects", file_repositories=True)
    processor = make_processor(queue, *create_project_types(settings))
    working = asyncio.create_task(processor.work(poll_seconds=0.2))
    api = Api(stack, tmp_path)
    await api.start(
        **dashboard_environment(page_dir),
        JOB_FAMILIES="training_plan,projects",
        FILE_REPOSITORIES="true",
    )
    yield api
    await api.kill()
    processor.stop()
    await working


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    repository = Repository(tmp_path / "website")
    repository.commit(FILES)
    return repository


async def add_project(page: Page, repository: Repository, name: str = "Website") -> None:
    await page.get_by_label("Name").fill(name)
    await page.get_by_label("Repository").fill(repository.url)
    await page.get_by_role("button", name="Add the project").click()
    await heading(page, name)


async def sign_up(context: BrowserContext, server: Api, name: str) -> Page:
    page = await context.new_page()
    await page.goto(f"{server.address}/#/projects")
    await create_account(page, name)
    await heading(page, "Your projects")
    return page


async def open_tab(page: Page, name: str) -> None:
    await page.get_by_role("navigation", name="Views of the project").get_by_text(name).click()


async def test_a_repository_from_its_address_to_its_history(
    phone: BrowserContext, projects: Api, repository: Repository
) -> None:
    page = await sign_up(phone, projects, "ada")
    await look(page, "projects-none")
    await page.get_by_role("link", name="Add a project").click()
    await heading(page, "New project")
    await look(page, "project-new")
    await add_project(page, repository)

    await expect(page.get_by_text("40 %")).to_be_visible()
    await expect(page.get_by_text("Ask what it is for")).to_be_visible()
    await expect(page.get_by_text("was due Thu, Jan 1")).to_be_visible()
    await look(page, "project")
    await page.get_by_text("Being done", exact=True).last.click()
    await expect(page.get_by_text("Its foot")).to_be_visible()
    await expect(page.get_by_text("Ask what it is for")).to_have_count(0)
    await reach_everything(page)

    await open_tab(page, "Skills")
    await expect(page.get_by_text("Python", exact=True).first).to_be_visible()
    await expect(page.get_by_text("requirements.txt:1")).to_be_visible()
    await look(page, "project-skills")

    repository.commit({"PLAN.md": PLAN.replace("[ ] Say", "[x] Say"), "Dockerfile": ""})
    await open_tab(page, "History")
    await page.get_by_role("button", name="Refresh").click()
    await expect(page.get_by_text("1 task done")).to_be_visible()
    await expect(page.get_by_role("img", name="How far the plan was: ")).to_be_visible()
    await look(page, "project-history")
    await page.get_by_role("link", name=re.compile("1 task done")).click()
    await heading(page, "Request for a project")
    await page.go_back()
    await heading(page, "Website")
    await page.get_by_role("link", name=re.compile("1 task done")).click()
    await page.get_by_role("link", name="Open the project").click()
    await expect(page.get_by_text("60 %")).to_be_visible()
    await page.get_by_role("link", name="Projects", exact=True).click()
    await expect(page.get_by_role("progressbar", name="Progress of Website")).to_be_visible()
    await look(page, "projects")


async def test_a_project_is_changed_and_deleted(
    phone: BrowserContext, projects: Api, repository: Repository
) -> None:
    page = await sign_up(phone, projects, "bea")
    await page.goto(f"{projects.address}/#/projects/new")
    await add_project(page, repository)
    await expect(page.get_by_text("Ask what it is for")).to_be_visible()
    await open_tab(page, "Settings")
    await expect(page.get_by_role("heading", name="Delete")).to_be_visible()
    await look(page, "project-settings")
    await page.get_by_label("Plan").fill("TODO.md")
    await page.get_by_label("Name").fill("Site")
    await page.get_by_role("button", name="Save").click()
    await heading(page, "Site")  # and it is read anew
    await open_tab(page, "Tasks")
    await expect(page.get_by_role("heading", name="There is no TODO.md")).to_be_visible()
    await look(page, "project-no-tasks")
    await open_tab(page, "Settings")
    await page.get_by_role("button", name="Delete the project").click()
    await page.get_by_role("button", name="Yes, delete it").click()
    await heading(page, "Your projects")
    await expect(page.get_by_role("heading", name="No project yet")).to_be_visible()


async def test_what_cannot_be_read_says_why(
    phone: BrowserContext, projects: Api, repository: Repository, tmp_path: Path
) -> None:
    page = await sign_up(phone, projects, "cid")
    await page.goto(f"{projects.address}/#/projects/new")
    await page.get_by_label("Name").fill("Website")
    await page.get_by_label("Repository").fill("http://example.com/website.git")
    await page.get_by_role("button", name="Add the project").click()
    await expect(page.get_by_label("Repository")).to_have_attribute("aria-invalid", "true")
    await look(page, "project-refused")
    await page.get_by_label("Repository").fill((tmp_path / "nowhere").as_uri())
    await page.get_by_role("button", name="Add the project").click()
    await heading(page, "Website")
    await expect(page.get_by_role("alert")).to_contain_text("There is no such repository")
    await open_tab(page, "History")
    await expect(page.get_by_text("Failed", exact=True)).to_be_visible()
    await look(page, "project-failed")
    await page.goto(f"{projects.address}/#/projects/new")
    await page.get_by_label("Name").fill("Website")
    await page.get_by_label("Repository").fill(repository.url)
    await page.get_by_role("button", name="Add the project").click()
    await expect(page.get_by_role("alert")).to_contain_text("another project of this name")
    await page.goto(f"{projects.address}/#/projects/019f0000-0000-7000-8000-000000000000")
    await expect(page.get_by_role("alert").first).to_contain_text("There is nothing here.")


async def test_an_operator_sees_which_repository_a_job_is_of(
    phone: BrowserContext, desk: BrowserContext, projects: Api, tmp_path: Path
) -> None:
    page = await sign_up(phone, projects, "gus")
    await page.goto(f"{projects.address}/#/projects/new")
    address = (tmp_path / "nowhere").as_uri()
    await page.get_by_label("Name").fill("Website")
    await page.get_by_label("Repository").fill(address)
    await page.get_by_role("button", name="Add the project").click()
    await expect(page.get_by_role("alert")).to_contain_text("There is no such repository")

    operator = await sign_in(desk, projects, "jobs?job_type=project_refresh&status=failed")
    await operator.get_by_role("link", name=re.compile("project_refresh")).first.click()
    panel = operator.get_by_role("region", name="Project")
    await expect(panel).to_contain_text(address)
    await look(operator, "dashboard-project-job")


async def test_who_refreshes_too_often_is_told_when_to_come_back(
    phone: BrowserContext, projects: Api, repository: Repository
) -> None:
    page = await sign_up(phone, projects, "dov")
    await page.goto(f"{projects.address}/#/projects/new")
    await add_project(page, repository)
    button = page.get_by_role("button", name="Refresh")
    for _ in range(4):
        await expect(button).not_to_have_attribute("aria-disabled", "true")
        await button.click()
        await expect(page.get_by_role("button", name="Being read")).to_be_visible()
    await expect(button).not_to_have_attribute("aria-disabled", "true")
    await button.click()
    await expect(page.get_by_role("alert")).to_contain_text("You may refresh again at")
    await expect(button).to_have_attribute("aria-disabled", "true")
    await look(page, "project-too-often")


async def test_a_project_is_read_every_morning(
    phone: BrowserContext, projects: Api, repository: Repository
) -> None:
    page = await sign_up(phone, projects, "eli")
    await page.goto(f"{projects.address}/#/projects/repeat")
    await expect(page.get_by_role("heading", name="First a project")).to_be_visible()
    await page.get_by_role("link", name="Add a project").click()
    await add_project(page, repository)
    await page.goto(f"{projects.address}/#/projects/repeat")
    await page.get_by_label("Project", exact=True).select_option("Website")
    await look(page, "project-every-morning")
    await page.get_by_role("button", name="Read it every morning").click()
    await expect(page.get_by_text("Every day at 06:00, Europe/Madrid")).to_be_visible()


async def test_names_of_a_project_may_be_long_and_odd(
    phone: BrowserContext, projects: Api, tmp_path: Path
) -> None:
    long = "x" * 90
    odd = f"- [ ] {long}{long}\n- [x] \u202e{'ש' * 80}\n- [~] <b>bold</b> @{long}\n"
    deep = "".join(f"{'  ' * depth}- [ ] Step {depth}\n" for depth in range(12))
    repository = Repository(tmp_path / "odd")
    repository.commit({"PLAN.md": f"# {long}\n## {'ש' * 80}\n{odd}\n## Deep\n{deep}"})
    page = await sign_up(phone, projects, "fay")
    await page.goto(f"{projects.address}/#/projects/new")
    await add_project(page, repository, long)
    await expect(page.get_by_text("Step 11")).to_be_visible()
    await look(page, "project-odd")
    await page.goto(f"{projects.address}/#/projects")
    await expect(page.get_by_role("progressbar")).to_be_visible()
    await look(page, "projects-odd")
