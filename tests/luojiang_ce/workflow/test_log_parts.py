"""Old readings leave the log as signed files; the rest of it, and the cut itself, stay checkable."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import DatabaseError, connection, transaction

from luojiang_ce import clock
from luojiang_ce.proof import keyring
from luojiang_ce.proof.models import SigningKey
from luojiang_ce.workflow import chain, log_parts
from luojiang_ce.workflow.engine import SYSTEM
from luojiang_ce.workflow.events import anonymise_notes, record
from luojiang_ce.workflow.models import ChainLink, Event, EventNote, LeftEvent, LogPart
from tests.conftest import District
from tests.factories import person_in
from tests.luojiang_ce.workflow.rows_on_record import put_on_record
from tests.luojiang_ce.workflow.test_chain import tamper

LONG_AGO = timedelta(days=4 * 365)


@pytest.fixture
def parts(settings, tmp_path: Path) -> Path:
    settings.VAR_DIR, settings.AUDIT_PARTS_DIR = tmp_path, str(tmp_path / "parts")
    return tmp_path / "parts"


@pytest.fixture
def log(parts: Path, district: District) -> District:
    """Four readings of four years ago between changes, and one of today."""
    with clock.at(clock.now() - LONG_AGO):
        for number in range(4):
            record(district.unit, "edited", actor=district.owner, note=f"第{number}次")
            record(district.owner, "exported", actor=district.owner, note="名单", data={"rows": number})
    record(district.owner, "exported", actor=district.owner, data={"rows": 9})
    chain.seal()
    return district


def test_only_old_readings_leave_and_the_log_stays_whole(log: District, parts: Path) -> None:
    changes = set(Event.objects.exclude(name="exported").values_list("pk", flat=True))
    [part] = log_parts.move_out()
    assert (part.count, LeftEvent.objects.count()) == (4, 4)
    assert changes <= set(Event.objects.values_list("pk", flat=True))
    assert [event.data["rows"] for event in Event.objects.filter(name="exported")] == [9]
    assert EventNote.objects.count() == 4
    chain.seal()
    assert chain.check().problems == []
    assert log_parts.check_file(parts / part.file) == []
    assert log_parts.move_out() == []


def test_words_about_a_person_stay_until_the_name_goes(log: District, parts: Path) -> None:
    person = person_in(log.unit)
    with clock.at(clock.now() - LONG_AGO):
        seen = record(person, "id_revealed", actor=log.owner, note="核对温知故的职称材料")
    chain.seal()
    [part] = log_parts.move_out()
    assert part.count == 4
    assert Event.objects.filter(pk=seen.pk).exists()
    anonymise_notes(person, [seen], actor=SYSTEM, reason="保存期限已满")
    [part] = log_parts.move_out()
    assert "温知故" not in (parts / part.file).read_text()
    chain.seal()
    assert (part.count, chain.check().problems) == (1, [])


def test_the_file_says_what_was_done_word_for_word(log: District, parts: Path) -> None:
    [part] = log_parts.move_out()
    head, *rows, foot = map(json.loads, (parts / part.file).read_text().splitlines())
    assert (head["count"], foot["key"]) == (4, keyring.current(SigningKey.Purpose.TREE).kid)
    assert [row["note"] for row in rows] == ["名单"] * 4
    assert [row["event"][3] for row in rows] == ["exported"] * 4


def test_the_check_takes_the_files_from_outside_and_names_those_it_was_not_given(log: District, parts, capsys) -> None:
    put_on_record(log)
    [part] = log_parts.move_out()
    chain.seal()
    call_command("check_audit", part=[parts / part.file])
    assert "没有给出" not in capsys.readouterr().out
    call_command("check_audit")
    assert f"{part.file}：文件没有给出" in capsys.readouterr().out


def test_a_key_that_is_withdrawn_later_makes_no_liar_of_a_part(log: District, parts: Path) -> None:
    [part] = log_parts.move_out()
    keyring.withdraw(keyring.current(SigningKey.Purpose.TREE).kid, reason="机房更换")
    assert log_parts.check_file(parts / part.file) == []
    assert any("签名密钥已作废" in each for each in log_parts.check_text((parts / part.file).read_bytes()))


@pytest.mark.parametrize(("old", "new"), [('"rows":1', '"rows":7'), ("名单", "别的"), ('"count":4', '"count":3')])
def test_an_altered_file_is_found(log: District, parts: Path, old: str, new: str, capsys) -> None:
    [part] = log_parts.move_out()
    path = parts / part.file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(SystemExit):
        call_command("check_audit", part=[path])
    assert f"{part.file}：不是本系统转出的文件，或转出后被改动" in capsys.readouterr().out


def test_what_is_no_part_is_said_and_breaks_nothing(log: District, parts: Path, tmp_path: Path) -> None:
    for content in (b"", b"{}\n", b"\xff\n", b"[1]\n[2]\n"):
        (tmp_path / "x").write_bytes(content)
        assert any("读不出来" in each or "不完整" in each for each in log_parts.check_file(tmp_path / "x"))


ALTERATIONS = {
    "UPDATE workflow_leftevent SET hmac = 'ab'": "留下的记录被改动",
    "DELETE FROM workflow_leftevent WHERE position = 2": "被删除",
    "UPDATE workflow_leftevent SET number = number + 100": "不见了",
    "UPDATE workflow_logpart SET sha256 = 'ab'": "的登记被改动",
    "UPDATE workflow_chainlink SET hash = 'ab' WHERE position = 4": "与前后不符",
}


@pytest.mark.parametrize("statement", ALTERATIONS)
def test_what_stays_of_them_cannot_be_altered_quietly(log: District, statement: str) -> None:
    log_parts.move_out()
    chain.seal()
    tamper(statement, tables=("workflow_chainlink", "workflow_leftevent", "workflow_logpart"))
    assert any(ALTERATIONS[statement] in problem for problem in chain.check().problems)


def test_nothing_else_can_be_deleted_by_pretending_it_left(log: District) -> None:
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM workflow_event WHERE name = 'exported'")
    log_parts.move_out()
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM workflow_event")
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM workflow_leftevent")


def pretended(event: Event) -> None:
    """Whoever has the database and no key writes what is needed for that out of the event itself."""
    position = ChainLink.objects.get(event_uid=event.uid).position
    told = {name: getattr(event, name) for name in ("uid", "writer", "number", "written_at", "hmac")}
    LeftEvent.objects.create(position=position, part_id=999, event_id=event.pk, **told)


def test_what_is_said_to_have_left_is_deleted_as_before(log: District) -> None:
    """Neither its place in the chain nor its number counts as whole by a row that nobody signed."""
    log_parts.move_out()
    recent = Event.objects.get(data__rows=9)
    pretended(recent)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        recent.delete()
    tamper("DELETE FROM workflow_event WHERE id = %s", recent.pk, tables=("workflow_event",))
    assert any("没有哪一部分转出过它" in each for each in missing(recent))
    forged = dict.fromkeys(("sha256", "events", "hmac"), "0" * 64)
    LogPart.objects.create(number=999, file="x", first=1, last=9, count=1, left_at=clock.now(), **forged)
    assert any("转出的第 999 部分" in each for each in missing(recent))


def missing(event: Event) -> list[str]:
    """What the check says, in which this event is gone from the chain and from what its writer counted."""
    problems = chain.check().problems
    assert any(f"的记录 {event.uid} 被删除" in each for each in problems)
    assert any(f"第 {event.number} 条记录不见了" in each for each in problems)
    return problems


def test_a_file_that_is_gone_or_altered_is_named(log: District, parts: Path) -> None:
    [part] = log_parts.move_out()
    chain.seal()
    assert chain.check().problems == []
    (parts / part.file).write_text("altered")
    assert any("被改动，请从备份恢复" in each for each in chain.check().problems)
    (parts / part.file).unlink()
    assert any("不在或读不出来" in each for each in chain.check().problems)


def test_nothing_goes_while_the_file_does_not_read_as_it_should(log: District, parts: Path, monkeypatch) -> None:
    before = Event.objects.count()
    monkeypatch.setattr(log_parts, "_write", lambda path, body: path.write_bytes(body[:-9]))
    with pytest.raises(CommandError, match="没有转出"):
        call_command("log_parts")
    assert (Event.objects.count(), LogPart.objects.count()) == (before, 0)
    assert list(parts.iterdir()) == []
    monkeypatch.undo()


def test_a_folder_that_is_not_there_costs_nothing(log: District, parts: Path) -> None:
    parts.write_text("a file, no folder")
    before = Event.objects.count()
    with pytest.raises(CommandError, match="没有转出"):
        call_command("log_parts")
    assert Event.objects.count() == before


def test_without_a_folder_nothing_leaves_and_never_before_six_months(log: District, settings) -> None:
    settings.AUDIT_KEEP_MONTHS = 0
    with clock.at(clock.now() - timedelta(days=100)):
        record(log.owner, "exported", actor=log.owner, data={"rows": 5})
    chain.seal()
    log_parts.move_out()
    assert {event.data["rows"] for event in Event.objects.filter(name="exported")} == {5, 9}
    assert list(log_parts.check_rows(set())) == []
    settings.AUDIT_PARTS_DIR = ""
    assert [each for each in log_parts.check_rows(set()) if "转出的 1 个文件没有核对" in each], (
        "unset, it hides what is gone"
    )
    assert log_parts.move_out() == []
    with pytest.raises(CommandError, match="AUDIT_PARTS_DIR"):
        call_command("log_parts")


def test_several_parts_follow_each_other(log: District, parts: Path, monkeypatch) -> None:
    monkeypatch.setattr(log_parts, "MOST", 3)
    assert [(part.number, part.count) for part in log_parts.move_out()] == [(1, 3), (2, 1)]
    chain.seal()
    assert chain.check().problems == []
    assert [log_parts.check_file(path) for path in sorted(parts.iterdir())] == [[], []]


@pytest.mark.real_services
def test_on_postgresql_too(log: District, parts: Path) -> None:
    [part] = log_parts.move_out()
    chain.seal()
    assert (part.count, chain.check().problems, log_parts.check_file(parts / part.file)) == (4, [], [])
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute("DELETE FROM workflow_event")
