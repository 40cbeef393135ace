"""Telling people: into the inbox, and into the outbox as far as they want it further (outbox.py sends it)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.id_shapes import mask_ids
from luojiang_ce.jobs.services import ring_after_commit

from . import groups
from .models import Delivery, Kind, Notice, Preference

SEND_TASK = "luojiang_ce.notices.tasks.send_waiting"


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
        _send_further(key, {row.recipient_id for row in rows}, kind=kind, expires_at=expires_at)
    return len(rows)


def preference_of(account: Any) -> Preference:
    """What the account wants by e-mail; everything, until it says otherwise."""
    return Preference.objects.filter(account=account.pk).first() or Preference(account_id=account.pk)


def mark_read(account: Actor, pks: Iterable[int] | None = None) -> int:
    """Mark the account's notices as read: these, or all."""
    rows = Notice.objects.visible_to(account).filter(read_at=None)
    return (rows if pks is None else rows.filter(pk__in=pks)).update(read_at=clock.now())


def _send_further(key: str, accounts: Collection[int], *, kind: str, expires_at: datetime | None) -> None:
    """Deliveries of the notice that these accounts got: by e-mail to those who want this kind so and have an address,
    and to the groups that are told of it; part of the caller's transaction.

    The number of queries does not grow with the accounts; what is already in the outbox stays there once.
    """
    facts = {"kind": kind, "next_try_at": clock.now(), "expires_at": expires_at}
    waiting = [Delivery(notice_id=pk, **facts) for pk in _mailed(key, accounts, kind)]
    waiting += [Delivery(notice_id=pk, channel=name, **facts) for name, pk in _announced(key, accounts, kind)]
    if waiting:
        Delivery.objects.bulk_create(waiting, ignore_conflicts=True)
        ring_after_commit(SEND_TASK)


def _mailed(key: str, accounts: Collection[int], kind: str) -> list[int]:
    """The notices that go out by e-mail."""
    if not settings.EMAIL_CHANNEL:
        return []
    unwanted = {row.account_id for row in Preference.objects.filter(account__in=accounts) if not row.wants(kind)}
    told = Notice.objects.filter(key=key, recipient__in=set(accounts) - unwanted).select_related("recipient")
    return [row.pk for row in told if getattr(row.recipient, "email", "")]


def _announced(key: str, accounts: Collection[int], kind: str) -> Iterator[tuple[str, int]]:
    """The groups to tell and the notice to tell of: of all that say the same, the first. A query for each group."""
    people: Any = get_user_model()._default_manager
    for group in groups.usable() if settings.NOTICE_CHANNELS else ():
        if kind in group.kinds:
            concerned = Notice.objects.filter(key=key, recipient__in=people.holding(*group.roles))
            first = concerned.order_by("pk").values_list("pk", flat=True).first()
            if first is not None:
                yield group.name, first
