"""The bytes of a file as lines of text, whatever they are."""

import codecs
import re

from supajobs.handlers.projects.task_list.tasks import Warn
from supajobs.storable import clean

MAX_FILE_BYTES = 2**20  # 10,000 tasks with all that can be said of them
MAX_LINES = 30_000
MAX_LINE = 10_000  # characters

_LINE_END = re.compile(r"\r\n?|\n")
_ENCODINGS = [  # that of 32 bits first: its mark starts with that of 16
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
]
_LFS_POINTER = b"version https://git-lfs.github.com/spec/"


def read_text(content: bytes, warn: Warn) -> str | None:
    r"""The text, each line ended by \n; what cannot be text is U+FFFD in it.

    None: it is elsewhere.
    """
    if content.startswith(_LFS_POINTER):
        warn(1, "lfs_pointer", "The file is in Git LFS; here is only a pointer to it.")
        return None
    text = _LINE_END.sub("\n", _decode(content, warn))
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        warn(line, "nul", "The file has characters U+0000, as binary files do.")
    return "".join(f"{line}\n" for line in _cut_lines(clean(text), warn))


def _decode(content: bytes, warn: Warn) -> str:
    mark, encoding = next(
        (each for each in _ENCODINGS if content.startswith(each[0])), (b"", "utf-8")
    )
    kept = content[len(mark) : len(mark) + MAX_FILE_BYTES]
    is_whole = len(mark) + len(kept) == len(content)
    decoder = codecs.getincrementaldecoder(encoding)
    try:
        text = decoder().decode(kept, final=is_whole)
    except UnicodeDecodeError as error:
        line = _count_lines(kept[: error.start].decode(encoding, "replace"))
        warn(line, "not_unicode", f"The file is not {encoding.upper()}.")
        text = decoder("replace").decode(kept, final=is_whole)
    if not is_whole:
        message = f"The file has more than {MAX_FILE_BYTES} bytes; the rest is left out."
        warn(_count_lines(text), "file_too_large", message)
    return text


def _count_lines(text: str) -> int:
    return len(_LINE_END.findall(text)) + 1


def _cut_lines(text: str, warn: Warn) -> list[str]:
    lines = text.removesuffix("\n").split("\n", MAX_LINES)
    if len(lines) > MAX_LINES:
        lines.pop()
        message = f"The file has more than {MAX_LINES} lines; the rest is left out."
        warn(MAX_LINES, "file_too_large", message)
    for index, line in enumerate(lines):
        if len(line) > MAX_LINE:
            lines[index] = line[:MAX_LINE]
            warn(index + 1, "line_too_long", f"The line is cut to {MAX_LINE} characters.")
    return lines
