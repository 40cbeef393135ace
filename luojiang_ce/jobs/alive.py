"""As long as a job's process lives its lease is renewed: of one that was killed it runs out in seconds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread

from django.db import Error, connection

log = logging.getLogger(__name__)
BEAT = 10.0  # seconds


class Pulse:
    """A thread that renews, until the work ends or has been `quiet` (seconds) for too long."""

    def __init__(self, renew: Callable[[], None], quiet: float) -> None:
        self._renew, self._quiet = renew, quiet
        self._over, self._heard = Event(), time.monotonic()
        self._thread = Thread(target=self._beat, name="pulse", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._over.set()
        self._thread.join(BEAT)  # it may wait for the database; it ends with its process anyway

    def after(self, report: Callable[[int, int], None]) -> Callable[[int, int], None]:
        """The same report, which also says that the work does not hang."""

        def heard(done: int, total: int) -> None:
            self._heard = time.monotonic()
            report(done, total)

        return heard

    def _beat(self) -> None:
        try:
            while not self._over.wait(BEAT) and time.monotonic() - self._heard < self._quiet:
                self._renew_if_possible()
        finally:
            connection.close()  # a thread has one of its own

    def _renew_if_possible(self) -> None:
        try:
            self._renew()
        except Error:
            log.warning("a lease could not be renewed; it is tried again", exc_info=True)
            connection.close()


@contextmanager
def renewed(renew: Callable[[], None], quiet: float) -> Iterator[Pulse]:
    """Renew inside the block."""
    pulse = Pulse(renew, quiet)
    pulse.start()
    try:
        yield pulse
    finally:
        pulse.stop()
