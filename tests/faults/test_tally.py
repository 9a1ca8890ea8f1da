"""The last tests of the suite: it has caused what it says, and what must not happen did not."""

from collections import Counter
from collections.abc import Callable

import pytest


def test_no_two_transactions_waited_for_each_other(find_deadlocks: Callable[[], str]) -> None:
    assert not find_deadlocks()


@pytest.mark.usefixtures("whole_suite")
def test_two_hundred_faults_were_injected(faults: Counter[str]) -> None:
    assert faults.total() >= 200
