"""Cutting a migration file into its statements, as the Supabase CLI records them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# Everything inside which a semicolon does not end a statement, and the words that open and
# close such a stretch. Alternatives are tried in order, so comments and quotes win over words.
_TOKEN = re.compile(
    r"""
      (?P<comment> --[^\n]* | /\* )
    | (?P<quoted> \b[eE]'(?:[^'\\]|\\.|'')*' | '(?:[^']|'')*' | "(?:[^"]|"")*" )
    | (?P<dollar> (?<![\w$])\$(?:[^\W\d]\w*)?\$ )
    | (?P<atomic> \bbegin\s+atomic\b )
    | (?P<case> \bcase\b )
    | (?P<end> \bend\b )
    | (?P<punctuation> [();] )
    """,
    re.VERBOSE | re.IGNORECASE | re.DOTALL,
)
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_SOMETHING = re.compile(r"\S")


class Statement(NamedTuple):
    """One statement without its semicolon, with the comments before it.

    `line` is where the text begins in the file; `code` is the offset behind those comments.
    """

    text: str
    line: int
    code: int


def split_statements(script: str) -> list[Statement]:
    """Cut a script at the semicolons that end statements; comments between them are kept."""
    statements: list[Statement] = []
    start = 0
    for end in [*_statement_ends(script), len(script)]:
        text = script[start:end].lstrip()
        line = script.count("\n", 0, end - len(text)) + 1
        if (code := _first_code(text)) is not None:
            statements.append(Statement(text.rstrip(), line, code))
        start = end + 1
    return statements


def _statement_ends(script: str) -> Iterator[int]:
    parentheses = blocks = position = 0
    while token := _TOKEN.search(script, position):
        position = token.end()
        match token.lastgroup, token[0]:
            case "comment", "/*":
                position = _end_of_comment(script, position)
            case "dollar", tag:
                closing = script.find(tag, position)
                position = len(script) if closing < 0 else closing + len(tag)
            case "atomic", _:
                blocks += 1
            case "case", _ if blocks:
                blocks += 1
            case "end", _ if blocks:
                blocks -= 1
            case _, "(":
                parentheses += 1
            case _, ")":
                parentheses -= 1
            case _, ";" if not blocks and parentheses <= 0:
                parentheses = 0
                yield token.start()
            case _:
                pass


def _end_of_comment(script: str, position: int) -> int:
    depth = 1  # comments nest in SQL
    while depth and (edge := _COMMENT_EDGE.search(script, position)):
        depth += 1 if edge[0] == "/*" else -1
        position = edge.end()
    return len(script) if depth else position


def _first_code(text: str) -> int | None:
    """Return where the statement begins behind its comments, or None if there is no statement."""
    position = 0
    while found := _SOMETHING.search(text, position):
        position = found.start()
        if text.startswith("--", position):
            newline = text.find("\n", position)
            position = len(text) if newline < 0 else newline
        elif text.startswith("/*", position):
            position = _end_of_comment(text, position + 2)
        else:
            return position
    return None
