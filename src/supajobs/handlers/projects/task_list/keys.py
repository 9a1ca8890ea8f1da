"""What a task is known by from one refresh to the next."""

from collections import Counter
from hashlib import sha256

_BYTES = 16


class TaskKeys:
    """Makes the keys of a list; tasks that are alike are counted."""

    def __init__(self) -> None:
        self._alike = Counter[str]()

    def make(self, *features: str) -> str:
        """The key of the next task of these features."""
        likeness = "\0".join(features)  # which none of them has
        self._alike[likeness] += 1
        return sha256(f"{likeness}\0{self._alike[likeness]}".encode()).hexdigest()[: 2 * _BYTES]
