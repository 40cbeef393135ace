"""The event log cannot be rewritten quietly."""

import json
from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection

from luojiang_ce import clock
from luojiang_ce.workflow import audited, chain, heads
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import canonical, digest, open_items, record
from luojiang_ce.workflow.models import ChainLink, Event, EventNote, ReturnItem
from luojiang_ce.workflow.triggers import protect, release
from tests.units.cases import leave_of, with_evidence

TABLES = ("workflow_event", "workflow_chainlink", "workflow_loghead")


@pytest.fixture(autouse=True)
def _audit_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


@pytest.fixture
def log(district):
    return [record(district.unit, "edited", actor=district.owner, note=f"第{i}次") for i in range(4)]


class Editor:
    """What `protect` and `release` need of a schema editor."""

    connection = connection

    def execute(self, sql, params=None):
        with connection.cursor() as cursor:
            cursor.execute(sql)


def tamper(sql: str, *params, tables=TABLES) -> None:
    """What somebody with the database password could do: drop the triggers, change, put them back."""
    release(Editor(), tables)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
    protect(Editor(), tables)


def test_an_untouched_log_is_found_whole(log):
    assert chain.seal() == 4
    audit = chain.check()
    assert (audit.sealed, audit.unsealed, audit.problems) == (4, 0, [])


def test_sealing_twice_adds_nothing(log):
    chain.seal()
    assert chain.seal() == 0


@pytest.mark.parametrize("statement", ["UPDATE workflow_event SET target = 'x'", "DELETE FROM workflow_event"])
def test_the_database_refuses_to_change_events(log, statement):
    with pytest.raises(DatabaseError, match="append-only"), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_altered_event_is_found(log):
    chain.seal()
    tamper("UPDATE workflow_event SET actor_id = NULL WHERE id = %s", log[1].pk)
    assert any(str(log[1].uid) in problem for problem in chain.check().problems)


def test_an_event_altered_before_sealing_is_found(log):
    tamper("UPDATE workflow_event SET name = 'approve' WHERE id = %s", log[2].pk)
    assert any(str(log[2].uid) in problem for problem in chain.check().problems)


def test_a_deleted_event_is_found(log):
    chain.seal()
    EventNote.objects.filter(event=log[0]).delete()
    tamper("DELETE FROM workflow_event WHERE id = %s", log[0].pk)
    assert any("被删除" in problem for problem in chain.check().problems)


def test_a_cut_tail_is_found_by_the_published_head(log):
    chain.seal()
    last = Event.objects.last()
    EventNote.objects.filter(event=last).delete()
    tamper("DELETE FROM workflow_chainlink WHERE position = %s", ChainLink.objects.last().position)
    tamper("DELETE FROM workflow_event WHERE id = %s", last.pk)
    assert any("截断" in problem for problem in chain.check().problems)


def test_swapped_links_are_found(log):
    chain.seal()
    tamper("UPDATE workflow_chainlink SET position = 99 WHERE position = 2")
    tamper("UPDATE workflow_chainlink SET position = 2 WHERE position = 3")
    tamper("UPDATE workflow_chainlink SET position = 3 WHERE position = 99")
    assert chain.check().problems


def test_an_altered_note_is_found(log):
    EventNote.objects.filter(event=log[3]).update(text="改过的理由")
    assert any("说明" in problem for problem in chain.check().problems)


def test_unsealed_events_are_counted_with_their_age(log):
    audit = chain.check()
    assert audit.unsealed == 4
    assert audit.oldest_unsealed == min(event.at for event in log)


class TestPublishedHeads:
    def test_without_the_file_nothing_is_proved(self, log):
        chain.seal()
        heads.heads_file().unlink()
        assert any("链头公布文件" in problem for problem in chain.check().problems)
        assert call_exit_code("check_audit") == 1

    def test_an_emptied_file_is_found(self, log):
        chain.seal()
        heads.heads_file().write_text("")
        assert any("链头公布文件" in problem for problem in chain.check().problems)

    def test_half_a_line_is_named_and_stops_neither_the_check_nor_the_sealer(self, log, district):
        chain.seal()
        with heads.heads_file().open("a") as file:
            file.write("5 3fa")
        assert chain.check().problems == ["链头公布文件第 2 行不完整，读不出来，请从备份恢复"]
        assert chain.seal() == 0
        record(district.unit, "edited", actor=district.owner)
        assert chain.seal() == 1
        assert heads.heads_file().read_text().splitlines()[-1].startswith("5 ")
        assert chain.check().problems == ["链头公布文件第 2 行不完整，读不出来，请从备份恢复"]

    def test_a_new_log_needs_no_file(self, db):
        assert chain.check().problems == []

    def test_what_is_sealed_while_it_is_checked_is_no_loss(self, log, monkeypatch):
        before = list(heads.lines())
        monkeypatch.setattr(heads, "lines", lambda: [before, chain.seal()][0])
        assert chain.check().problems == []
        assert ChainLink.objects.exists()

    def test_a_file_begun_anew_is_found(self, log, district):
        chain.seal()
        heads.heads_file().unlink()
        with clock.at(clock.now() + timedelta(days=1)):
            record(district.unit, "edited", actor=district.owner)
            chain.seal()
        assert any("才开始" in problem for problem in chain.check().problems)

    def test_a_cut_file_is_found(self, log, district):
        chain.seal()
        kept = heads.heads_file().read_text()
        record(district.unit, "edited", actor=district.owner)
        chain.seal()
        heads.heads_file().write_text(kept)
        with clock.at(clock.now() + timedelta(days=1)):
            assert any("止于" in problem for problem in chain.check().problems)

    def test_a_sealer_that_was_stopped_before_publishing_publishes_the_next_time(self, log, district):
        chain.seal()
        kept = heads.heads_file().read_text()
        record(district.unit, "edited", actor=district.owner)
        chain.seal()
        heads.heads_file().write_text(kept)
        assert chain.seal() == 0
        with clock.at(clock.now() + timedelta(days=1)):
            assert chain.check().problems == []


class TestReturns:
    ITEMS = ({"where": "第 1 行", "wrong": "预算不符", "mend": "核对"}, {"where": "", "wrong": "缺方案", "mend": ""})

    @pytest.fixture
    def returned(self, district):
        leave = leave_of(district, "submitted")
        with_evidence(district, leave)
        fire(leave, "return", actor=district.handler, data={"items": self.ITEMS})
        return leave

    @pytest.fixture
    def answered(self, returned, district):
        answers = {str(item.pk): f"已改第{item.pk}处" for item in open_items(returned)}
        fire(returned, "resubmit", actor=district.owner, data={"answers": answers})
        return returned

    def test_untouched_texts_are_found_whole(self, answered):
        assert chain.check().problems == []

    @pytest.mark.parametrize("field", ["where", "wrong", "mend"])
    def test_what_was_asked_for_cannot_be_reworded(self, returned, field):
        item = ReturnItem.objects.first()
        ReturnItem.objects.filter(pk=item.pk).update(**{field: "别的"})
        assert any(str(item.event.uid) in problem for problem in chain.check().problems)

    def test_nothing_is_added_or_taken_away(self, returned):
        ReturnItem.objects.last().delete()
        assert any("退回内容" in problem for problem in chain.check().problems)

    def test_nothing_is_slipped_under_another_event(self, log):
        ReturnItem.objects.create(event=log[0], wrong="从未退回过")
        assert any("退回内容" in problem for problem in chain.check().problems)

    def test_an_answer_cannot_be_reworded(self, answered):
        ReturnItem.objects.filter(pk=ReturnItem.objects.first().pk).update(answer="没有改")
        assert any("补正说明" in problem for problem in chain.check().problems)

    def test_an_answer_cannot_be_made_up(self, returned):
        ReturnItem.objects.update(answer="已改", answered_at=clock.now())
        assert any("补正说明" in problem for problem in chain.check().problems)

    @pytest.fixture
    def older(self, answered):
        """A return and its answers from before their digests stood in the events."""
        for event in Event.objects.all():
            event.data = {k: v for k, v in event.data.items() if not k.endswith("_sha256")}
            sql = "UPDATE workflow_event SET data = %s, hmac = %s WHERE id = %s"
            tamper(sql, json.dumps(event.data), digest(canonical(event)), event.pk)
        seal_older = import_module("luojiang_ce.workflow.migrations.0003_seal_older_returns")
        seal_older.seal_older_returns(apps, None)
        start = heads.beginning()  # the log is counted since then
        start.older = 1
        tamper("UPDATE workflow_loghead SET older = 1, hmac = %s", heads.head_hmac(start))
        return answered

    def test_older_returns_are_held_by_an_event_of_the_upgrade(self, older):
        assert chain.check().problems == []
        assert Event.objects.filter(name=chain.RETURNS_SEALED).count() == 1
        ReturnItem.objects.filter(pk=ReturnItem.objects.first().pk).update(wrong="别的", answer="没有改")
        assert len(chain.check().problems) == 2

    def test_nothing_is_slipped_under_an_older_event(self, older):
        ReturnItem.objects.create(event=Event.objects.first(), wrong="从未退回过")
        assert any("退回内容" in problem for problem in chain.check().problems)

    def test_the_log_holds_digests_never_the_words(self, answered):
        assert not [e for e in Event.objects.all() if "已改" in str(e.data) or "预算" in str(e.data)]


def call_exit_code(command: str) -> int:
    with pytest.raises(SystemExit) as stopped:
        call_command(command)
    return stopped.value.code


@pytest.mark.parametrize(
    ("first", "second", "told"), [(["甲", "乙"], ["乙"], ["乙"]), (["甲"], [], []), ([], ["甲"], [])]
)
def test_what_somebody_did_between_two_reads_is_no_alteration(first, second, told):
    looks = iter([first, second])
    compared = audited.Compared("试", lambda: 1, lambda done: next(looks))
    assert audited._found_twice(compared, lambda rows: None) == told
