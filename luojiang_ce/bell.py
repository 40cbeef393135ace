"""The doorbell: tell the workers that something waits in the database. It may fail; the sweep finds what waits."""

from __future__ import annotations

import logging

from celery import current_app

log = logging.getLogger(__name__)


def ring(task: str, *args: int) -> None:
    """Send a task to the broker. If it cannot be reached nothing is lost: the rows wait for the next sweep."""
    try:
        current_app.send_task(task, args, retry=False)
    except Exception:  # whatever the broker's library raises, the row is safe and the sweep will find it
        log.warning("broker not reached; %s %s waits for the sweep", task, args, exc_info=True)
