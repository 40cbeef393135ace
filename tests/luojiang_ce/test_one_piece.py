"""Calls from any depth of the stack take no memory from the system again and again."""

from __future__ import annotations

import resource
from collections.abc import Callable

from luojiang_ce.one_piece import in_one_piece

DEPTHS = 400  # of the thousand that Python allows
CALLS = 300


def leaf() -> None:
    """What a loop at some depth calls; its frame is large, so that some depth has no room for it."""


leaf.__code__ = leaf.__code__.replace(co_stacksize=200)


def pages_taken(depth: int) -> int:
    """Pages of memory that many calls take from the system at this depth below the caller."""
    if depth:
        return pages_taken(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(CALLS):
        leaf()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def worst(measure: Callable[[int], int]) -> int:
    return max(measure(depth) for depth in range(DEPTHS))


def test_no_depth_is_a_bad_one() -> None:
    assert in_one_piece(worst)(pages_taken) < CALLS / 3


def test_it_answers_as_before() -> None:
    assert in_one_piece(divmod)(7, 2) == (3, 1)
