"""Headings and items with a box, in the order of a Markdown document."""

import re
from collections.abc import Container, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.token import Token

from supajobs.handlers.projects.task_list.tasks import State, Warn

MAX_NESTING = 40  # levels; a list within a list is two further ones
MAX_TOKENS = 100_000  # of a file; 10,000 tasks are some 60,000

_STATES: dict[str, State] = {" ": "open", "x": "done", "X": "done", "~": "doing", "-": "dropped"}
_BOX = re.compile(r"\[([^\d\n\[\]\\]?)\]([ \t\n]+|$|(?=[^\s(\[:]))")
_ITEM_LINE = re.compile(r"^([ \t]*(?:[-*+]|[0-9]{1,9}[.)])[ \t]+)\[[ xX~-]\][ \t]", re.MULTILINE)
_BEFORE_TEXT = {"list_item_open", "paragraph_open", "heading_open"}
_BARE_BOX = re.compile(r"^\[[ xX~-]\][ \t]+[^ \t]")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading, which no list or quotation is around."""

    line: int
    level: int
    source: str
    """Its Markdown."""


@dataclass(frozen=True, slots=True)
class BoxedItem:
    """An item of a list that starts with a box."""

    line: int
    state: State
    source: str
    """Its Markdown, without the box."""
    parent: int | None
    """Which of the items before it, counted from 0, it is within."""
    number: str | None
    """From numbered lists, as 1.2."""


@dataclass(frozen=True, slots=True)
class MarkdownTasks:
    """What was found in a document."""

    found: list[Heading | BoxedItem]
    env: dict[str, Any]
    """With the addresses that links refer to."""


@dataclass(slots=True)
class _Item:
    """A list item around what is being read."""

    number: str | None
    task: int | None
    is_empty: bool = True


def _create_markdown() -> MarkdownIt:
    """A parser that no document can make nest or collect without end."""
    markdown = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING + 10}).enable("table")
    markdown.disable(["inline", "text_join"])  # of all paragraphs; few of them are tasks
    markdown.block.ruler.before("table", "bounds", _keep_bounds)
    return markdown


def _keep_bounds(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001 - markdown-it's
    """Leaves out what is too deep, line by line, and what comes after too much.

    markdown-it itself leaves out all that follows what is too deep.
    """
    if silent:
        return False
    if len(state.tokens) >= MAX_TOKENS:
        state.env.setdefault("too_long", start)
        state.line = end
    elif state.level >= MAX_NESTING:
        state.env.setdefault("too_deep", start)
        state.line = start + 1
    else:
        return False
    return True


_MARKDOWN = _create_markdown()


def find_tasks(text: str, warn: Warn) -> MarkdownTasks:
    """The headings and boxed items of a document."""
    env: dict[str, Any] = {}
    tokens = _MARKDOWN.parse(text, env)
    reading = _Reading(env.get("references", {}), warn)
    reading.read(tokens)
    if (line := env.get("too_deep")) is not None:
        warn(line + 1, "too_deep", "What is nested too deep is left out, here and further on.")
    if (line := env.get("too_long")) is not None:
        warn(line + 1, "file_too_large", "The file is too large; the rest is left out.")
    return MarkdownTasks(reading.found, env)


class _Reading:
    """Goes through the tokens of a document once."""

    def __init__(self, addresses: Container[str], warn: Warn) -> None:
        """`addresses`: what [x] may refer to, in capitals."""
        self.found: list[Heading | BoxedItem] = []
        self._addresses = addresses
        self._warn = warn
        self._count = 0
        self._items: list[_Item] = []
        self._lists: list[int | None] = []  # which number is the next one

    def read(self, tokens: Sequence[Token]) -> None:
        for before, token in pairwise([Token("", "", 0), *tokens]):
            match token.type:
                case "inline":
                    self._read_text(before, token)
                case "fence":
                    self._check_fence(token)
                case "code_block" | "html_block":
                    self._check_hidden(token)
                case _:
                    self._follow_lists(token)
            if self._items and token.type not in _BEFORE_TEXT:
                self._items[-1].is_empty = False

    def _follow_lists(self, token: Token) -> None:
        match token.type:
            case "bullet_list_open":
                self._lists.append(None)
            case "ordered_list_open":
                self._lists.append(int(token.attrs.get("start", 1)))
            case "bullet_list_close" | "ordered_list_close":
                self._lists.pop()
            case "list_item_open":
                self._open_item()
            case "list_item_close":
                self._items.pop()
            case _:
                pass

    def _open_item(self) -> None:
        around = self._items[-1] if self._items else _Item(None, None)
        number = None
        if (count := self._lists[-1]) is not None:
            self._lists[-1] = count + 1
            number = f"{around.number}.{count}" if around.number else str(count)
        self._items.append(_Item(number, around.task))

    def _read_text(self, before: Token, token: Token) -> None:
        """Reads a heading, or a paragraph."""
        line = _start(token) + 1
        if before.type == "heading_open" and not before.level:
            self.found.append(Heading(line, int(before.tag[1:]), _without_box(token.content)))
        elif before.type in {"heading_open", "paragraph_open"}:
            (_, first), *others = _split_items(token.content)
            item = self._items[-1] if self._items else None
            if item and item.is_empty:
                item.task = self._read_item(line, first, item.task, item.number)
            elif _BARE_BOX.match(first):
                self._warn(line, "no_list", "A box without - or * before it is no task.")
            for offset, source in others:
                message = "The task is indented as if it was text of what is above it."
                self._warn(line + offset, "odd_indent", message)
                self._read_item(line + offset, source, item.task if item else None, None)

    def _read_item(
        self, line: int, source: str, parent: int | None, number: str | None
    ) -> int | None:
        """Which task the text is, or is within."""
        if not (box := _BOX.match(source)):
            return parent
        rest = source[box.end() :]
        if not rest.strip():
            self._warn(line, "no_text", "A box without text is no task.")
            return parent
        if not (state := _STATES.get(box[1])):
            if not box[2] or box[1].upper() in self._addresses:
                return parent
            self._warn(line, "unknown_mark", f"[{box[1]}] is read as [ ].")
        elif not box[2]:
            self._warn(line, "no_space", "There is no space after the box.")
        self.found.append(BoxedItem(line, state or "open", rest, parent, number))
        self._count += 1
        return self._count - 1

    def _check_fence(self, token: Token) -> None:
        start, end = token.map or (0, 0)
        if end - start - token.content.count("\n") < len(("opening", "closing")):
            lost = len(_ITEM_LINE.findall(token.content))
            message = f"The code block has no end; {lost} lines in it look like tasks."
            self._warn(start + 1, "unclosed_fence", message)

    def _check_hidden(self, token: Token) -> None:
        """Tells of tasks that are none to Markdown: indented as code, or amid HTML."""
        is_comment = token.content.lstrip().startswith("<!--")
        if is_comment and "-->" not in token.content:
            self._warn(_start(token) + 1, "unclosed_comment", "The comment has no end.")
        elif not is_comment and (first := _ITEM_LINE.search(token.content)):
            line = _start(token) + 1 + token.content.count("\n", 0, first.start())
            where = "indented as code" if token.type == "code_block" else "amid HTML"
            message = f"What looks like a task is {where}, and is none."
            self._warn(line, "hidden_task", message)


def _start(token: Token) -> int:
    return token.map[0] if token.map else 0


def _without_box(source: str) -> str:
    box = _BOX.match(source)
    return source[box.end() :] if box else source


def _split_items(content: str) -> list[tuple[int, str]]:
    """A paragraph, parted before each further line that is like an item: at which line, what."""
    lines = content.split("\n")
    items = {index: found for index, line in enumerate(lines) if (found := _ITEM_LINE.match(line))}
    starts = sorted({0, *items})
    return [
        (start, "\n".join(lines[start:end])[items[start].end(1) if start else 0 :])
        for start, end in pairwise([*starts, len(lines)])
    ]
