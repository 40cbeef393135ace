"""What other apps do when days become rest days: they register in `ready()`; this app knows none of them."""

from __future__ import annotations

from collections.abc import Callable

from luojiang_ce.access import Actor

Follower = Callable[[Actor, str], list[str]]  # who changed the calendar and why → what came of it, a line each

_followers: list[Follower] = []


def register_follower(follow: Follower) -> None:
    """Call `follow` after every change of the calendar, in its transaction; it is idempotent."""
    _followers.append(follow)


def follow(actor: Actor, why: str) -> list[str]:
    """Let everybody follow; what came of it."""
    return [line for each in _followers for line in each(actor, why)]
