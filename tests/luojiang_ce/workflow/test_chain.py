"""The event log cannot be rewritten quietly."""

import pytest
from django.db import DatabaseError, connection

from luojiang_ce.workflow import chain
from luojiang_ce.workflow.events import record
from luojiang_ce.workflow.models import ChainLink, Event, EventNote
from luojiang_ce.workflow.triggers import protect, release

TABLES = ("workflow_event", "workflow_chainlink")


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


def tamper(sql: str, *params) -> None:
    """What somebody with the database password could do: drop the triggers, change, put them back."""
    release(Editor(), TABLES)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
    protect(Editor(), TABLES)


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
