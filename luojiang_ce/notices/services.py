"""Telling people."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from luojiang_ce import clock
from luojiang_ce.access.roles import Actor

from .models import Notice


def notify(recipients: Iterable[Actor], title: str, *, key: str, text: str = "", case: Any = None) -> int:
    """Put a notice into each inbox, once per `key`; part of the caller's transaction. Returns how many were told."""
    about = {"case_type": case._meta.label_lower, "case_id": case.pk, "url": case.get_absolute_url()} if case else {}
    rows = [Notice(recipient_id=r.pk, title=title[:200], text=text, key=key, **about) for r in recipients if r.pk]
    Notice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def mark_read(account: Actor, pks: Iterable[int] | None = None) -> int:
    """Mark the account's notices as read: these, or all."""
    rows = Notice.objects.visible_to(account).filter(read_at=None)
    return (rows if pks is None else rows.filter(pk__in=pks)).update(read_at=clock.now())
