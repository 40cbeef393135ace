"""The outbox: what was written with a change is sent after it, again and again, and given up where all can see it.

A lease by compare-and-set lets one worker have a delivery at a time. Should a worker die after the mail server took
the mail and before that was written down (a database that is away is waited for), the mail is sent a second time, with
the same Message-ID: better twice than never. A sender so slow that its lease went to another can still say that the
mail is out, but no more that it is not.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models import F, Q
from kombu.utils.functional import retry_over_time

from luojiang_ce import clock
from luojiang_ce.jobs.services import ring_after_commit

from . import groups, mail
from .models import Delivery
from .refusal import NotDelivered
from .services import SEND_TASK

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # longer than a mail dialogue whose every step just keeps within EMAIL_TIMEOUT
# Waits after the first, second, … failure; the last one for all that follow.
BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 240))
State = Delivery.State


def send_waiting() -> tuple[int, int]:
    """Send all that is due; (sent, failed)."""
    results = [send(pks) for pks in _parcels()]
    return sum(sent for sent, _ in results), sum(failed for _, failed in results)


def send(pks: Sequence[int]) -> tuple[int, int]:
    """Try what goes out in one message; (sent, failed), without what was not to be had or is stale by now."""
    held = _take(pks)
    if not held:
        return 0, 0
    try:
        mail.send(held[0]) if held[0].is_email else groups.send(held)
    except NotDelivered as refusal:
        _failed(held, str(refusal), final=refusal.final)
        return 0, len(held)
    except Exception as error:  # whatever else may break: it is tried again, and shown
        log.exception("deliveries %s failed", pks)
        _failed(held, type(error).__name__, final=False)
        return 0, len(held)
    _sent(held)
    return len(held), 0


def _sent(held: Sequence[Delivery]) -> None:
    """They are out, whoever has the lease by now. A database that went away meanwhile is waited for as long as the
    lease holds, or they would go out again."""
    rows = Delivery.objects.filter(pk__in=[each.pk for each in held]).exclude(state=State.SENT)
    outcome = {"state": State.SENT, "sent_at": clock.now(), "error": "", "lease": None, "leased_until": None}
    away, anew = (OperationalError, InterfaceError), connection.close
    retry_over_time(rows.update, away, kwargs=outcome, callback=anew, interval_max=5, timeout=LEASE.total_seconds())


def resend(pks: Iterable[int]) -> int:
    """Try again what was given up, from the beginning; how many."""
    given_up = Delivery.objects.filter(pk__in=list(pks), state=State.GIVEN_UP)
    number = given_up.update(state=State.WAITING, attempts=0, next_try_at=clock.now())
    if number:
        ring_after_commit(SEND_TASK)
    return number


def _parcels() -> list[list[int]]:
    """What is due: each e-mail by itself, what a group waits for together."""
    due = Delivery.objects.filter(_takeable()).order_by("pk").values_list("channel", "pk")
    together: dict[str, list[int]] = defaultdict(list)
    for channel, pk in due:
        together[channel].append(pk)
    return [*([pk] for pk in together.pop(Delivery.EMAIL, [])), *together.values()]


def _takeable() -> Q:
    now = clock.now()
    # A try or the end of a lease that lies much later than any can is of a clock that was ahead.
    due = Q(next_try_at__lte=now) | Q(next_try_at__gt=now + 2 * BACK_OFF[-1])
    free = Q(leased_until=None) | Q(leased_until__lt=now) | Q(leased_until__gt=now + 2 * LEASE)
    return Q(state=State.WAITING) & due & free


@transaction.atomic
def _take(pks: Sequence[int]) -> list[Delivery]:
    """Those of them that could be had, theirs until the lease is over; what is stale by now is written down so. Where
    they cannot be read they are not taken either."""
    lease = uuid4()
    Delivery.objects.filter(_takeable(), pk__in=pks).update(
        attempts=F("attempts") + 1, lease=lease, leased_until=clock.now() + LEASE
    )
    held = []
    for delivery in Delivery.objects.filter(lease=lease, pk__in=pks).select_related("notice__recipient"):
        if delivery.expires_at and delivery.expires_at <= clock.now():
            _release(delivery, state=State.SKIPPED)
        else:
            held.append(delivery)
    return held


def _failed(held: Iterable[Delivery], words: str, *, final: bool) -> None:
    for delivery in held:
        if final or delivery.attempts >= settings.NOTICE_TRIES:
            _release(delivery, state=State.GIVEN_UP, error=words)
        else:
            wait = BACK_OFF[min(delivery.attempts, len(BACK_OFF)) - 1]
            _release(delivery, error=words, next_try_at=clock.now() + wait)


def _release(delivery: Delivery, **outcome: object) -> None:
    """Write the outcome, if the lease is still the sender's own."""
    own = Delivery.objects.filter(pk=delivery.pk, state=State.WAITING, lease=delivery.lease)
    own.update(**outcome, lease=None, leased_until=None)
