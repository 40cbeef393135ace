"""The clock that starts the worker's tasks: neither its file nor a machine's clock that is set back is a reason to
stand still."""

from __future__ import annotations

import logging
from typing import Any

from celery.beat import PersistentScheduler

from luojiang_ce import clock

log = logging.getLogger(__name__)


class Scheduler(PersistentScheduler):
    """Remembers in a file when each task last ran. A file that a power cut left empty or broken is thrown away.

    Every task may run twice or late, so nothing is lost with it; where no file can be written at all, it is done
    without.
    """

    def setup_schedule(self) -> None:
        for attempt in (self._read_file, self._begin_file, self._do_without_file):
            try:
                attempt()
            except Exception:  # shelve, dbm and pickle fail in any way at all on broken files
                log.warning("计划任务的记录文件用不了，重新建立", exc_info=True)
            else:
                return

    def tick(self, *args: Any, **kwargs: Any) -> float:
        self._begin_anew_where_set_back()
        return float(super().tick(*args, **kwargs))

    def _begin_anew_where_set_back(self) -> None:
        """Celery waits until the clock is again where it was when each task last ran; here they count from now."""
        now = self.app.now()
        wrong = now + clock.MAY_DIFFER  # what lies before it is waited for
        ahead = [each for each in self.schedule.values() if each.last_run_at and each.last_run_at > wrong]
        for each in ahead:
            each.last_run_at = now
        if ahead:
            log.warning("系统时钟被拨回，%s 个计划任务从现在起重新计时", len(ahead))
            self._heap = None  # of moments to come: made anew

    def sync(self) -> None:
        try:
            super().sync()
        except Exception:  # a full disk, for one
            log.exception("计划任务的记录没有写入文件")

    def _read_file(self) -> None:
        super().setup_schedule()

    def _begin_file(self) -> None:
        self._remove_db()  # type: ignore[attr-defined]  # not in the stubs
        super().setup_schedule()

    def _do_without_file(self) -> None:
        self._store: dict[str, Any] = _Memory(entries={})
        self.merge_inplace(self.app.conf.beat_schedule)
        self.install_default_entries(self.schedule)


class _Memory(dict[str, Any]):
    """In place of the file."""

    def sync(self) -> None:
        """Nothing to write."""

    def close(self) -> None:
        """Nothing to close."""
