"""What other apps do when somebody becomes known: registered, taken on, moved, or under another name or number.

Units know none of them; they register in `ready()`.
"""

from __future__ import annotations

from collections.abc import Callable

Matching = Callable[[], object]

_matchings: list[Matching] = []


def register_matching(match: Matching) -> None:
    """Have `match` look for what waits for somebody to be known; it is idempotent, in a bounded number of queries."""
    _matchings.append(match)


def match_arrivals() -> None:
    """Called in the transaction of the act that made somebody known, so that nothing lies between the two."""
    for match in _matchings:
        match()
