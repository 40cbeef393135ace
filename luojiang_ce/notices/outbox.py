"""The outbox: what was written with a change is sent after it, again and again, and given up where all can see it.

A lease by compare-and-set lets one worker have a delivery at a time. Should a worker die after the mail server took
the mail and before that was written down, the mail is sent a second time, with the same Message-ID: better twice than
never. A sender so slow that its lease went to another can still say that the mail is out, but no more that it is not.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import uuid4

from django.conf import settings
from django.db.models import F, Q

from luojiang_ce import clock
from luojiang_ce.bell import ring_after_commit

from . import mail
from .models import Delivery, Notice, Preference
from .refusal import NotDelivered

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # longer than a mail dialogue whose every step just keeps within EMAIL_TIMEOUT
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
        _release(delivery, state=State.SKIPPED)
        return None
    try:
        mail.send(delivery)
    except NotDelivered as refusal:
        _failed(delivery, str(refusal), final=refusal.final)
        return False
    except Exception as error:  # whatever else may break: it is tried again, and shown
        log.exception("delivery %s failed", pk)
        _failed(delivery, type(error).__name__, final=False)
        return False
    _sent(delivery)
    return True


def resend(pks: Iterable[int]) -> int:
    """Try again what was given up, from the beginning; how many."""
    given_up = Delivery.objects.filter(pk__in=list(pks), state=State.GIVEN_UP)
    number = given_up.update(state=State.WAITING, attempts=0, next_try_at=clock.now())
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
    lease = {"lease": uuid4(), "leased_until": clock.now() + LEASE}
    taken = Delivery.objects.filter(_takeable(), pk=pk).update(attempts=F("attempts") + 1, **lease)
    return Delivery.objects.select_related("notice__recipient").get(pk=pk) if taken else None


def _sent(delivery: Delivery) -> None:
    """It is out, whoever has the lease by now."""
    Delivery.objects.filter(pk=delivery.pk).exclude(state=State.SENT).update(
        state=State.SENT, sent_at=clock.now(), error="", lease=None, leased_until=None
    )


def _failed(delivery: Delivery, words: str, *, final: bool) -> None:
    if final or delivery.attempts >= settings.NOTICE_TRIES:
        _release(delivery, state=State.GIVEN_UP, error=words)
    else:
        wait = BACK_OFF[min(delivery.attempts, len(BACK_OFF)) - 1]
        _release(delivery, error=words, next_try_at=clock.now() + wait)


def _release(delivery: Delivery, **outcome: object) -> None:
    """Write the outcome, if the lease is still the sender's own."""
    own = Delivery.objects.filter(pk=delivery.pk, state=State.WAITING, lease=delivery.lease)
    own.update(**outcome, lease=None, leased_until=None)
