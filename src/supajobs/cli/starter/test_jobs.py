"""The job types, without Supabase or anything else to start: python -m pytest."""

import asyncio

from jobs import StoryRequest, story

from supajobs.testing import run_inline


def test_a_story_is_about_its_hero() -> None:
    """What is asked for comes out."""
    run = asyncio.run(run_inline(story, StoryRequest(hero="Fox")))
    assert run.result == {"text": "A story of Fox, who falls asleep."}
