"""On which line of a manifest a name stands: parsers of TOML and JSON do not tell."""

import re
from bisect import bisect_left
from collections import defaultdict

_WORD = re.compile(r"[\w@./-]+")


class Lines:
    """The words of a text, read once: a search for each of thousands of names takes too long."""

    def __init__(self, text: str) -> None:
        self._lines: defaultdict[str, list[int]] = defaultdict(list)
        for number, line in enumerate(text.split("\n"), 1):
            words = _WORD.findall(line)
            if line.startswith("["):  # a table, also known by the parts of its name
                words += [part for word in words for part in word.split(".") if part != word]
            for word in words:
                self._lines[word].append(number)

    def find(self, word: str, start: int = 1) -> int:
        """The first line with it from `start` on, as where its section begins; else `start`."""
        lines = self._lines.get(word, [])
        place = bisect_left(lines, start)
        return lines[place] if place < len(lines) else start
