"""Requests per second of two pages in turn, in short slices, so that a busy machine slows both alike."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import median

ROUNDS = 25
SLICE = 0.3  # seconds, roughly
MOST = 60  # requests in a slice
AT_ONCE = 2  # as many as there are workers


@dataclass(frozen=True)
class Page:
    """An address on a server of ours, asked for with a session."""

    port: int
    path: str
    session: str = ""

    def get(self, _: int = 0) -> None:
        """One request, on a connection of its own as sync workers keep none. Raises where there is no page."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request("GET", self.path, headers={"Cookie": f"sessionid={self.session}"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        assert response.status == 200, f"{self.path}: {response.status} {body[:300]!r}"


@dataclass(frozen=True)
class Pair:
    """A page, what it is held against, and the share of the other's requests per second that it shall reach."""

    name: str
    page: Page
    against: Page
    target: float


@dataclass(frozen=True)
class Measured:
    """Requests per second of a pair, slice by slice."""

    pair: Pair
    page: Sequence[float]
    against: Sequence[float]

    @property
    def shares(self) -> list[float]:
        return [one / other for one, other in zip(self.page, self.against, strict=True)]

    @property
    def missed(self) -> bool:
        return median(self.shares) < self.pair.target

    def __str__(self) -> str:
        return (
            f"{self.pair.name:<32}{median(self.page):>8.1f}/s{median(self.against):>8.1f}/s"
            f"{median(self.shares):>8.0%}{min(self.shares):>8.0%}{max(self.shares):>8.0%}{self.pair.target:>8.0%}"
            f"  {'missed' if self.missed else 'met'}"
        )


HEAD = f"{'page':<32}{'page':>10}{'against':>10}{'share':>8}{'min':>8}{'max':>8}{'target':>8}"


def measured(pair: Pair) -> Measured:
    """Every second round the other one goes first."""
    both = (pair.page, pair.against)
    counts = {page: _count(page) for page in both}
    found: dict[Page, list[float]] = {page: [] for page in both}
    for number in range(ROUNDS):
        for page in both if number % 2 else reversed(both):
            found[page].append(rate(page, counts[page]))
    return Measured(pair, found[pair.page], found[pair.against])


def _count(page: Page) -> int:
    """How many requests fill a slice; asking warms the page up too."""
    rate(page, 2 * AT_ONCE)
    return min(max(AT_ONCE, round(SLICE * rate(page, 2 * AT_ONCE))), MOST)


def rate(page: Page, count: int) -> float:
    """Requests per second over so many requests."""
    begun = time.perf_counter()
    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(page.get, range(count)))
    return count / (time.perf_counter() - begun)
