"""The outbox: what was written with a change is sent after it, again and again, and given up where all can see it.

A lease by compare-and-set lets one worker have a delivery at a time. Should a worker die after the mail server took
the mail and before that was written down, the mail is sent a second time: better twice than never.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from smtplib import SMTPResponseException

from django.conf import settings
from django.core.mail import EmailMessage
from django.db.models import F, Q

from luojiang_ce import clock
from luojiang_ce.bell import ring_after_commit

from .models import Delivery, Notice, Preference

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
# Waits after the first, second, … failure; the last one for all that follow.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
SEND_TASK = "luojiang_ce.notices.tasks.send_waiting"
State = Delivery.State


def put(notices: Iterable[Notice], *, kind: str, expires_at: datetime | None) -> None:
    """Deliveries for those who want this kind by e-mail and have an address; part of the caller's transaction.

    Two queries, whatever the number; a notice that is already in the outbox stays there once.
    """
    rows = [row for row in notices if getattr(row.recipient, "email", "")]
    unwanted = _unwanted({row.recipient_id for row in rows}, kind)
    now = clock.now()
    waiting = [
        Delivery(notice=row, next_try_at=now, expires_at=expires_at) for row in rows if row.recipient_id not in unwanted
    ]
    if waiting:
        Delivery.objects.bulk_create(waiting, ignore_conflicts=True)
        ring_after_commit(SEND_TASK)


def send_waiting() -> tuple[int, int]:
    """Send all that is due; (sent, failed)."""
    due = Delivery.objects.filter(_takeable()).order_by("pk").values_list("pk", flat=True)
    results = [result for pk in list(due) if (result := send(pk)) is not None]
    return results.count(True), results.count(False)


def send(pk: int) -> bool | None:
    """Try one delivery; None where it was not to be had, or not to be sent any more."""
    delivery = _take(pk)
    if delivery is None:
        return None
    if delivery.expires_at and delivery.expires_at <= clock.now():
        _end(delivery, State.SKIPPED)
        return None
    try:
        _mail(delivery.notice)
    except Exception as error:  # whatever the mail library raises: it is tried again, and shown
        log.warning("delivery %s failed", pk, exc_info=True)
        _failed(delivery, error)
        return False
    _end(delivery, State.SENT, sent_at=clock.now())
    return True


def resend(pks: Iterable[int]) -> int:
    """Try again what was given up, from the beginning; how many."""
    given_up = Delivery.objects.filter(pk__in=list(pks), state=State.GIVEN_UP)
    number = given_up.update(state=State.WAITING, attempts=0, next_try_at=clock.now(), leased_until=None)
    if number:
        ring_after_commit(SEND_TASK)
    return number


def _unwanted(accounts: set[int], kind: str) -> set[int]:
    rows = Preference.objects.filter(account__in=accounts)
    return {row.account_id for row in rows if not row.wants(kind)}


def _takeable() -> Q:
    now = clock.now()
    free = Q(leased_until=None) | Q(leased_until__lt=now)
    return Q(state=State.WAITING, next_try_at__lte=now) & free


def _take(pk: int) -> Delivery | None:
    taken = Delivery.objects.filter(_takeable(), pk=pk).update(
        leased_until=clock.now() + LEASE, attempts=F("attempts") + 1
    )
    return Delivery.objects.select_related("notice__recipient").get(pk=pk) if taken else None


def _mail(notice: Notice) -> None:
    """Plain text with the way to the case; never more than the notice itself says."""
    address = settings.PUBLIC_URL.rstrip("/") + (notice.url or "/notices/")
    lines = [notice.title, "", *([notice.text, ""] if notice.text else []), address, ""]
    lines.append("洛江区专业技术人员继续教育系统。请勿直接回复。")
    EmailMessage(f"【洛江继续教育】{notice.title}", "\n".join(lines), to=[notice.recipient.email]).send()


def _failed(delivery: Delivery, error: Exception) -> None:
    said = type(error).__name__ + (f" {error.smtp_code}" if isinstance(error, SMTPResponseException) else "")
    if delivery.attempts >= settings.NOTICE_TRIES:
        _end(delivery, State.GIVEN_UP, error=said)
        return
    wait = BACK_OFF[min(delivery.attempts, len(BACK_OFF)) - 1]
    Delivery.objects.filter(pk=delivery.pk).update(error=said, leased_until=None, next_try_at=clock.now() + wait)


def _end(delivery: Delivery, state: str, *, error: str = "", sent_at: datetime | None = None) -> None:
    Delivery.objects.filter(pk=delivery.pk).update(state=state, error=error, sent_at=sent_at, leased_until=None)
