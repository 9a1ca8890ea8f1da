"""What you test your jobs with.

`run_inline` runs a handler, and `InMemoryQueue` keeps what your code has asked for; both start
nothing. The fixtures `supajobs_stack` and `supajobs_queue`, which pytest finds by itself, have an
embedded Supabase (extra `local`); `StackQueue` is what the second one is.
"""

from typing import TYPE_CHECKING

from supajobs.testing.inline import InlineRun, run_inline
from supajobs.testing.memory import InMemoryQueue

if TYPE_CHECKING:
    from supajobs.testing.stack_queue import StackQueue

__all__ = ["InMemoryQueue", "InlineRun", "StackQueue", "run_inline"]


def __getattr__(name: str) -> object:
    """StackQueue needs the extra: who does not ask for it needs none."""
    if name != "StackQueue":
        raise AttributeError(f"module 'supajobs.testing' has no attribute {name!r}")
    from supajobs.testing.stack_queue import StackQueue  # noqa: PLC0415 - when it is used

    return StackQueue
