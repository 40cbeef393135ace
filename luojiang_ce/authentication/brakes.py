"""Brakes on guessing: failures are counted for an account and for an address, in the database, for all processes.

The names of accounts are counted by axes (handler.py). Here is what axes does not count: many names from one address,
and what else can be guessed at. Only failures count, so an office behind one address works on while it types right.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from luojiang_ce import clock

from .models import Count

KEPT = timedelta(days=1)  # longer than any brake counts


@dataclass(frozen=True)
class Brake:
    """After how many failures of what, within how many minutes, it holds."""

    what: str
    minutes: int
    limit: Callable[[], int]

    @property
    def window(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def counted(self, key: object) -> int:
        """How many failures there were within the time that still runs."""
        rows = Count.objects.filter(what=self.what, key=str(key), since__gt=clock.now() - self.window)
        return rows.values_list("number", flat=True).first() or 0

    def holds(self, key: object) -> bool:
        """Were there as many failures as are allowed?"""
        return self.counted(key) >= self.limit()

    def until(self, key: object) -> datetime | None:
        """Until when it holds; None where it does not."""
        row = Count.objects.filter(what=self.what, key=str(key), number__gte=self.limit()).first()
        end = row.since + self.window if row else None
        return end if end and end > clock.now() else None

    def add(self, key: object, number: int = 1) -> int:
        """Count failures; how many there are with these. Not inside a transaction that a refusal undoes."""
        now = clock.now()
        with transaction.atomic():
            row, new = Count.objects.select_for_update().get_or_create(
                what=self.what, key=str(key), defaults={"since": now, "number": number}
            )
            if not new:
                running = row.since > now - self.window
                before, row.number = (row.number, row.number + number) if running else (0, number)
                # From the failure that was one too many it holds for the whole time, not from the first one.
                if not running or before < self.limit() <= row.number:
                    row.since = now
                row.save(update_fields=["since", "number"])
        return row.number

    def release(self, key: object) -> bool:
        """Forget the failures; were there so many that it held?"""
        held = self.holds(key)
        Count.objects.filter(what=self.what, key=str(key)).delete()
        return held


# Many names from one address: nobody mistypes so often, a sprayed password comes to a name once each.
SIGN_IN_ADDRESS = Brake("sign_in_address", 30, lambda: settings.SIGN_IN_FAILURES_OF_ADDRESS)
# Sessions of strangers who go to the provider (home/sign_on.py): each is a row, whoever asks for it.
SIGN_ONS_BEGUN = Brake("sign_ons_begun", 30, lambda: 300)
# Numbers that led to nobody the account may know of (units/guessing.py), in a day.
IDS_ACCOUNT = Brake("ids_account", 24 * 60, lambda: settings.ID_MISSES_STOPPED)
IDS_ADDRESS = Brake("ids_address", 24 * 60, lambda: settings.ID_MISSES_STOPPED_OF_ADDRESS)


def purge() -> int:
    """Remove counts that no brake asks for any more."""
    gone, _ = Count.objects.filter(since__lt=clock.now() - KEPT).delete()
    return gone
