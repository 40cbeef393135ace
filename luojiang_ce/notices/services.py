"""Telling people."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access.roles import Actor
from luojiang_ce.id_shapes import mask_ids

from . import outbox
from .models import Kind, Notice, Preference


def notify(
    recipients: Iterable[Actor],
    title: str,
    *,
    key: str,
    text: str = "",
    case: Any = None,
    url: str = "",
    kind: Kind = Kind.PROGRESS,
    expires_at: datetime | None = None,
) -> int:
    """Put a notice into each inbox, once per `key`, and into the outbox for e-mail and groups as they are set up; part
    of the caller's transaction. After `expires_at` (aware) it is not sent out any more. Returns how many were told.

    Following it leads to the `case`, or to `url` where there is no case that all of them may see. The title names no
    person: it is the subject of the e-mail (held by tests/luojiang_ce/workflow/test_walk.py).
    """
    about = {"case_type": case._meta.label_lower, "case_id": case.pk} if case else {}
    about["url"] = url or (case.get_absolute_url() if case else "")
    title, text = mask_ids(title), mask_ids(text)
    rows = [Notice(recipient_id=r.pk, title=title[:200], text=text, key=key, **about) for r in recipients if r.pk]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    if rows:
        outbox.put(key, {row.recipient_id for row in rows}, kind=kind, expires_at=expires_at)
    return len(rows)


def preference_of(account: Any) -> Preference:
    """What the account wants by e-mail; everything, until it says otherwise."""
    return Preference.objects.filter(account=account.pk).first() or Preference(account_id=account.pk)


def mark_read(account: Actor, pks: Iterable[int] | None = None) -> int:
    """Mark the account's notices as read: these, or all."""
    rows = Notice.objects.visible_to(account).filter(read_at=None)
    return (rows if pks is None else rows.filter(pk__in=pks)).update(read_at=clock.now())
