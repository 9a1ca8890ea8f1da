"""Plans for the tests, and short ways to what is said of them."""

from supajobs.handlers.projects.task_list import Task, TaskList, parse

PATH = "docs/plan.md"


def read(text: str | bytes) -> TaskList:
    """What a single plan says."""
    return parse([(PATH, text.encode() if isinstance(text, str) else text)])


def read_task(text: str) -> Task:
    """The only task of a plan, which nothing is to be warned of."""
    plan = read(f"- [ ] {text}\n")
    assert not plan.warnings
    [task] = plan.tasks
    return task


def texts(plan: TaskList) -> list[str]:
    return [task.text for task in plan.tasks]


def codes(plan: TaskList) -> list[tuple[int, str]]:
    """What is warned of, and in which lines."""
    return [(warning.line, warning.code) for warning in plan.warnings]
