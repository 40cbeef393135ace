"""Events that change nothing: what was read, taken along, tried.

They are kept for as long as the setting says and then leave the log as a signed file (log_parts.py);
everything else stays for ever, because what stands in the database is held against it. And they are the one door for
files: whatever an address hands out is on record by one of them (luojiang_ce/home/on_record.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from luojiang_ce.access import View

_readings: set[str] = set()


def register_readings(*names: str) -> None:
    """Say of these events that they change nothing; called in `ready()`, beside the words for them."""
    _readings.update(names)


def readings() -> frozenset[str]:
    """The names of all of them."""
    return frozenset(_readings)


def off_record(why: str) -> Callable[[View], View]:
    """What this address hands out is not put on record: `why` says in a sentence that it tells of nobody."""

    def mark(view: View) -> View:
        view.off_record = why  # type: ignore[attr-defined]
        return view

    return mark


def concerns(request: Any, row: Any) -> None:
    """The file that is handed out is about this person, or lies with a case about one: so its event says."""
    request.concerned = person_of(row)


def person_of(row: Any) -> int | None:
    """The id of the person whom a row is about: itself, or that of its field `person`; None where there is none."""
    found: int | None = row.pk if row._meta.label_lower == "units.person" else getattr(row, "person_id", None)
    return found
