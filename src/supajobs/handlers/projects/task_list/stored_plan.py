"""The plan of a commit, as `supajobs.store_project` takes it."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from supajobs.handlers.projects.task_list.parsing import parse
from supajobs.handlers.projects.task_list.plan_files import find_plan_files
from supajobs.handlers.projects.task_list.progress import compute_progress
from supajobs.handlers.projects.task_list.tasks import Task
from supajobs.handlers.projects.tree import Tree, TreeFile


async def read_plan(tree: Tree, pattern: str) -> dict[str, Any]:
    """The columns of the project, and its tasks as rows.

    Without progress where no plan can be read: the column is null then, as 0 is said of a plan that
    nothing is done of.
    """
    # In threads: a repository has many paths, and a plan much to say.
    chosen = await asyncio.to_thread(_choose, tree.files, pattern)
    contents = [(file.path, content) async for file, content in tree.read(chosen)]
    plan = await asyncio.to_thread(_list_columns, contents)
    if not chosen:
        warning = _warn(pattern, "no_plan_file", "No file of the repository is meant.")
        plan["warnings"].append(warning)
    plan["warnings"] += [
        _warn(each.path, "file_too_large", "It is too large to be read.")
        for each in chosen
        if each.size is None
    ]
    return plan


def _choose(files: Sequence[TreeFile], pattern: str) -> list[TreeFile]:
    """The files of the plan in the order in which they are read."""
    by_path = {each.path: each for each in files}
    return [by_path[path] for path in find_plan_files(by_path, pattern)]


def _list_columns(contents: list[tuple[str, bytes]]) -> dict[str, Any]:
    plan = parse(contents)
    columns: dict[str, Any] = {
        "title": plan.title,
        "warnings": [asdict(each) for each in plan.warnings],
        "tasks": [_list_task_columns(task, plan.tasks) for task in plan.tasks],
    }
    if plan.files:
        columns["progress"] = asdict(compute_progress(plan.tasks))
    return columns


def _list_task_columns(task: Task, tasks: list[Task]) -> dict[str, Any]:
    columns = asdict(task)
    del columns["parent"]
    return {**columns, "parent_key": None if task.parent is None else tasks[task.parent].key}


def _warn(path: str, code: str, message: str) -> dict[str, Any]:
    return {"path": path, "line": None, "code": code, "message": message}
