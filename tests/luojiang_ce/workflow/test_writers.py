"""Whoever writes events counts them: what is missing shows before it is sealed, what was rolled back does not."""

from __future__ import annotations

from datetime import timedelta
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


def test_a_clock_that_ran_backwards_is_named_and_two_machines_clocks_are_not(district: District) -> None:
    now = clock.machine_now()
    for at in (now, now - timedelta(seconds=40)):
        with patch.object(clock, "machine_now", return_value=at):
            record(district.unit, "edited", actor=district.owner)
    assert chain.check().problems == []
    with patch.object(clock, "machine_now", return_value=now - timedelta(days=1, hours=2)):
        event = record(district.unit, "edited", actor=district.owner)
    assert chain.check().problems == [f"记录 {event.uid} 写入时的系统时间比它之前的一条早 1 天 1 小时 59 分：时间倒退"]


def test_a_worker_whose_clock_is_wrong_is_named_though_it_has_a_writer_of_its_own(district: District) -> None:
    now = clock.machine_now()
    for lane, at in ((3, now), (7, now - timedelta(hours=1))):
        with patch.object(clock, "machine_now", return_value=at), patch.object(events, "free_lane", return_value=lane):
            event = record(district.unit, "edited", actor=district.owner)
    assert chain.check().problems == [f"记录 {event.uid} 写入时的系统时间比它之前的一条早 0 天 1 小时 0 分：时间倒退"]


def test_a_note_may_go_only_with_an_event_that_says_so(district: District) -> None:
    event = record(district.unit, "edited", actor=district.owner, note="某人的病情")
    other = record(district.unit, "edited", actor=district.owner, note="别的")
    anonymise_notes(district.unit, [event], actor=district.handler, reason="本人要求")
    assert not EventNote.objects.filter(event=event).exists()
    assert chain.check().problems == []
    EventNote.objects.filter(event=other).delete()
    assert chain.check().problems == [f"记录 {other.uid} 的说明文字被删除"]
