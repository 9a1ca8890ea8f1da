"""A closed terminal."""

import signal


def end_with_the_terminal() -> None:
    """Has SIGHUP end this process as SIGTERM does, in order; but not where it runs by `nohup`."""
    if signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
        signal.signal(signal.SIGHUP, _terminate)


def _terminate(_number: int, _frame: object) -> None:
    signal.raise_signal(signal.SIGTERM)
