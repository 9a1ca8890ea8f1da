"""What you test your jobs with.

`run_inline` runs a handler, and `InMemoryQueue` keeps what your code has asked for; both start
nothing. The fixtures `supajobs_stack` and `supajobs_queue`, which pytest finds by itself, have an
embedded Supabase (extra `local`).
"""

from supajobs.testing.inline import InlineRun, run_inline
from supajobs.testing.memory import InMemoryQueue

__all__ = ["InMemoryQueue", "InlineRun", "run_inline"]
