"""The text of a heading or task: plain, and with what is no prose hidden."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.token import Token

from supajobs.handlers.projects.task_list.one_line import make_plain

MAX_MARKDOWN = 2_000  # characters of one paragraph that are looked at
MAX_NESTING = 10
MAX_MARKS = 100  # of one kind; a paragraph that has more is no Markdown
MAX_LINKS = 20
MAX_LINK = 2_000  # characters

_MARKS = "[<*_~`&\\"
_HIDDEN = "\0"  # which no plain text has
_WEB = re.compile(r"https?://[^\s<>\"\0]+", re.IGNORECASE)
_AFTER_ADDRESS = ".,;:!?'*_)]}"


@dataclass(slots=True)
class InlineText:
    """Two texts of one length: as it is shown, and with code and addresses made unreadable."""

    shown: str
    prose: str
    links: list[str]

    def cut(self, start: int, end: int) -> None:
        """Takes a part out of both."""
        self.shown = self.shown[:start] + self.shown[end:]
        self.prose = self.prose[:start] + self.prose[end:]


_MARKDOWN = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING}).enable("strikethrough")


def read_inline(source: str, env: dict[str, Any]) -> InlineText:
    """What the Markdown of a paragraph says; `env` knows the addresses of its document."""
    source = source[:MAX_MARKDOWN]
    tokens: list[Token] = []
    if any(source.count(mark) > MAX_MARKS for mark in _MARKS):
        tokens.append(Token("text", "", 0, content=source))
    else:
        _MARKDOWN.inline.parse(source, _MARKDOWN, env, tokens)
    shown, prose = "", ""
    for token in tokens:
        text = _read_token(token)
        shown += text
        prose += _hide(text) if token.type == "code_inline" else text
    links = dict.fromkeys(link for link in _list_links(tokens) if _may_follow(link))
    prose = _WEB.sub(lambda found: _hide(found[0]), prose)
    return InlineText(shown, prose, list(links)[:MAX_LINKS])


def _hide(text: str) -> str:
    return _HIDDEN * len(text)


def _read_token(token: Token) -> str:
    match token.type:
        case "text" | "text_special" | "code_inline" | "image":
            return make_plain(token.content)
        case "softbreak" | "hardbreak":
            return " "
        case "html_inline" if token.content.lower().startswith("<br"):
            return " "
        case _:
            return ""


def _list_links(tokens: list[Token]) -> Iterator[str]:
    within = 0
    for token in tokens:
        within += token.nesting if token.type.startswith("link_") else 0
        if token.type in {"link_open", "image"}:
            yield str(token.attrs.get("href") or token.attrs.get("src") or "")
        elif token.type == "text" and not within:
            yield from map(_end_address, _WEB.findall(token.content))


def _end_address(found: str) -> str:
    """Without the punctuation of the sentence around it; brackets of its own are kept."""
    return found.rstrip(_AFTER_ADDRESS.replace(")", "") if "(" in found else _AFTER_ADDRESS)


def _may_follow(link: str) -> bool:
    """Whether it leads to the web or into the repository, and a page may show it."""
    plain = make_plain(link)
    scheme, colon, _ = link.partition(":")
    leads_elsewhere = link.startswith("//") or (  # mailto:, //host
        colon and not set(scheme) & set("/?#") and scheme.lower() not in {"http", "https"}
    )
    return link == plain and 0 < len(link) <= MAX_LINK and not leads_elsewhere
