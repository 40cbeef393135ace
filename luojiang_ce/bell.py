"""The doorbell: tell the workers that something waits in the database. It may fail; the sweep finds what waits."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from celery import current_app
from django.db import transaction

log = logging.getLogger(__name__)


def ring(task: str, *args: int) -> None:
    """Send a task to the broker. If it cannot be reached nothing is lost: the rows wait for the next sweep."""
    try:
        current_app.send_task(task, args, retry=False)
    except Exception:  # whatever the broker's library raises, the row is safe and the sweep will find it
        log.warning("broker not reached; %s %s waits for the sweep", task, args, exc_info=True)


def ring_after_commit(task: str, *args: int) -> None:
    """Ring once when the present transaction is committed, however often it is asked for; at once outside of one."""
    wanted = _Ring(task, args)
    if all(callback[1] != wanted for callback in transaction.get_connection().run_on_commit):
        transaction.on_commit(wanted)


@dataclass(frozen=True)
class _Ring:
    """A ring that waits for the commit. Two of the same are equal, and a savepoint rolled back takes its own along."""

    task: str
    args: tuple[int, ...]

    def __call__(self) -> None:
        ring(self.task, *self.args)
