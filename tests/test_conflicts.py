"""Two people open the same thing and both save: the second is shown a table of what differs, and decides.

Every kind that is edited in a form, over HTTP, with what the page itself sends.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

import lxml.html
import pytest
from django.db.models import Model
from django.test import Client
from django.urls import reverse
from django.utils.crypto import get_random_string

from luojiang_ce import clock
from luojiang_ce.access import Role
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.factories import account_with, id_number, person_in
from tests.training.classes.changes.factories import a_change
from tests.training.classes.factories import a_lecturer, an_application
from tests.training.factories import class_of, enrol
from tests.training.plans.access_rows import under_consent
from tests.training.plans.factories import a_plan, a_scan, an_item
from tests.training.recognition.cases import a_recognition
from tests.units.cases import leave_of
from tests.units.circulars.cases import circular_of
from tests.units.extensions.cases import extension_of
from tests.units.sanctions.cases import sanction_of
from tests.units.views.helpers import browser
from tests.verification.batches.samples import a_draft, a_slot, quick_batch
from tests.verification.declarations.cases import conversion_in, declaration_of
from tests.verification.direct.cases import training_of
from tests.verification.requirements.cases import figure_of
from training.classes.changes.assess import content_of
from training.classes.models import CatalogueCourse
from training.plans.models import Consent
from units.models import Title

pytestmark = pytest.mark.django_db
Typed = Mapping[str, str]


@dataclass(frozen=True)
class Kind:
    """What is edited: the rows that a test needs, its address, what each of the two types, and what the table says.

    `row`: what is looked at afterwards for the column `column`; `second`: who saves second, where `first` was quicker.
    """

    name: str
    make: Callable[[District], Model]
    url: Callable[[Any], str]
    field: str
    theirs: str
    mine: str
    label: str
    stored: str = ""
    typed: str = ""
    column: str = ""
    row: Callable[[Any], Any] = lambda made: made
    second: str = "owner"
    first: str = "colleague"
    main: str = "form"

    def __str__(self) -> str:
        return self.name


def titled(district: District) -> Title:
    return Title.objects.create(person=person_in(district.unit), name="农艺师", level="middle")


def at(name: str, *keys: str) -> Callable[[Any], str]:
    return lambda made: reverse(name, args=[getattr(made, key) for key in keys or ("pk",)])


BUREAU = {"second": "handler", "first": "approver"}
KINDS = (
    Kind("plan", lambda d: a_plan(d.unit), at("plans:edit"), "leader", "顾清和", "岳临川", "单位负责人"),
    Kind(
        "plan row",
        lambda d: an_item(a_plan(d.unit)),
        at("plans:item_edit", "plan_id", "pk"),
        *("place", "甲地", "乙地", "地点"),
    ),
    Kind(
        "declaration",
        lambda d: declaration_of(d.unit),
        at("declarations:edit"),
        *("amount", "8.0", "9.5", "学时（学分）", "8", "9.5"),
    ),
    Kind("person", lambda d: person_in(d.unit), at("people:edit"), "note", "同事写的", "我写的", "备注"),
    Kind(
        "person by the bureau",
        lambda d: person_in(d.unit),
        at("people:edit"),
        *("category", "teacher", "medical", "人员类别", "教师", "卫生"),
        second="handler",
        first="owner",
    ),
    Kind(
        "title of a person",
        titled,
        lambda made: reverse("people:record", args=[made.person_id, "titles", made.pk]),
        *("name", "高级农艺师", "兽医师", "专业技术职务"),
    ),
    Kind(
        "account",
        lambda d: d.colleague,
        at("accounts:edit"),
        *("phone", "0595-1", "0595-2", "电话"),
        second="system_admin",
        first="system_admin",
    ),
    Kind("unit", lambda d: d.unit, at("units:edit"), "phone", "0595-1", "0595-2", "电话", **BUREAU),
    Kind("leave", leave_of, at("leaves:edit"), "detail", "同事写的", "我写的", "说明"),
    Kind("sanction", sanction_of, at("sanctions:edit"), "learning", "研修班", "进修班", "所涉学习活动"),
    Kind(
        "extension",
        partial(extension_of, subject="2090"),
        at("terms:edit"),
        "asked_due",
        "2090-05-01",
        "2090-06-01",
        "申请延至",
    ),
    Kind(
        "circular",
        circular_of,
        at("circulars:edit"),
        *("title", "关于名单的通知", "关于学时的通知", "标题"),
        **BUREAU,
    ),
    Kind("class", lambda d: an_application(d.unit), at("classes:basics"), "place", "甲地", "乙地", "地点"),
    Kind(
        "organisers of a class",
        lambda d: an_application(d.unit),
        at("classes:basics"),
        *("o-0-name", "甲单位", "乙单位", "办班单位", "主办 甲单位", "主办 乙单位", "name"),
        row=lambda made: made.organisers.get(),
    ),
    Kind(
        "timetable of a class",
        lambda d: an_application(d.unit),
        at("classes:timetable"),
        *("r-0-course", "同事的课", "我的课", "", "", "", "course"),
        row=lambda made: made.timetable.first(),
        main="grid",
    ),
    Kind(
        "change of a class",
        a_change,
        at("changes:edit"),
        *("place", "甲地", "乙地", "地点"),
        row=lambda made: SimpleNamespace(**content_of(made).head),
    ),
    Kind(
        "opening of a changed class",
        a_change,
        at("changes:move"),
        *("opens_on", "2027-07-05", "2027-07-12", "开班日期"),
        row=lambda made: SimpleNamespace(**content_of(made).head),
    ),
    Kind(
        "timetable of a change",
        a_change,
        at("changes:timetable"),
        *("r-0-course", "同事的课", "我的课", "", "", "", "course"),
        row=lambda made: SimpleNamespace(**content_of(made).rows[0]),
    ),
    Kind("lecturer", lambda d: a_lecturer(d.unit), at("classes:lecturer_edit"), "post", "农艺师", "站长", "职务"),
    Kind(
        "course of the catalogue",
        lambda d: CatalogueCourse.objects.create(name="公需课", first_year=2026, document="闽人社文〔2026〕1号"),
        at("classes:course"),
        *("document", "甲号", "乙号", "依据文件"),
        second="handler",
        first="handler",
    ),
    Kind(
        "figure of the conversion tables",
        lambda d: conversion_in(d, "draft"),
        at("declarations:edit_conversion"),
        *("document", "甲号", "乙号", "依据文件"),
        second="handler",
        first="handler",
    ),
    Kind(
        "training of the bureau",
        training_of,
        at("direct:edit"),
        *("document", "甲号", "乙号", "调训文件"),
        second="handler",
        first="handler",
    ),
    Kind("slot of the counter", lambda d: a_slot(), at("batches:slot"), "capacity", "4", "5", "可约数", **BUREAU),
    Kind("batch", a_draft, at("batches:head"), "phone", "0595-1", "0595-2", "电话"),
    Kind(
        "row of a batch",
        a_draft,
        at("batches:rows"),
        *("form-0-unmet_reason", "同事写的", "我写的", "未达标原因", "", "", "unmet_reason"),
        row=lambda made: made.records.order_by("person__pinyin", "pk").first(),
        main="formset",
    ),
)
every_kind = pytest.mark.parametrize("kind", KINDS, ids=str)


def opened(client: Client, url: str, **changes: str) -> dict[str, str]:
    """What the page sends when nothing but these fields is changed."""
    page = client.get(url)
    assert page.status_code == 200
    return sent_by(page) | changes


def sent_by(page: Any) -> dict[str, str]:
    return dict(lxml.html.fromstring(page.content.decode()).get_element_by_id("form").form_values())


def value_of(kind: Kind, made: Any) -> str:
    row = kind.row(type(made).objects.get(pk=made.pk))
    return str(getattr(row, kind.column or kind.field))


@every_kind
def test_the_second_sees_both_and_decides(kind: Kind, district: District) -> None:
    made = kind.make(district)
    url = kind.url(made)
    first, second = browser(getattr(district, kind.first)), browser(getattr(district, kind.second))
    theirs = opened(first, url, **{kind.field: kind.theirs})
    mine = opened(second, url, **{kind.field: kind.mine})
    assert first.post(url, theirs).status_code == 302

    refused = second.post(url, mine)
    conflict = refused.context[kind.main].conflict
    said = [(each.label, each.stored, each.typed) for each in conflict.differences]
    assert (refused.status_code, conflict.who) == (422, getattr(district, kind.first).name)
    assert len(said) == 1
    label, stored, typed = said[0]
    assert kind.label in label
    assert (kind.stored or kind.theirs) in stored
    assert (kind.typed or kind.mine) in typed
    table = lxml.html.fromstring(refused.content.decode()).get_element_by_id("conflict").getparent().text_content()
    assert all(text in table for text in (label, stored, typed))
    assert value_of(kind, made) == kind.theirs

    assert sent_by(refused)[kind.field] == kind.mine, "nothing typed is lost"
    assert second.post(url, sent_by(refused)).status_code == 302
    assert value_of(kind, made) == kind.mine

    late = theirs | {"once": get_random_string(16)}  # not the first form again, which is done
    assert first.post(url, late).status_code == 422, "now the other one is second"
    assert value_of(kind, made) == kind.mine


@every_kind
def test_what_was_typed_wrong_meanwhile_does_not_hide_the_conflict(kind: Kind, district: District) -> None:
    made = kind.make(district)
    url = kind.url(made)
    first, second = browser(getattr(district, kind.first)), browser(getattr(district, kind.second))
    mine = opened(second, url, **{kind.field: "长" * 3000})
    first.post(url, opened(first, url, **{kind.field: kind.theirs}))
    wrong = second.post(url, mine)
    assert wrong.status_code == 422
    refused = second.post(url, sent_by(wrong) | {kind.field: kind.mine})
    assert refused.context[kind.main].conflict
    assert value_of(kind, made) == kind.theirs


@every_kind
def test_a_page_that_lost_its_version_overwrites_nothing(kind: Kind, district: District) -> None:
    made = kind.make(district)
    url, client = kind.url(made), browser(getattr(district, kind.second))
    before = value_of(kind, made)
    for version in ("", "x", "-1", "²", "99999999999999999999"):
        answer = client.post(url, opened(client, url, version=version, **{kind.field: kind.mine}))
        assert answer.status_code == 422
    assert value_of(kind, made) == before


@every_kind
def test_a_neighbour_neither_sees_nor_saves(kind: Kind, district: District) -> None:
    made = kind.make(district)
    url, client = kind.url(made), browser(district.neighbour)
    mine = opened(browser(getattr(district, kind.second)), url, **{kind.field: kind.mine})
    before = value_of(kind, made)
    assert {client.get(url).status_code, client.post(url, mine).status_code} <= {403, 404}
    assert value_of(kind, made) == before


DRAFTS = [
    *("plan", "plan row", "declaration", "leave", "extension", "class", "organisers of a class"),
    *("timetable of a class", "change of a class", "timetable of a change", "batch", "row of a batch"),
]
every_draft = pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name in DRAFTS], ids=str)


@every_draft
def test_a_draft_that_cannot_be_saved_does_not_say_that_it_was(kind: Kind, district: District) -> None:
    made = kind.make(district)
    url, client = kind.url(made), browser(district.owner)
    before = value_of(kind, made)
    answer = client.post(f"{url}?autosave=1", opened(client, url, **{kind.field: "长" * 3000}))
    assert answer.status_code == 422
    assert "还没有自动保存" in answer.json()["text"] or "只自动保存了一部分" in answer.json()["text"]
    assert value_of(kind, made) == before


@every_draft
def test_a_draft_that_goes_on_saving_itself_loses_nothing(kind: Kind, district: District) -> None:
    made = kind.make(district)
    url, client = kind.url(made), browser(district.owner)
    typed = opened(client, url, **{kind.field: kind.theirs})
    for _ in range(3):
        answer = client.post(f"{url}?autosave=1", typed)
        assert answer.status_code == 200, answer.json()
        assert "已自动保存" in answer.json()["text"]
        typed["version"] = str(answer.json()["version"])
    assert value_of(kind, made) == kind.theirs
    assert client.post(url, typed).status_code == 302
    assert value_of(kind, made) == kind.theirs


@every_draft
def test_a_draft_that_saves_itself_overwrites_nothing_either(kind: Kind, district: District) -> None:
    made = kind.make(district)
    url = kind.url(made)
    edits = Event.objects.filter(name="edited").count()
    first, second = browser(district.colleague), browser(district.owner)
    mine = opened(second, url, **{kind.field: kind.mine})
    saved = first.post(f"{url}?autosave=1", opened(first, url, **{kind.field: kind.theirs}))
    assert (saved.status_code, saved.json()["version"]) == (200, int(mine["version"]) + 1)
    refused = second.post(f"{url}?autosave=1", mine)
    assert (refused.status_code, "没有自动保存" in refused.content.decode()) == (409, True)
    assert district.colleague.name in refused.content.decode()
    assert value_of(kind, made) == kind.theirs
    decides = second.post(url, mine)
    assert decides.context[kind.main].conflict.who == district.colleague.name
    assert "data-autosave" not in decides.content.decode(), "what is to be decided is not saved by itself"
    assert Event.objects.filter(name="edited").count() == edits


def test_who_goes_on_after_it_saved_itself_is_in_nobodys_way(district: District) -> None:
    plan, client = a_plan(district.unit), browser(district.owner)
    url = reverse("plans:edit", args=[plan.pk])
    typed = opened(client, url, leader="岳")
    assert client.post(f"{url}?autosave=1", typed).status_code == 200
    assert client.post(url, {**typed, "leader": "岳临川", "version": "1"}).status_code == 302
    plan.refresh_from_db()
    assert (plan.leader, plan.version, plan.edited_by) == ("岳临川", 2, district.owner)


def test_a_row_that_a_colleague_deleted_does_not_come_back(district: District) -> None:
    item, client = an_item(a_plan(district.unit)), browser(district.owner)
    url = reverse("plans:item_edit", args=[item.plan_id, item.pk])
    typed = opened(client, url, place="乙地")
    browser(district.colleague).post(reverse("plans:item_delete", args=[item.plan_id, item.pk]))
    assert client.post(url, typed).status_code == 404
    assert not item.plan.items.exists()


@every_kind
def test_the_very_same_is_nothing_to_decide(kind: Kind, district: District) -> None:
    made = kind.make(district)
    url = kind.url(made)
    first, second = browser(getattr(district, kind.first)), browser(getattr(district, kind.second))
    mine = opened(second, url, **{kind.field: kind.theirs})
    assert first.post(url, opened(first, url, **{kind.field: kind.theirs})).status_code == 302
    answer = second.post(url, mine)
    assert answer.status_code == 302, "no table without a line"
    assert "已保存了相同的内容" in second.get(answer.headers["Location"]).content.decode()
    assert value_of(kind, made) == kind.theirs


# --- what has no row that counts its saves ----------------------------------------------------------------------------


def refused_table(page: Any) -> list[tuple[str, str, str]]:
    assert page.status_code == 422
    return [(each.label, each.stored, each.typed) for each in page.context["form"].conflict.differences]


def test_two_handlers_decide_about_one_trainee(district: District) -> None:
    case = a_recognition(district, "submitted")
    trainee = case.application.enrolments.get()
    url, client = reverse("recognition:decide", args=[case.pk, trainee.pk]), browser(district.handler)
    page = opened(client, url)
    amount = next(name for name in page if name[:4].isdigit())
    theirs, mine = {amount: "1.0", "reason": "甲的理由"}, {amount: "2.0", "reason": "乙的理由"}
    assert client.post(url, page | theirs).status_code == 302
    table = refused_table(client.post(url, page | mine))
    assert [line[1:] for line in table] == [("1", "2"), ("甲的理由", "乙的理由")]
    assert str(case.overrides.get().amount) == "1.0"
    again = client.post(url, page | mine)
    assert client.post(url, sent_by(again)).status_code == 302
    assert (str(case.overrides.get().amount), case.overrides.get().reason) == ("2.0", "乙的理由")


def test_two_at_the_counter_tick_the_seven(district: District) -> None:
    case = quick_batch(district)
    url, counter = reverse("batches:materials", args=[case.pk]), reverse("batches:counter", args=[case.pk])
    first, second = browser(district.approver), browser(district.handler)
    page = lxml.html.fromstring(second.get(counter).content.decode())
    form = next(each for each in page.forms if each.get("action") == url)
    version = dict(form.form_values())["version"]
    assert first.post(url, {"version": version, "seen": ["payment", "degree"]}).status_code == 302
    table = refused_table(second.post(url, {"version": version, "seen": ["payment", "paper"]}))
    assert table == [("在职学历、学位教育材料", "已查验", "未查验"), ("论文确认手续", "未查验", "已查验")]
    case.refresh_from_db()
    assert case.materials_seen == ["payment", "degree"]
    refused = second.post(url, {"version": version, "seen": ["payment", "paper"]})
    decided = lxml.html.fromstring(refused.content.decode()).get_element_by_id("form").form_values()
    seen = [value for name, value in decided if name == "seen"]
    assert second.post(url, {"version": dict(decided)["version"], "seen": seen}).status_code == 302
    case.refresh_from_db()
    assert case.materials_seen == ["payment", "paper"]


def test_two_clerks_correct_the_signs_of_one_trainee(district: District) -> None:
    course = class_of(district.unit, opens_on=clock.today() - timedelta(days=1))
    trainee = enrol(course, person_in(district.unit))
    url = reverse("attendance:correct", args=[course.pk, course.opens_on, "morning", trainee.pk])
    first, second = browser(district.colleague), browser(district.owner)
    mine = opened(second, url, time_in="08:40", time_out="11:50", reason="我看的签到表")
    theirs = opened(first, url, time_in="08:30", time_out="11:50", reason="同事看的签到表")
    assert first.post(url, theirs).status_code == 302
    refused = second.post(url, mine)
    assert refused_table(refused) == [("签到时间", "08:30", "08:40")]
    assert refused.context["form"].conflict.who == district.colleague.name
    assert second.post(url, sent_by(refused)).status_code == 302
    assert {f"{sign.time:%H:%M}" for sign in trainee.signs.filter(struck_at=None)} == {"08:40", "11:50"}


def test_two_handlers_record_one_answer_of_a_body(district: District) -> None:
    batch, body = under_consent(district)
    url, client = reverse("plans:consent", args=[batch, body]), browser(district.handler)
    page = opened(client, url)
    prefix = f"body{body}-"
    typed = {f"{prefix}result": "agreed", f"{prefix}given_on": clock.today().isoformat(), f"{prefix}person": "顾清和"}
    theirs = page | typed | {f"{prefix}document": "甲号"}
    assert client.post(url, theirs | {f"{prefix}scan": a_scan()}).status_code == 302
    refused = client.post(url, page | typed | {f"{prefix}document": "乙号", f"{prefix}scan": a_scan()})
    assert refused_table(refused)[0] == ("文号或会议纪要", "甲号", "乙号")
    assert Consent.objects.get().document == "甲号"


def test_two_of_the_bureau_correct_the_document_of_one_person(district: District) -> None:
    person = person_in(district.unit)
    url = reverse("people:document", args=[person.pk])
    first, second = browser(district.approver), browser(district.handler)
    numbers = [id_number(serial=serial) for serial in (701, 703)]
    theirs = opened(first, url, number=numbers[0], reason="换发")
    mine = opened(second, url, number=numbers[1], reason="录入有误")
    assert first.post(url, theirs).status_code == 302
    refused = second.post(url, mine)
    person.refresh_from_db()
    assert refused_table(refused) == [("证件", f"居民身份证 {person.masked_id}", "您填写的证件")]
    assert person.id_number == numbers[0]
    assert second.post(url, sent_by(refused)).status_code == 302
    person.refresh_from_db()
    assert person.id_number == numbers[1]


def test_two_handlers_write_one_figure(district: District) -> None:
    change = figure_of(district, year=2025, amount=Decimal(24), document="甲号")
    url = reverse("requirements:edit_figure", args=[change.pk])
    first, second = browser(district.handler), browser(account_with(Role.BUREAU_HANDLER, district.bureau))
    theirs, mine = opened(first, url, amount="30.0"), opened(second, url, document="乙号", amount="36")
    assert first.post(url, theirs).status_code == 302
    refused = second.post(url, mine)
    assert refused_table(refused) == [("学时", "30", "36"), ("依据", "甲号", "乙号")]
    assert second.post(url, sent_by(refused)).status_code == 302
    change.refresh_from_db()
    assert (change.amount, change.document) == (Decimal(36), "乙号")


def test_two_officers_end_one_role(district: District) -> None:
    role = district.colleague.assignments.get()
    url, client = reverse("accounts:end_role", args=[district.colleague.pk, role.pk]), browser(district.security_admin)
    page = opened(client, url, reason="离岗")
    assert client.post(url, page | {"last_day": "2090-05-01"}).status_code == 302
    refused = client.post(url, page | {"last_day": "2090-06-01"})
    assert refused_table(refused) == [("最后一天", "2090-05-01", "2090-06-01")]
    assert refused.context["form"].conflict.who == district.security_admin.name
    assert client.post(url, sent_by(refused)).status_code == 302
    role.refresh_from_db()
    assert str(role.valid_to) == "2090-06-01"
