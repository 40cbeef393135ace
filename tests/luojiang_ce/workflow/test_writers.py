"""Whoever writes events counts them: what is missing shows before it is sealed, what was rolled back does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from threading import Event as Signal
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction

from luojiang_ce import clock
from luojiang_ce.workflow import chain, events
from luojiang_ce.workflow.events import anonymise_notes, record
from luojiang_ce.workflow.models import Event, EventNote, LogWriter
from tests.conftest import District, in_parallel
from tests.luojiang_ce.workflow.rows_on_record import put_on_record
from tests.luojiang_ce.workflow.test_chain import tamper
from tests.luojiang_ce.workflow.test_heads import checked

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=clock.SHANGHAI)


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Any) -> None:
    settings.VAR_DIR = tmp_path


def test_a_writer_counts_on(district: District) -> None:
    written = [record(district.unit, "edited", actor=district.owner) for _ in range(3)]
    assert [event.number for event in written] == [1, 2, 3]
    assert LogWriter.objects.get().last == 3


def test_what_is_rolled_back_leaves_no_gap(district: District) -> None:
    with transaction.atomic():
        record(district.unit, "edited", actor=district.owner)
        with transaction.atomic():
            record(district.unit, "edited", actor=district.owner)
            transaction.set_rollback(True)
        record(district.unit, "edited", actor=district.owner)
    assert list(Event.objects.order_by("pk").values_list("number", flat=True)) == [1, 2]
    assert chain.check().problems == []


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_many_writers_at_once_neither_wait_nor_leave_gaps(district: District) -> None:
    def write(fails: bool) -> None:
        for _ in range(5):
            with transaction.atomic():
                record(district.unit, "edited", actor=district.owner)
                record(district.unit, "edited", actor=district.owner)
                transaction.set_rollback(fails)

    in_parallel([lambda fails=fails: write(fails) for fails in (False, True, False, True)])
    assert Event.objects.count() == 20
    assert chain.check().problems == []
    assert chain.seal() == 20
    assert chain.check().problems == []


@pytest.mark.real_services
@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_takes_long_holds_up_no_other(district: District) -> None:
    """On SQLite, where one writes at a time, the second comes after the first."""
    waits = 20 if connection.vendor == "postgresql" else 0.1
    first_wrote, second_wrote = Signal(), Signal()

    def long() -> bool:
        with transaction.atomic():
            record(district.unit, "edited", actor=district.owner)
            first_wrote.set()
            return second_wrote.wait(waits)

    def short() -> bool:
        first_wrote.wait(20)
        record(district.unit, "edited", actor=district.owner)
        second_wrote.set()
        return True

    assert in_parallel([long, short]) == [connection.vendor == "postgresql", True]
    assert chain.check().problems == []


def written(district: District, at: datetime, lane: int = 3) -> Event:
    with patch.object(clock, "machine_now", return_value=at), patch.object(events, "free_lane", return_value=lane):
        return record(district.unit, "edited", actor=district.owner)


def ran_back() -> list[str]:
    """What the check says of clocks, and nothing of it is taken for an alteration."""
    audit = chain.check()
    assert audit.problems == []
    return audit.backwards


def test_a_clock_that_ran_backwards_is_named_and_one_that_is_set_right_by_seconds_is_not(district: District) -> None:
    for seconds in (0, -40):
        written(district, NOW + timedelta(seconds=seconds))
    chain.seal()
    assert ran_back() == []
    event = written(district, NOW - timedelta(days=1, hours=2))
    chain.seal()
    assert ran_back() == [
        f"记录 {event.uid}（2026-03-01 07:00 写入）的系统时间比它之前的一条早 1 天 1 小时 59 分：时间倒退"
    ]


def test_a_worker_whose_clock_was_wrong_for_an_afternoon_is_told_in_one_line(district: District) -> None:
    """It has a writer of its own, and each of the others' events that follows one of it is earlier."""
    others = []
    for minute in range(0, 120, 20):
        written(district, NOW + timedelta(minutes=minute + 60 + minute // 20), lane=7)
        others.append(written(district, NOW + timedelta(minutes=minute)))
    chain.seal()
    assert ran_back() == [
        f"记录 {others[0].uid}（2026-03-02 09:00 写入）至记录 {others[-1].uid}（2026-03-02 10:40 写入），"
        f"系统时间 6 次早于前一条，最多早 0 天 1 小时 5 分（记录 {others[-1].uid}）：时间倒退"
    ]


def test_a_clock_that_was_set_while_another_was_wrong_has_a_line_of_its_own(district: District) -> None:
    """However far ahead one is: what somebody does meanwhile is not lost in it."""
    written(district, NOW + timedelta(days=300), lane=7)
    written(district, NOW)
    written(district, NOW + timedelta(days=60))
    set_back = written(district, NOW + timedelta(days=57))
    chain.seal()
    assert [str(set_back.uid) in line for line in ran_back()] == [False, True]


def test_a_clock_that_was_once_wrong_fails_no_check_and_stands_behind_what_was_altered(district: District) -> None:
    with patch.object(clock, "machine_now", return_value=NOW - timedelta(days=1)):
        put_on_record(district)
    event = written(district, NOW)
    for minute in range(30):
        written(district, NOW + timedelta(hours=1, minutes=minute), lane=7)
        written(district, NOW + timedelta(minutes=minute))
    chain.seal()
    first, *_, last = checked().splitlines()
    assert ("时间倒退" in first, last.startswith("未发现改动")) == (True, True)
    tamper("UPDATE workflow_event SET name = 'approve' WHERE id = %s", event.pk)
    first, second, *_, last = checked().splitlines()
    assert (f"记录 {event.uid} 被改动或伪造" in first, "时间倒退" in second, last) == (True, True, "exit 1")


def test_every_walk_over_the_log_says_how_far_it_is(district: District) -> None:
    for _ in range(4):
        record(district.unit, "edited", actor=district.owner)
    chain.seal()
    walked: list[int] = []
    chain.check(walked.append)
    assert sum(walked) == 3 * 4


def test_a_note_may_go_only_with_an_event_that_says_so(district: District) -> None:
    event = record(district.unit, "edited", actor=district.owner, note="某人的病情")
    other = record(district.unit, "edited", actor=district.owner, note="别的")
    anonymise_notes(district.unit, [event], actor=district.handler, reason="本人要求")
    assert not EventNote.objects.filter(event=event).exists()
    assert chain.check().problems == []
    EventNote.objects.filter(event=other).delete()
    assert chain.check().problems == [f"记录 {other.uid} 的说明文字被删除"]
