"""The draw (双随机, product.md I1, I4): from a frozen list and a seed to what is drawn, always the same. Pure.

In words, as the record prints them:

1. The list is a text: a line of what is drawn and how, a line for each class (or declaration), a line for each
   inspector. Its SHA-256 is published before anybody knows the seed.
2. The numbers of the draw: number n is the SHA-256 of “list's SHA-256:seed:n” read as a whole number (n = 1, 2, 3 …).
   To choose one of m shares its remainder by m is taken; a number of the last incomplete run of m is passed over, so
   that no share is a hair likelier than another.
3. Each row has as many shares as its weight, in the order of the list. The row on whose share the number falls is drawn
   and taken off the list; then the next number chooses among those that are left.
4. Coverage: as long as a row marked `due` is left whose unit has nothing drawn yet, the choice is among such rows.
5. For each row drawn, in that order: its day, one of its days, then its inspectors one after the other, each among
   those who may go to it; whom this draw sends elsewhere on that day is left out as long as enough others remain.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_right
from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass
from itertools import accumulate
from typing import Any

SPACE = 1 << 256  # numbers that a SHA-256 can be


@dataclass(frozen=True)
class Row:
    """What may be drawn. `unit`: whose it is; `units`: whose people must not inspect it; `weight` ≥ 1 with what it is
    made of in words (`why`); `days` (ISO) on which it can be visited; `due`: its unit is to be reached this year."""

    key: int
    unit: int
    weight: int = 1
    why: tuple[str, ...] = ()
    units: tuple[int, ...] = ()
    days: tuple[str, ...] = ()
    due: bool = False


@dataclass(frozen=True)
class Inspector:
    """An account, and the units that it stays away from (回避): its own, and those with a declared conflict."""

    key: int
    away: tuple[int, ...] = ()

    def may_go_to(self, row: Row) -> bool:
        return not set(self.away) & {row.unit, *row.units}


@dataclass(frozen=True)
class LeftOut:
    """What is not in the draw though it is in the span of time, and why."""

    key: int
    why: str


@dataclass(frozen=True)
class DrawList:
    """The frozen list. `count` rows are drawn, `pair` inspectors for each (0: none); `about`: how it was called for,
    in words, and where the seed is to come from."""

    about: dict[str, str]
    count: int
    pair: int
    rows: tuple[Row, ...]
    inspectors: tuple[Inspector, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


@dataclass(frozen=True)
class Number:
    """A number of the draw: which, the remainder, by how many shares."""

    counter: int
    value: int
    shares: int


@dataclass(frozen=True)
class Drawn:
    """A row that was drawn, with the numbers that chose it, its day and its inspectors."""

    key: int
    number: Number
    day: str = ""
    day_number: Number | None = None
    inspectors: tuple[int, ...] = ()
    inspector_numbers: tuple[Number, ...] = ()


# --- the list as a text -----------------------------------------------------------------------------------------------


def text_of(listed: DrawList) -> str:
    """The list as it is kept and as its digest is taken: a line of JSON each, UTF-8, in the order of the keys."""
    head = {"about": listed.about, "count": listed.count, "pair": listed.pair}
    parts: tuple[tuple[str, Sequence[Row | Inspector | LeftOut]], ...] = (
        ("row", listed.rows),
        ("inspector", listed.inspectors),
        ("left_out", listed.left_out),
    )
    lines = [_line(head)]
    for name, rows in parts:
        lines += [_line({name: asdict(each)}) for each in sorted(rows, key=lambda row: row.key)]
    return "".join(f"{line}\n" for line in lines)


def _line(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def list_from(text: str) -> DrawList:
    """The list that a text of `text_of` says."""
    head, *lines = (json.loads(line) for line in text.removesuffix("\n").split("\n"))
    return DrawList(
        **head,
        rows=tuple(Row(**_tuples(each["row"])) for each in lines if "row" in each),
        inspectors=tuple(Inspector(**_tuples(each["inspector"])) for each in lines if "inspector" in each),
        left_out=tuple(LeftOut(**each["left_out"]) for each in lines if "left_out" in each),
    )


def _tuples(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in fields.items()}


def digest_of(text: str) -> str:
    """The SHA-256 of a list's text, as it is published."""
    return hashlib.sha256(text.encode()).hexdigest()


# --- the numbers ------------------------------------------------------------------------------------------------------


class Numbers:
    """The numbers of one draw, one after the other: SHA-256 of digest, seed and counter."""

    def __init__(self, digest: str, seed: str) -> None:
        self.begins, self.counter = f"{digest}:{seed}", 0

    def below(self, shares: int) -> Number:
        """The next number that is fair for this many shares (≥ 1), as its remainder."""
        fair = SPACE - SPACE % shares
        while (number := self._next()) >= fair:
            pass
        return Number(self.counter, number % shares, shares)

    def _next(self) -> int:
        self.counter += 1
        return int.from_bytes(hashlib.sha256(f"{self.begins}:{self.counter}".encode()).digest())


# --- the draw ---------------------------------------------------------------------------------------------------------


def draw(listed: DrawList, digest: str, seed: str) -> list[Drawn]:
    """What this seed draws from the list, in the order in which it is drawn."""
    numbers, sent = Numbers(digest, seed), set[tuple[int, str]]()
    picks = _picked(listed.rows, listed.count, numbers)
    return [_with_visit(row, number, listed, numbers, sent) for row, number in picks]


def _picked(rows: Iterable[Row], count: int, numbers: Numbers) -> list[tuple[Row, Number]]:
    left = {row.key: row for row in rows}
    due = {key: row for key, row in left.items() if row.due}
    picked: list[tuple[Row, Number]] = []
    while left and len(picked) < count:
        row, number = _pick(list((due or left).values()), numbers)
        picked.append((row, number))
        del left[row.key]
        if due:
            due = {key: each for key, each in due.items() if each.unit != row.unit}
    return picked


def _pick(rows: Sequence[Row], numbers: Numbers) -> tuple[Row, Number]:
    """One of the rows, each as likely as its weight."""
    ends = list(accumulate(row.weight for row in rows))
    number = numbers.below(ends[-1])
    return rows[bisect_right(ends, number.value)], number


def _with_visit(
    row: Row, number: Number, listed: DrawList, numbers: Numbers, sent: set[tuple[int, str]]
) -> Drawn:  # fmt: skip
    """The day and the inspectors of a row that was drawn; they are noted in `sent`."""
    on = numbers.below(len(row.days)) if row.days else None
    day = row.days[on.value] if on else ""
    pool = [each.key for each in listed.inspectors if each.may_go_to(row)] if listed.pair else []
    chosen, by = _pair(pool, {key for key, when in sent if when == day}, listed.pair, numbers)
    sent.update((key, day) for key in chosen)
    return Drawn(row.key, number, day, on, chosen, by)


def _pair(
    pool: Sequence[int], busy: Collection[int], pair: int, numbers: Numbers
) -> tuple[tuple[int, ...], tuple[Number, ...]]:
    free = [key for key in pool if key not in busy]
    left = free if len(free) >= pair else list(pool)
    by, chosen = [], []
    for _ in range(min(pair, len(left))):
        number = numbers.below(len(left))
        by.append(number)
        chosen.append(left.pop(number.value))
    return tuple(chosen), tuple(by)
