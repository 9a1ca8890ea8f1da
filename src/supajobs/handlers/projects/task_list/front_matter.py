"""The YAML between two lines of `---` at the start of a file."""

import datetime as dt
import re
from collections.abc import Callable, Iterator
from typing import Any, cast

import yaml

from supajobs.handlers.projects.task_list.dates import read_date
from supajobs.handlers.projects.task_list.one_line import make_line
from supajobs.handlers.projects.task_list.tasks import PlanFile, Warn

MAX_FRONT_MATTER = 16_384  # characters
MAX_DEPTH = 8  # of what is nested in it
MAX_VALUE = 500  # characters
MAX_OWNERS = 20

# Without a key after it, the line is one across the page, and tasks may follow.
_OPENING = re.compile(r"---[ \t]*\n\s*[A-Za-z_][\w-]*[ \t]*:")
_CLOSING = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.MULTILINE)


class _PlainLoader(yaml.SafeLoader):
    """Without what front matter has no need of, and a bomb is made of."""

    _depth = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event = cast("Callable[[], Any]", self.peek_event)()  # pyright: ignore[reportUnknownMemberType] - an untyped stub
        if isinstance(event, yaml.AliasEvent):
            problem = "aliases are refused"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        if self._depth == MAX_DEPTH:
            problem = f"it is nested deeper than {MAX_DEPTH} levels"
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        self._depth += 1
        node = super().compose_node(parent, index)
        self._depth -= 1
        return node


def read_front_matter(path: str, text: str, warn: Warn) -> tuple[PlanFile, str]:
    """What it says, and the text with empty lines in its place, so that the others keep theirs."""
    if not _OPENING.match(text):
        return PlanFile(path), text
    start = text.index("\n") + 1
    if not (closing := _CLOSING.search(text, start, start + MAX_FRONT_MATTER)):
        message = f"The front matter has no end within {MAX_FRONT_MATTER} characters."
        warn(1, "front_matter", message)
        return PlanFile(path), text
    rest = "\n" * text.count("\n", 0, closing.end()) + text[closing.end() :]
    return _read_yaml(path, text[start : closing.start()], warn), rest


def _read_yaml(path: str, source: str, warn: Warn) -> PlanFile:
    try:
        root = _PlainLoader(source).get_single_node()
    except (yaml.YAMLError, ValueError, OverflowError) as error:  # as escapes beyond Unicode raise
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or "it is no YAML"
        warn(mark.line + 2 if mark else 1, "front_matter", f"Front matter: {reason}.")
        return PlanFile(path)
    return _read_values(path, dict(_list_values(root)), warn)


def _list_values(root: yaml.Node | None) -> Iterator[tuple[str, yaml.Node]]:
    if isinstance(root, yaml.MappingNode):
        for key, value in root.value:
            if isinstance(key, yaml.ScalarNode):
                yield key.value.lower().replace("-", "_"), value


def _read_values(path: str, values: dict[str, yaml.Node], warn: Warn) -> PlanFile:
    def read_text(key: str) -> str | None:
        return next(_list_texts(values.get(key)), None)

    def read_day(*keys: str) -> dt.date | None:
        key = next((key for key in keys if read_text(key)), "")
        day = read_date(read_text(key) or "")
        if key and not day:
            line = values[key].start_mark.line + 2
            warn(line, "unreadable_date", f"`{key}` is no date like 2026-12-31.")
        return day

    owners = [*_list_texts(values.get("owner")), *_list_texts(values.get("owners"))]
    return PlanFile(
        path,
        title=read_text("title"),
        description=read_text("description"),
        status=read_text("status"),
        owners=[owner.removeprefix("@") for owner in owners][:MAX_OWNERS],
        starts_on=read_day("start", "starts_on", "start_date"),
        due=read_day("due", "due_date", "deadline"),
    )


def _list_texts(node: yaml.Node | None) -> Iterator[str]:
    """What is said by a value, or by each of several."""
    for each in node.value if isinstance(node, yaml.SequenceNode) else [node]:
        if isinstance(each, yaml.ScalarNode) and (text := make_line(each.value, MAX_VALUE)):
            yield text
