"""Guesses at a secret that people type: slowed down."""

import asyncio
from time import monotonic

from supajobs.api.dashboard.refusals import TooManyGuessesError

FIRST_DELAY = 0.1  # s; each further wrong secret is answered after twice as long
MAX_DELAY = 2.0
MAX_WAITING = 10  # wrong ones at a time
QUIET = 60.0  # s; after these without a wrong one, the next is the first


class WrongSecrets:
    """Those that one process was told: each is answered later than the one before.

    Nobody else waits for that. While as many wait as may, nobody's secret is looked at.
    """

    def __init__(self) -> None:
        self._count = 0
        self._waiting = 0
        self._last_at = float("-inf")

    def require_room(self) -> None:
        """Raises TooManyGuessesError while as many wait as may."""
        if self._waiting >= MAX_WAITING:
            raise TooManyGuessesError

    async def wait(self) -> None:
        """Holds the answer to a wrong one back."""
        now = monotonic()
        self._count = self._count + 1 if now - self._last_at < QUIET else 1
        self._last_at = now
        self._waiting += 1
        try:
            await asyncio.sleep(min(MAX_DELAY, FIRST_DELAY * 2 ** min(self._count - 1, 10)))
        finally:
            self._waiting -= 1
