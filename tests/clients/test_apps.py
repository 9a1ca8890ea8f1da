"""The apps that the handbook shows: their types, and what they do with the real API."""

import asyncio
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from tests.clients.npm import CLIENT
from tests.parts import CRON_SECRET, Person, Sql, make_settings
from tests.serving import serve
from tests.shown import GUIDE, write_files

from supajobs import Completed, RunningJob, Supajobs, job_type
from supajobs.handlers.families import create_job_types
from supajobs.local.node import NODE
from supajobs.local.packages import install_node_modules
from supajobs.local.stack import StackInfo

APPS = Path(__file__).parent / "apps"
TSC = CLIENT / "node_modules" / "typescript" / "bin" / "tsc"
SCREENS = ["app/story/page.tsx", "app/api/stories/route.ts", "expo/app/story.tsx"]


class StoryRequest(BaseModel):
    hero: str


@job_type
async def story(_job: RunningJob, request: StoryRequest) -> Completed:
    """A bedtime story."""
    return Completed(result=f"{request.hero} falls asleep.")


def write_apps(folder: Path, **replaced: str) -> None:
    """What the page shows, with what it says to copy."""
    write_files(GUIDE / "apps.md", folder, replaced)
    (folder / "components").mkdir()
    shutil.copy(CLIENT / "examples" / "progress-card.tsx", folder / "components")
    shutil.copy(folder / "jobs.ts", folder / "expo")


@pytest.mark.parametrize(("platform", "types"), [("expo", list[str]()), (".", ["node"])])
async def test_types_are_strict(
    platform: str, types: list[str], built: Path, tmp_path: Path
) -> None:
    write_apps(tmp_path)
    modules = install_node_modules(APPS)
    (tmp_path / "node_modules").symlink_to(modules)
    supabase = CLIENT / "node_modules" / "@supabase" / "supabase-js"
    options = {
        "module": "preserve",
        "moduleResolution": "bundler",
        "rewriteRelativeImportExtensions": False,
        "types": types,
        "typeRoots": [str(modules / "@types")],
        "rootDir": "/",
        "paths": {
            "@supajobs/client": [str(built.with_name("index.d.ts"))],
            "@supajobs/client/*": [str(built.with_name("*.d.ts"))],
            "@supabase/supabase-js": [str(supabase)],
        },
    }
    project = {
        "extends": str(CLIENT / "tsconfig.json"),
        "compilerOptions": options,
        "include": [platform],
        "exclude": ["node_modules"] if platform == "expo" else ["node_modules", "expo"],
    }
    (tmp_path / "tsconfig.json").write_text(json.dumps(project))
    process = await asyncio.create_subprocess_exec(
        *(NODE, TSC, "--project", tmp_path), stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert process.returncode == 0, output.decode()


def test_they_are_short(tmp_path: Path) -> None:
    write_apps(tmp_path)
    for screen in SCREENS:
        assert len((tmp_path / screen).read_text().splitlines()) <= 25, screen


async def test_they_work_with_the_real_api(
    stack: StackInfo, sql: Sql, built: Path, person: Person, tmp_path: Path
) -> None:
    sql.execute(
        "insert into plan_job_types (job_type, max_enqueues, enqueue_window_seconds) "
        "values ('story', 3, 3600)"
    )
    settings = make_settings(stack)
    ours = Supajobs(settings, job_types=[*create_job_types(settings).values(), story])
    async with serve(ours.app) as api:
        address = str(api.base_url).rstrip("/")
        write_apps(
            tmp_path,
            **{
                "https://api.example.com": address,
                "https://your-project-ref.supabase.co": stack.api_url,
                "sb_publishable_…": stack.publishable_key,
            },
        )
        seen = await drive(
            {
                **os.environ,
                **stack.environment,
                "APPS": str(tmp_path),
                "CLIENT": built.as_uri(),
                "CRON_SECRET": CRON_SECRET,
                "TOKEN": person.access_token,
            }
        )
    assert seen == {
        "page": "told",
        "screen": "told",
        "route": [202, "Owl falls asleep."],
        "stranger": 401,
        "onDevice": "made here",
        "fallback": "object",
        "onServer": "object",
        "percentages": True,
        "nothing": None,
        "asked": [202, "string"],
        "tooMany": [429, "rate_limited"],
        "refused": [422, "invalid_request"],
    }


async def drive(environment: dict[str, str]) -> Any:
    process = await asyncio.create_subprocess_exec(
        *(NODE, APPS / "drive.mjs"),
        env=environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    return json.loads(output)
