"""The schedule's file may be empty, broken, gone or unwritable, the machine's clock set back: the tasks run
(product.md S1)."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from celery.beat import PersistentScheduler
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from time_machine import travel

from luojiang_ce.beat import Scheduler
from luojiang_ce.celery import app
from luojiang_ce.clock import SHANGHAI


def started(path: Path) -> PersistentScheduler:
    return Scheduler(app=app, schedule_filename=str(path))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of a schedule that has run and was closed."""
    path = tmp_path / "celerybeat-schedule"
    started(path).close()
    return path


def files(path: Path) -> list[Path]:
    return sorted(path.parent.glob("celerybeat-schedule*"))


def assert_runs(path: Path) -> None:
    scheduler = started(path)
    assert set(scheduler.schedule) >= set(app.conf.beat_schedule)
    assert scheduler.tick() >= 0
    scheduler.sync()
    scheduler.close()


def test_it_is_the_scheduler_that_beat_starts() -> None:
    assert app.conf.beat_scheduler == "luojiang_ce.beat:Scheduler"


@pytest.mark.parametrize("content", [b"", b"\x00" * 512, b"not a schedule", b"\x80\x04N.", b"\x80\x04]."])
def test_a_file_that_was_not_written_whole_is_made_anew(path: Path, content: bytes) -> None:
    for file in files(path):
        file.write_bytes(content)
        assert_runs(path)
        assert_runs(path)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(st.binary(max_size=300), st.integers(0, 3))
def test_whatever_stands_in_it(path: Path, content: bytes, which: int) -> None:
    found = files(path)
    found[which % len(found)].write_bytes(content)
    assert_runs(path)


def test_a_part_that_is_missing(path: Path) -> None:
    for file in files(path):
        file.unlink()
        assert_runs(path)


def test_where_no_file_can_be_written_it_is_done_without(tmp_path: Path) -> None:
    assert_runs(tmp_path / "not there" / "celerybeat-schedule")


def test_a_clock_that_is_set_back_holds_nothing_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(Scheduler, "apply_entry", lambda self, entry, producer=None: begun.append(entry.name))
    with travel(datetime(2026, 5, 8, 9, 30, tzinfo=SHANGHAI), tick=False) as clock:
        scheduler = started(tmp_path / "celerybeat-schedule")
        for moved in (60, -3600, 60):
            clock.shift(moved)
            while scheduler.tick() == 0:
                pass
    scheduler.close()
    assert begun.count("办理没有领走的后台任务") == 2, "each time that a minute had passed"
