"""What becomes of checks that fail in ways of their own, and how the command tells it."""

from collections.abc import AsyncGenerator
from http import HTTPStatus
from pathlib import Path
from typing import NoReturn

import pytest
from tests.cli.running import run
from tests.doctor.findings import Break, Diagnose, not_ok
from tests.doctor.gateway import Gateway
from tests.parts import CRON_SECRET, make_settings
from tests.stand_in import Reply

from supajobs.doctor.examination import CHECKS, Check, examine, open_project
from supajobs.doctor.finding import Finding, Verdict, ok
from supajobs.doctor.project import Project
from supajobs.local.stack import StackInfo

DESCRIBE = "/rest/v1/rpc/describe_plan_schema"


async def fail(_project: Project) -> NoReturn:
    raise ValueError("sb_secret_x is not what it should be")


async def succeed(_project: Project) -> Verdict:
    return ok("Well.")


@pytest.fixture
async def project(stack: StackInfo) -> AsyncGenerator[Project]:
    async with open_project(make_settings(stack)) as project:
        yield project


async def test_a_check_that_crashes_says_so_and_the_others_go_on(project: Project) -> None:
    checks = (
        Check("first", fail),
        Check("after_first", succeed, ("first",)),
        Check("after_that", succeed, ("after_first",)),
        Check("other", succeed),
    )
    findings = [finding async for finding in examine(project, checks)]
    assert [finding.status.value for finding in findings] == ["error", "skipped", "skipped", "ok"]
    assert "The check itself failed: ValueError in test_examination.py:" in findings[0].message
    assert "sb_secret" not in findings[0].message
    assert findings[0].remedy
    assert findings[1].message == "Not before first is well."


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        (
            Reply('{"code": "42501", "message": "permission denied"}', HTTPStatus.FORBIDDEN),
            "permission denied",
        ),
        (Reply("[]"), "did not answer in time"),
    ],
)
async def test_the_database_gives_no_answer(
    diagnose: Diagnose, front: Gateway, reply: Reply, said: str
) -> None:
    front.replies[DESCRIBE] = reply
    findings = await diagnose(supabase_url=front.url)
    assert findings["migrations"].status == "error"
    assert said in findings["migrations"].message
    assert findings["schema"].status == "skipped"


async def test_a_function_that_a_check_needs_is_gone(diagnose: Diagnose, broken: Break) -> None:
    with broken(
        "alter function describe_plan_triggers() rename to away",
        "alter function away() rename to describe_plan_triggers",
    ):
        findings = await diagnose()
    assert not_ok(findings)["schema"] == "error"
    assert "The database refused: PGRST202" in findings["pg_cron"].message


@pytest.fixture
def env(stack: StackInfo, process_url: str) -> dict[str, str]:
    return {**stack.environment, "CRON_SECRET": CRON_SECRET}


async def test_the_command_marks_each_check(tmp_path: Path, env: dict[str, str]) -> None:
    ran = await run("doctor", env=env, cwd=tmp_path)
    assert (ran.code, ran.err) == (0, "")
    marks = [line.split(":")[0] for line in ran.out.splitlines()]
    assert marks == [f"✓ {check.name}" for check in CHECKS if not check.family]


async def test_a_warning_is_no_failure(tmp_path: Path, env: dict[str, str]) -> None:
    ran = await run("doctor", env={**env, "CRON_SECRET": ""}, cwd=tmp_path)
    assert ran.code == 0
    assert "! processor_endpoint: CRON_SECRET is not set here" in ran.out
    assert "\n    → Set CRON_SECRET" in ran.out


async def test_an_error_is_one(tmp_path: Path, env: dict[str, str], stack: StackInfo) -> None:
    swapped = {
        "SUPABASE_PUBLISHABLE_KEY": stack.secret_key,
        "SUPABASE_SECRET_KEY": stack.publishable_key,
    }
    ran = await run("doctor", env={**env, **swapped}, cwd=tmp_path)
    assert (ran.code, ran.err) == (1, "")
    assert "✗ secret_key: SUPABASE_SECRET_KEY is a publishable key" in ran.out
    assert "- queue: Not before migrations is well." in ran.out
    assert stack.secret_key not in ran.out


async def test_findings_as_json(tmp_path: Path, env: dict[str, str]) -> None:
    ran = await run("doctor", "--json", env=env, cwd=tmp_path)
    findings = [Finding.model_validate(each) for each in ran.document["findings"]]
    assert (ran.code, ran.err) == (0, "")
    assert [finding.check for finding in findings] == [
        check.name for check in CHECKS if not check.family
    ]

    unreachable = {**env, "SUPABASE_URL": "http://127.0.0.1:9"}
    ran = await run("doctor", "--json", env=unreachable, cwd=tmp_path)
    findings = [Finding.model_validate(each) for each in ran.document["findings"]]
    assert (ran.code, ran.err) == (1, "")
    assert [finding.status.value for finding in findings] == ["error"] + ["skipped"] * 16


async def test_missing_settings_are_named(tmp_path: Path) -> None:
    ran = await run("doctor", env={}, cwd=tmp_path)
    assert (ran.code, ran.out) == (2, "")
    assert "SUPABASE_SECRET_KEY" in ran.err
