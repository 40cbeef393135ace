"""Races: some act at the same moment, each with a connection of its own; afterwards exactly one thing is true.

A race is a generator: it makes what is fought for, yields the acts, gets what came of each, and looks.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from luojiang_ce import clock
from luojiang_ce.refusals import NotPossible, refusing_clashes
from luojiang_ce.workflow.engine import fire
from tests.conftest import District, in_parallel

Act = Callable[[], Any]
Round = Generator[Sequence[Act], list[Any], None]


@dataclass(frozen=True)
class Race:
    """One of the table; `at`: when it is, for everybody in it."""

    run: Callable[[District], Round]
    at: datetime | None = None

    def __str__(self) -> str:
        return self.run.__name__

    def hold(self, district: District) -> None:
        """One round, with rows of its own. What is neither a result nor a refusal ends the test, a deadlock too."""
        in_time = self._in_time
        going = in_time(partial(self.run, district))
        acts = in_time(partial(next, going))
        results = in_parallel([partial(in_time, partial(tried, act)) for act in acts])
        with suppress(StopIteration):
            in_time(partial(going.send, results))

    def _in_time(self, act: Act) -> Any:
        if self.at is None:
            return act()
        with clock.at(self.at):
            return act()


def tried(act: Act) -> Any:
    """What the act returned, or why it was refused, as a page tells it."""
    try:
        with refusing_clashes():
            return act()
    except NotPossible as refused:
        return refused


def refused(results: Sequence[Any]) -> int:
    return sum(isinstance(each, NotPossible) for each in results)


def fired(case: Any, name: str, actor: Any, **data: Any) -> Act:
    """The step, asked for on a page that shows the case as it is when the act begins."""
    model, pk = type(case), case.pk
    return lambda: fire(model.objects.get(pk=pk), name, actor=type(actor).objects.get(pk=actor.pk), **data)


def one_by_one(numbers: Sequence[int]) -> bool:
    """No gap and no double."""
    return sorted(numbers) == list(range(1, len(numbers) + 1))
