"""Changes of the calendar and of the figures of deadlines: looked at before, on record, told to whom they concern.

A change is a function that writes rows and returns the row that stands for it. Its preview is the change itself,
rolled back, so what is shown is what will happen.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from django.db import transaction
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.deadlines.owed import Moved, moved_by
from luojiang_ce.notices.services import notify
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workdays.text import full_with_weekday
from luojiang_ce.workflow.events import record
from units.calendar_entry.following import follow
from units.lapses.lapsing import record_overdue
from units.models import Account
from units.notify import whose_turn

Write = Callable[[], Any]
SHOWN = 30  # moved deadlines written out in one notice


class Overtaken(Exception):
    """Since the preview other deadlines would move: it has to be looked at again."""


def preview(write: Write) -> list[Moved]:
    """The running deadlines that the change would move, the earliest first. Nothing stays written."""
    before = current_rules()
    with transaction.atomic():
        write()
        after = current_rules()
        transaction.set_rollback(True)
    return moved_by(after, before)


def what_follows(write: Write, *, actor: Actor, note: str) -> list[str]:
    """What else would come of the change, a line each. Nothing stays written, nobody is told."""
    with transaction.atomic():
        write()
        lines = follow(actor, note)
        transaction.set_rollback(True)
    return lines


def confirm(write: Write, *, event: str, seen: str, actor: Actor, note: str) -> list[Moved]:
    """Make the change, with its event and notices. Raises Overtaken where `seen` is not the fingerprint of its moves.

    What is overdue is written down first: the record is the same whether or not the worker had been there.
    """
    with transaction.atomic():
        before = current_rules()
        record_overdue()
        row = write()
        moved = moved_by(current_rules(), before)
        if fingerprint(moved) != seen:
            raise Overtaken
        record(row, event, actor=actor, note=note, data={"moved": len(moved)})
        follow(actor, note)
        _tell(moved, note, f"{event}-{row.pk}-{clock.now().isoformat()}")
    return moved


def fingerprint(moved: Sequence[Moved]) -> str:
    """What was shown, so that it can be told whether it is still so."""
    lines = sorted(f"{pair.before.key} {pair.before.clock.due} {pair.after.clock.due}" for pair in moved)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _tell(moved: Sequence[Moved], why: str, key: str) -> None:
    concerned: dict[Account, list[Moved]] = defaultdict(list)
    for pair, accounts in zip(moved, whose_turn([pair.after for pair in moved]), strict=True):
        for account in accounts:
            concerned[account].append(pair)
    for account, pairs in concerned.items():
        text = f"{why}\n{_said(pairs)}"
        notify([account], f"{len(pairs)} 项期限有变动", key=key, text=text, url=reverse("deadlines:board"))


def _said(pairs: Sequence[Moved]) -> str:
    lines = [
        f"{pair.after.title}：由 {full_with_weekday(pair.before.clock.due)}"
        f" 改为 {full_with_weekday(pair.after.clock.due)}"
        for pair in pairs[:SHOWN]
    ]
    return "\n".join([*lines, *([f"另有 {len(pairs) - SHOWN} 项，见期限总表"] if len(pairs) > SHOWN else [])])
