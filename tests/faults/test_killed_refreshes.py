"""A worker dies by kill -9 while git clones for it: nothing stays, and the job runs again."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest
from tests.handlers.projects.repositories import Repository
from tests.parts import Person, Sql, expire_lease
from tests.serving import eventually

from supajobs.handlers.projects import PROJECT_REFRESH, Projects
from supajobs.local.stack import StackInfo
from supajobs.queue.database import Database
from supajobs.queue.job_queue import JobQueue

# Git, which at a clone waits as long as a file is there.
SLOW_GIT = """#!/bin/sh
case "$*" in *clone*) touch {folder}/cloning; while [ -e {folder}/slow ]; do sleep 0.1; done ;; esac
exec {git} "$@"
"""


@pytest.fixture
def start_worker(stack: StackInfo, tmp_path: Path) -> Generator[Callable[[], Any]]:
    """Starts a worker whose git is slow, and whose temporary files have a folder of their own."""
    git = tmp_path / "bin" / "git"
    git.parent.mkdir()
    git.write_text(SLOW_GIT.format(folder=tmp_path, git=shutil.which("git")))
    git.chmod(0o755)
    (tmp_path / "temporary").mkdir()
    started: list[subprocess.Popen[bytes]] = []

    def start_worker() -> subprocess.Popen[bytes]:
        worker = subprocess.Popen(
            [sys.executable, "-m", "supajobs", "work"],
            cwd=tmp_path,
            env={
                **stack.environment,
                "PATH": f"{git.parent}:{os.environ['PATH']}",
                "TMPDIR": str(tmp_path / "temporary"),
                "JOB_FAMILIES": "projects",
                "FILE_REPOSITORIES": "true",
                "WORKER_POLL_SECONDS": "0.2",
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        started.append(worker)
        return worker

    yield start_worker
    for worker in started:
        worker.kill()
        worker.wait()


def find_gits(folder: Path) -> list[int]:
    """Those that the worker's git has become, or is about to."""
    found = psutil.process_iter(["pid", "cmdline"])
    return [each.pid for each in found if str(folder / "bin") in str(each.info["cmdline"])]


async def test_a_refresh_is_done_once_by_who_comes_next(
    database: Database,
    queue: JobQueue,
    person: Person,
    sql: Sql,
    tmp_path: Path,
    start_worker: Callable[[], Any],
    read_job: Callable[[UUID], Any],
) -> None:
    repository = Repository(tmp_path / "website")
    repository.commit({"PLAN.md": "- [x] Begin\n- [ ] End\n"})
    columns = {"name": "website", "repository_url": repository.url}
    project, _ = await Projects(database).add(person.id, columns)
    enqueued = await queue.enqueue(
        user_id=person.id, job_type=PROJECT_REFRESH, params={}, project_id=project.id
    )
    job_id = enqueued.job.id

    async def cloning() -> bool:
        return (tmp_path / "cloning").exists()

    async def nothing_runs() -> bool:
        return not find_gits(tmp_path)

    async def completed() -> bool:
        return read_job(job_id)["status"] == "completed"

    (tmp_path / "slow").touch()
    worker = start_worker()
    await eventually(cloning)
    worker.kill()
    worker.wait()
    await eventually(nothing_runs)
    assert list((tmp_path / "temporary").glob("supajobs-git-*"))

    (tmp_path / "slow").unlink()
    expire_lease(sql, job_id)
    start_worker()
    await eventually(completed)
    assert list((tmp_path / "temporary").glob("supajobs-git-*")) == []
    assert read_job(job_id)["crash_count"] == 1
    refreshes = sql.execute(
        "select changes ->> 'added' as added from plan_project_refreshes where project_id = %s",
        [project.id],
    ).fetchall()
    assert [row["added"] for row in refreshes] == ["2"]
