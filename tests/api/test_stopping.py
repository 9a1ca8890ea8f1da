"""The signals that stop a process reach who handled them before, whatever became of us."""

import asyncio
import contextlib
import signal

from supajobs.api.stopping import before_the_server_stops


def test_one_that_ended_before_its_neighbour_leaves_the_signals_to_the_app() -> None:
    heard, prepared = list[int](), list[str]()

    async def overlap() -> None:
        async with contextlib.AsyncExitStack() as one, contextlib.AsyncExitStack() as other:
            for name, stack in (("one", one), ("other", other)):
                preparing = before_the_server_stops(lambda name=name: prepared.append(name))
                await stack.enter_async_context(preparing)
            await one.aclose()

    handlers = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    signal.signal(signal.SIGTERM, lambda number, _frame: heard.append(number))
    try:
        asyncio.run(overlap())
        signal.raise_signal(signal.SIGTERM)
    finally:
        for number, handler in handlers.items():
            signal.signal(number, handler)
    assert heard == [signal.SIGTERM]
    assert not prepared
