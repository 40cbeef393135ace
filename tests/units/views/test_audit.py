"""The event log as the audit officer reads it (product.md S2, domain.md §6)."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from django.apps import apps
from django.urls import reverse
from pypinyin import lazy_pinyin

from luojiang_ce import clock
from luojiang_ce.jobs.models import Job
from luojiang_ce.jobs.services import run
from luojiang_ce.workflow import chain
from luojiang_ce.workflow.case_kind import act_label, kinds_with_a_table
from luojiang_ce.workflow.engine import SYSTEM, fire
from luojiang_ce.workflow.events import history, record
from luojiang_ce.workflow.models import ChainLink, Event
from luojiang_ce.workflow.origin import coming_from
from tests.factories import person_in
from tests.luojiang_ce.workflow.rows_on_record import put_on_record
from tests.luojiang_ce.workflow.test_chain import tamper
from tests.units.cases import leave_of, with_evidence
from tests.units.views.helpers import browser, cost, queries, workbook_rows
from units.audit import OF_MANY, act_choices, case_label, contents, move_label, state_label
from units.forms.filters import EventFilter
from units.services import suspend_unit, update_person

EVENTS = reverse("audit:events")


@pytest.fixture(autouse=True)
def _audit_folder(settings, tmp_path):
    settings.VAR_DIR = tmp_path


def shown(response) -> list[str]:
    return [what for _, what, *_ in response.context["rows"]]


def test_who_did_what_newest_first(district) -> None:
    person = person_in(district.unit)
    update_person(person=person, actor=district.owner, note="x")
    suspend_unit(unit=district.unit, actor=district.handler, reason="停业整顿")
    response = browser(district.audit_admin).get(EVENTS)
    assert shown(response) == ["暂停单位", "修改内容"]
    page = response.content.decode()
    assert "停业整顿" in page
    assert person.name not in page


def test_what_the_system_did_is_there_too(district) -> None:
    record(district.unit, "lapsed", actor=SYSTEM)
    auditor = browser(district.audit_admin)
    assert len(shown(auditor.get(EVENTS))) == 1
    assert shown(auditor.get(EVENTS, {"actor": "handler"})) == []
    heads, *lines = workbook_rows(auditor.get(reverse("audit:export")))
    assert lines[-1][heads.index("操作")] == shown(auditor.get(EVENTS))[-1]


def test_who_has_no_account_is_named_as_in_the_workbook(district) -> None:
    record(district.unit, "edited", actor=SYSTEM, data={"slip": 3})
    auditor = browser(district.audit_admin)
    assert "本人（凭查阅条）" in auditor.get(EVENTS).content.decode()
    assert "本人（凭查阅条）" in browser(district.handler).get(district.unit.get_absolute_url()).content.decode()
    heads, *lines = workbook_rows(auditor.get(reverse("audit:export")))
    assert lines[-1][heads.index("姓名")] == "本人（凭查阅条）"


def test_what_an_event_is_about_is_said_in_words_be_it_a_case_or_not() -> None:
    said = {
        model._meta.label_lower: case_label(model._meta.label_lower) for model in apps.get_models() if has_name(model)
    }
    assert said["verification_batches.slot"] == "预约时段"
    assert not [key for key, label in said.items() if label == key]
    assert case_label("gone.model") == "gone.model"


def has_name(model: type) -> bool:
    """Is it a model of the product, with words of its own?"""
    return model.__module__.startswith(("units.", "training.", "verification.", "luojiang_ce."))


def test_every_state_is_said_in_words() -> None:
    for kind, table in kinds_with_a_table():
        for state in table.states:
            assert state_label(kind.key, state) != state
    assert move_label(Event(case_type="verification_batches.batch", source="", target="draft")) == "— → 草稿"
    assert move_label(Event(case_type="verification_batches.batch", source="draft", target="draft")) == ""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"case_type": "units.person"}, ["修改内容"]),
        ({"case_type": "units.unit"}, ["暂停单位"]),
        ({"actor": "handler"}, ["暂停单位"]),
        ({"act": "暂停单位"}, ["暂停单位"]),
        ({"act": "修改内容", "actor": "handler"}, []),
        ({"since": "tomorrow"}, []),
        ({"until": "today"}, ["暂停单位", "修改内容"]),
        ({"until": "yesterday"}, []),
        ({"case_id": "unit"}, ["暂停单位"]),
        ({"whom": "person"}, ["修改内容"]),
        ({"whom": "nobody"}, []),
        ({"address": "203.0.113.7"}, ["修改内容"]),
        ({"address": "203.0.113.8"}, []),
    ],
)
def test_filters(district, query, found) -> None:
    person = person_in(district.unit)
    with coming_from("203.0.113.7"):
        update_person(person=person, actor=district.owner, note="x")
    suspend_unit(unit=district.unit, actor=district.handler, reason="停业整顿")
    today = clock.today()
    words = {
        "handler": district.handler.username,
        "person": person.name,
        "tomorrow": str(today + timedelta(days=1)),
        "today": str(today),
        "yesterday": str(today - timedelta(days=1)),
        "unit": str(district.unit.pk),
    }
    asked = {key: words.get(value, value) for key, value in query.items()}
    if "case_id" in asked:
        asked["case_type"] = "units.unit"
    assert shown(browser(district.audit_admin).get(EVENTS, asked)) == found


def test_an_act_is_found_by_its_words_whatever_kinds_call_it_so(district) -> None:
    leave = leave_of(district, "submitted")
    with_evidence(district, leave)
    fire(leave, "approve", actor=district.approver)
    label = act_label(history(leave).first())
    assert shown(browser(district.audit_admin).get(EVENTS, {"act": label})) == [label]
    [group] = [group for group, acts in act_choices() if (label, label) in acts]
    assert group in (case_label(leave._meta.label_lower), OF_MANY)


def test_acts_stand_once_under_what_they_are_done_to_by_their_sound() -> None:
    every = [label for _, acts in act_choices() for label, _ in acts]
    assert len(every) == len(set(every)) > 300
    (_, general), *_ = act_choices()
    assert [label for label, _ in general] == sorted((label for label, _ in general), key=lazy_pinyin)


def test_days_the_wrong_way_round_are_said_and_a_line_tells_the_second(district) -> None:
    moment = record(district.unit, "edited", actor=district.owner).at
    auditor, today = browser(district.audit_admin), clock.today()
    asked = {"since": str(today), "until": str(today - timedelta(days=1))}
    page = auditor.get(EVENTS, asked).content.decode()
    assert "早于“自”的日期" in page
    assert f"{clock.local(moment):%H:%M:%S}</time>" in page


def test_a_wrong_date_is_said_and_filters_nothing(district) -> None:
    response = browser(district.audit_admin).get(EVENTS, {"since": "昨天"})
    assert response.status_code == 200
    assert "since" in response.context["filter"].form.errors


def test_the_workbook_has_the_note_and_is_itself_on_record(district) -> None:
    suspend_unit(unit=district.unit, actor=district.handler, reason="=停业整顿")
    rows = workbook_rows(browser(district.audit_admin).get(reverse("audit:export"), {"case_type": "units.unit"}))
    line = dict(zip(rows[0], rows[1], strict=True))
    assert (line["操作"], line["说明"], line["账号"]) == ("暂停单位", "=停业整顿", district.handler.username)
    assert Event.objects.last().data == {"list": "events", "rows": 1}


def _check(district) -> str:
    client = browser(district.audit_admin)
    client.post(reverse("audit:check"))
    job = Job.objects.get(kind="check_audit")
    run(job.pk)
    return client.get(EVENTS).content.decode()


def test_an_untouched_log_is_found_whole(district) -> None:
    put_on_record(district)
    record(district.unit, "edited", actor=district.handler)
    chain.seal()
    record(district.unit, "edited", actor=district.handler)
    page = _check(district)
    assert f"已封存 {ChainLink.objects.count()} 条" in page
    assert "1 条待封存" in page
    assert "没有发现改动" in page


def test_an_altered_event_is_found_on_the_page(district) -> None:
    event = record(district.unit, "edited", actor=district.handler)
    chain.seal()
    tamper("UPDATE workflow_event SET actor_id = NULL WHERE id = %s", event.pk)
    assert "处问题" in _check(district)


@pytest.mark.parametrize("altered", [False, True])
def test_a_clock_that_was_wrong_is_told_beside_what_was_altered(district, altered: bool) -> None:
    put_on_record(district)
    event = record(district.unit, "edited", actor=district.handler)
    with patch.object(clock, "machine_now", return_value=clock.now() - timedelta(hours=3)):
        wrong = record(district.unit, "edited", actor=district.handler)
    chain.seal()
    if altered:
        tamper("UPDATE workflow_event SET actor_id = NULL WHERE id = %s", event.pk)
    page = _check(district)
    assert "系统时间倒退 1 段" in page
    assert f"最近一段：记录 {wrong.uid}" in page
    found = f"发现 1 处问题：记录 {event.uid} 被改动" if altered else "没有发现改动"
    assert found in page


def test_from_an_event_to_its_case(district) -> None:
    person = person_in(district.unit)
    update_person(person=person, actor=district.owner, note="x")
    client = browser(district.audit_admin)
    url = reverse("audit:case", args=["units.person", person.pk])
    assert url in client.get(EVENTS).content.decode()
    assert client.get(url).headers["Location"] == person.get_absolute_url()


def test_a_wrong_address_is_said(district) -> None:
    response = browser(district.audit_admin).get(EVENTS, {"address": "203.0.113"})
    assert "203.0.113.7" in response.context["filter"].form.errors["address"][0]


def test_whom_it_concerns_is_found_by_person_case_and_account(district) -> None:
    leave = leave_of(district, "submitted")
    record(leave.person, "edited", actor=district.owner)
    record(leave, "edited", actor=district.owner)
    record(district.handler, "exported", actor=district.handler, data={"person": leave.person_id})
    record(district.owner, "signed_out", actor=district.owner)
    auditor = browser(district.audit_admin)
    assert set(shown(auditor.get(EVENTS, {"whom": leave.person.name}))) >= {"修改内容", "导出名单"}
    of_account = auditor.get(EVENTS, {"whom": district.owner.username, "act": "退出登录"})
    assert shown(of_account) == ["退出登录"]


def test_what_is_shown_is_exported_with_its_addresses(district) -> None:
    with coming_from("203.0.113.7"):
        record(district.unit, "edited", actor=district.owner)
    record(district.unit, "edited", actor=district.owner)
    asked = {"address": "203.0.113.7"}
    heads, *lines = workbook_rows(browser(district.audit_admin).get(reverse("audit:export"), asked))
    assert [line[heads.index("网络地址")] for line in lines] == ["203.0.113.7"]
    assert Event.objects.last().data == {"list": "events", "rows": 1}


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ({"address": "203.0.113.7"}, "event_address"),
        ({"act": "导出名单"}, "event_name"),
        ({"since": "2026-01-01", "until": "2026-01-02"}, "event_at"),
        ({"actor": "nobody"}, "workflow_event_actor"),
        ({"whom": "person"}, "event_concerns"),
    ],
)
def test_among_very_many_events_an_index_is_used(district, asked, index) -> None:
    person = person_in(district.unit)
    words = {"nobody": district.owner.username, "person": person.name}
    query = {key: words.get(value, value) for key, value in asked.items()}
    found = EventFilter(query, queryset=Event.objects.all(), request=SimpleNamespace(user=district.audit_admin)).qs
    assert index in found.explain()


def test_twenty_thousand_events_take_as_few_queries(district) -> None:
    made = (Event(case_type="units.unit", case_id=1, name="edited", at=clock.now(), hmac="x") for _ in range(20_000))
    Event.objects.bulk_create(made, batch_size=2000)
    for query in ("?actor=x", f"?whom={district.owner.username}", "?address=203.0.113.7", "?since=2026-01-01"):
        assert queries(district.audit_admin, f"{EVENTS}{query}") <= 12


def test_queries_do_not_grow(district) -> None:
    few, many = cost(
        district.audit_admin, EVENTS, lambda: record(district.unit, "edited", actor=district.handler, note="x")
    )
    assert few == many
    assert many <= 12


def test_what_an_event_holds_is_told_in_words_and_days_as_people_write_them():
    held = {"due": "2026-11-24", "role": "unit_clerk", "rows": 3, "year": 2026}
    assert contents(Event(data=held)) == "期限：2026年11月24日；角色：单位专办员；行数：3；年度：2026"
