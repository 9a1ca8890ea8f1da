"""The plan files of a project as one list of tasks."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from itertools import islice

from supajobs.handlers.projects.task_list.file_text import MAX_FILE_BYTES, read_text
from supajobs.handlers.projects.task_list.front_matter import read_front_matter
from supajobs.handlers.projects.task_list.inline_text import InlineText, read_inline
from supajobs.handlers.projects.task_list.keys import TaskKeys
from supajobs.handlers.projects.task_list.markdown_tasks import (
    BoxedItem,
    Heading,
    find_tasks,
)
from supajobs.handlers.projects.task_list.one_line import make_line
from supajobs.handlers.projects.task_list.task_fields import read_fields
from supajobs.handlers.projects.task_list.tasks import (
    MAX_PHASES,
    Phase,
    PlanFile,
    Task,
    TaskList,
    Warn,
    Warnings,
)
from supajobs.storable import clean

MAX_FILES = 100
MAX_BYTES = 2 * 2**20  # of all files
MAX_TASKS = 10_000
MAX_NAME = 200  # characters of a heading


def parse(files: Iterable[tuple[str, bytes]]) -> TaskList:
    """What the files say, as far as they can be read; the warnings tell where they cannot.

    It takes the CPU for as long as there is much to read: 5,000 tasks take a second.

    Args:
        files: each with its path in the repository.
    """
    reading = _Reading()
    given = iter(files)
    for path, content in islice(given, MAX_FILES):
        reading.read(clean(path), content)
    for path, _ in islice(given, 1):
        message = f"More than {MAX_FILES} plan files; this and further ones are left out."
        reading.warnings.add(clean(path), 1, "too_many_files", message)
    return TaskList(reading.tasks, reading.phases, reading.warnings.order(), reading.files)


class _Reading:
    """What was read so far."""

    def __init__(self) -> None:
        self.tasks: list[Task] = []
        self.phases: list[Phase] = []
        self.files: list[PlanFile] = []
        self.warnings = Warnings()
        self._known_phases: set[tuple[str, ...]] = set()
        self._keys = TaskKeys()
        self._unfinished: set[int] = set()
        self._bytes = 0

    def read(self, path: str, content: bytes) -> None:
        """Adds what a file says."""
        warn = partial(self.warnings.add, path)
        self._bytes += min(len(content), MAX_FILE_BYTES)
        if self._bytes > MAX_BYTES:
            message = f"The files have more than {MAX_BYTES} bytes; this one is left out."
            warn(1, "files_too_large", message)
            return
        try:
            self._read_file(path, content, warn)
        except Exception as error:  # noqa: BLE001 - whatever a parser stumbles at, the others are read
            warn(1, "unreadable", f"The file cannot be read: {type(error).__name__}.")

    def _read_file(self, path: str, content: bytes, warn: Warn) -> None:
        if (text := read_text(content, warn)) is None:
            return
        file, text = read_front_matter(path, text, warn)
        document = find_tasks(text, warn)

        def read(each: Heading | BoxedItem) -> InlineText:
            return read_inline(each.source, document.env)

        title = _find_title(document.found)
        if title and not file.title:
            file = replace(file, title=make_line(read(title).shown, MAX_NAME) or None)
        self.files.append(file)
        first, phase = len(self.tasks), Phase(path, 1, [])
        levels: list[int] = []
        for each in document.found:
            if isinstance(each, BoxedItem):
                if len(self.tasks) == MAX_TASKS:
                    message = f"More than {MAX_TASKS} tasks; this and further ones are left out."
                    warn(each.line, "too_many_tasks", message)
                    return
                self._add_task(each, read(each), phase, first, warn)
            elif each is not title:
                levels = [level for level in levels if level < each.level]
                names = [*phase.names[: len(levels)], make_line(read(each).shown, MAX_NAME)]
                levels.append(each.level)
                phase = self._add_phase(Phase(path, each.line, names), warn)

    def _add_phase(self, phase: Phase, warn: Warn) -> Phase:
        """Adds it, unless there is one of that name."""
        name = (phase.path, *phase.names)
        if name in self._known_phases:
            return phase
        self._known_phases.add(name)
        if len(self.phases) < MAX_PHASES:
            self.phases.append(phase)
        elif len(self._known_phases) == MAX_PHASES + 1:
            message = f"More than {MAX_PHASES} phases; this and further ones are not listed."
            warn(phase.line, "too_many_phases", message)
        return phase

    def _add_task(
        self, item: BoxedItem, text: InlineText, phase: Phase, first: int, warn: Warn
    ) -> None:
        """Adds it; `first` is the position of the first task of its file."""
        fields = read_fields(text, item.line, warn)
        parent = None if item.parent is None else self.tasks[first + item.parent]
        self._check_parent(parent, item, warn)
        key = self._keys.make(
            phase.path, *phase.names, parent.key if parent else "", fields.likeness
        )
        self.tasks.append(
            Task(
                key=key,
                path=phase.path,
                line=item.line,
                position=len(self.tasks),
                parent=parent.position if parent else None,
                phase=phase.names,
                text=fields.text,
                state=item.state,
                due=fields.due,
                owners=fields.owners,
                weight=1.0 if fields.weight is None else fields.weight,
                estimated=fields.weight is not None,
                links=text.links,
                number=fields.number or item.number,
            )
        )

    def _check_parent(self, parent: Task | None, item: BoxedItem, warn: Warn) -> None:
        if (
            parent
            and parent.state == "done"
            and item.state in {"open", "doing"}
            and parent.position not in self._unfinished
        ):
            self._unfinished.add(parent.position)
            warn(parent.line, "open_below_done", "The task is done, but not all that is below it.")


def _find_title(found: Sequence[Heading | BoxedItem]) -> Heading | None:
    """The only heading of the first level, if it is the first of all."""
    headings = [each for each in found if isinstance(each, Heading)]
    if not headings or headings[0].level > 1:
        return None
    return None if any(each.level == 1 for each in headings[1:]) else headings[0]
