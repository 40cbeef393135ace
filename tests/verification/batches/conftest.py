"""The season in which 2026 is verified: 6 January 2027 unless a test moves the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import datetime

import pytest

from luojiang_ce import clock

SEASON = datetime(2027, 1, 6, 10, 0, tzinfo=clock.SHANGHAI)
At = Callable[[datetime], None]


@pytest.fixture(autouse=True)
def at() -> Iterator[At]:
    """`at(moment)` moves the clock until the test ends."""
    with ExitStack() as stack:
        stack.enter_context(clock.at(SEASON))
        yield lambda moment: stack.enter_context(clock.at(moment))
