"""Answers that all share who ask, by a clock of the tests' own."""

import asyncio

import pytest

from supajobs.api.dashboard import kept_answers
from supajobs.api.dashboard.kept_answers import KeptAnswers
from supajobs.errors import SupabaseUnavailableError


class Clock:
    """Stands still until it is put forward."""

    def __init__(self) -> None:
        self.time = 100.0

    def __call__(self) -> float:
        return self.time


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def kept(clock: Clock) -> KeptAnswers:
    return KeptAnswers(clock)


class Source:
    """Answers 1, then 2, …, once it may."""

    def __init__(self) -> None:
        self.asked = 0
        self.may_answer = asyncio.Event()
        self.may_answer.set()

    async def ask(self) -> int:
        self.asked += 1
        number = self.asked
        await self.may_answer.wait()
        return number


async def test_an_answer_is_kept_as_long_as_it_may_be(kept: KeptAnswers, clock: Clock) -> None:
    source = Source()
    for time, answer in ((100.0, 1), (104.9, 1), (105.0, 2), (109.9, 2), (110.0, 3)):
        clock.time = time
        assert await kept.get("now", 5.0, source.ask) == answer
    assert await kept.get("other", 5.0, source.ask) == 4


async def test_an_answer_on_its_way_is_not_lost_with_who_asked_first(kept: KeptAnswers) -> None:
    source = Source()
    source.may_answer.clear()
    first, *others = [asyncio.create_task(kept.get("now", 5.0, source.ask)) for _ in range(4)]
    await asyncio.sleep(0)  # all of them wait
    first.cancel()
    await asyncio.wait({first})
    source.may_answer.set()
    assert await asyncio.gather(*others) == [1, 1, 1]
    assert source.asked == 1
    assert first.cancelled()


async def test_a_failure_is_told_to_all_who_wait_and_not_kept(kept: KeptAnswers) -> None:
    async def fail() -> int:
        await asyncio.sleep(0)
        raise SupabaseUnavailableError

    both = await asyncio.gather(
        *(kept.get("now", 5.0, fail) for _ in range(2)), return_exceptions=True
    )
    assert [type(each) for each in both] == [SupabaseUnavailableError] * 2
    assert await kept.get("now", 5.0, Source().ask) == 1


async def test_what_is_asked_for_again_and_again_stays_wanted(
    kept: KeptAnswers, clock: Clock
) -> None:
    source = Source()
    for _ in range(10):
        clock.time += 5.0
        for key in range(12):
            await kept.get(key, 60.0, source.ask)
        assert kept.count_wanted(10.0) == 12
    assert source.asked == 12
    clock.time += 10.0
    await kept.get(0, 600.0, source.ask)
    assert kept.count_wanted(10.0) == 1


async def test_when_there_are_too_many_the_one_not_asked_for_longest_goes(
    kept: KeptAnswers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_answers, "MAX_KEPT", 2)
    source = Source()
    answers = [await kept.get(key, 5.0, source.ask) for key in ("a", "b", "a", "c", "a", "b")]
    assert answers == [1, 2, 1, 3, 1, 4]


async def test_what_is_forgotten_is_asked_for_anew(kept: KeptAnswers) -> None:
    source = Source()
    for number, forget in enumerate((lambda: kept.forget("now"), kept.forget_all), 1):
        assert await kept.get("now", 5.0, source.ask) == number
        forget()
    assert await kept.get("now", 5.0, source.ask) == 3


async def test_what_is_forgotten_is_not_told_by_whom_it_is_on_its_way_to(
    kept: KeptAnswers,
) -> None:
    source = Source()
    source.may_answer.clear()
    before = asyncio.create_task(kept.get("now", 5.0, source.ask))
    await asyncio.sleep(0)
    kept.forget_all()
    assert kept.count_wanted(10.0) == 1  # somebody looks at it still
    after = asyncio.create_task(kept.get("now", 5.0, source.ask))
    await asyncio.sleep(0)
    source.may_answer.set()
    assert await asyncio.gather(before, after) == [1, 2]
