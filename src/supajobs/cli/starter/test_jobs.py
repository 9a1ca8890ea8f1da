"""The job types, without Supabase or anything else to start: python -m pytest."""

import asyncio

from jobs import PoemRequest, poem

from supajobs.testing import run_inline


def test_a_poem_is_about_its_hero() -> None:
    """What is asked for comes out."""
    run = asyncio.run(run_inline(poem, PoemRequest(hero="Fox")))
    assert run.result == {"text": "A poem of Fox, who falls asleep."}
