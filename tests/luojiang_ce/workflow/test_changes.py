"""The log names what was changed: labels, former and new values in words, masked where nobody need read them."""

from __future__ import annotations

import re
from datetime import date, time, timedelta
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce import clock
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.changes import in_words, lines_in_words, record_edit, stored_values, values_of
from luojiang_ce.workflow.events import history, record
from luojiang_ce.workflow.models import EventNote
from tests.conftest import District
from tests.factories import AccountFactory, person_in
from tests.training.classes.factories import a_lecturer, an_application
from tests.training.factories import class_of
from tests.training.plans.factories import a_plan, an_item
from tests.units.cases import leave_of
from training.classes.models import CatalogueCourse, ClassApplication, TimetableRow
from training.classes.services.applications import OrganiserRow, replace_timetable, save_basics
from training.plans.services import delete_item, save_item
from units.models import Employment, Leave, Person, Unit
from units.services import edit_leave, save_title, transfer, update_account, update_person, update_unit

pytestmark = pytest.mark.django_db


def said(case: Any) -> str:
    """What the note of the last event on it says."""
    return EventNote.objects.get(event=history(case).first()).text


def test_codes_dates_flags_and_references_are_said_in_words(district: District) -> None:
    unit = Unit.objects.get(pk=district.unit.pk)
    facts = {"nature": Unit.Nature.SCHOOL, "supervisor": district.education, "is_provider": False}
    update_unit(unit=unit, actor=district.handler, **facts)
    before = Unit.Nature(unit.nature).label
    text = said(unit)
    for part in (f"{before} → 学校", "空 → 洛江区教育局", "是 → 否"):
        assert part in text
    assert "school" not in text
    assert history(unit).first().data["fields"] == ["is_provider", "nature", "supervisor"]


def test_a_person_and_the_post_are_told_together(district: District) -> None:
    person = person_in(district.unit)
    update_person(person=person, actor=district.owner, category="medical", department="门诊部", note="返聘")
    assert said(person) == "人员类别：一般 → 卫生；备注：空 → 返聘；部门：空 → 门诊部"


def test_saving_the_same_again_says_and_writes_nothing(district: District) -> None:
    person = person_in(district.unit)
    update_person(person=person, actor=district.owner, category="general", note="", department="")
    assert not history(person).exists()


def test_contact_and_birth_are_masked_and_whole_numbers_too(district: District) -> None:
    account = AccountFactory(phone="13959990000", email="old@example.org")
    update_account(
        account=account, name="林远帆", phone="13959991234", email="new@example.org", actor=district.system_admin
    )
    text = said(account)
    assert "****0000 → ****1234" in text
    assert "o***@example.org → n***@example.org" in text
    assert "1395999" not in text
    person = person_in(district.unit, id_kind="passport")
    update_person(person=person, actor=district.owner, birth=date(1990, 4, 5), note="号码 999999198503120016")
    assert "1985年 → 1990年" in said(person)
    assert "99999919850312" not in said(person)
    assert not re.search(r"19\d\d-\d\d-\d\d", said(person))


def test_long_texts_are_told_by_their_beginning(district: District) -> None:
    leave = leave_of(district, "draft")
    edit_leave(
        leave=leave, reason="other", starts_on=leave.starts_on, ends_on=date(2030, 1, 2), detail="长" * 150,
        actor=district.owner,
    )  # fmt: skip
    assert f"说明：空 → {'长' * 60}…" in said(leave)
    assert f"止：{full(leave.ends_on)} → 2030年1月2日" in said(leave)
    assert "病假 → 其他" in said(leave)


def test_a_row_of_a_plan_is_named_and_what_was_deleted_too(district: District) -> None:
    plan = a_plan(district.unit, clock.today().year)
    item = an_item(plan, title="果蔬冷链")
    item.title = "果蔬冷链保鲜"
    item.people = 77
    save_item(item=item, actor=district.owner)
    assert "第 1 行“果蔬冷链保鲜”" in said(plan)
    assert "果蔬冷链 → 果蔬冷链保鲜" in said(plan)
    assert "→ 77" in said(plan)
    delete_item(item=item, actor=district.owner)
    assert said(plan) == "删除第 1 行“果蔬冷链保鲜”"


def test_a_new_row_of_a_plan_is_told_without_the_names_that_code_uses(district: District) -> None:
    plan = a_plan(district.unit, clock.today().year)
    given = an_item(plan, title="果蔬冷链")
    given.pk = None
    given._state.adding = True
    save_item(item=given, actor=district.colleague)
    assert said(plan).startswith("第 2 行“果蔬冷链”　")
    assert "培训班名称：果蔬冷链" in said(plan)
    assert not re.search(r"[a-z]|空 →", said(plan))


def test_a_timetable_is_told_by_the_lines_that_came_and_went(district: District) -> None:
    case: ClassApplication = class_of(district.unit, state=ClassApplication.State.DRAFT)
    row = {"date": date(2027, 3, 1), "half_day": "morning", "starts_at": "08:30", "ends_at": "11:30"}
    first = {**row, "course": "土壤检测", "hours": Decimal("4")}
    replace_timetable(application=case, rows=[first], version=case.version, actor=district.owner)
    case.refresh_from_db()
    other = {**first, "course": "水质检测"}
    replace_timetable(application=case, rows=[other], version=case.version, actor=district.owner)
    assert said(case) == (
        "课程表：增加 2027年3月1日 上午 水质检测 4 学时 08:30–11:30 专业；"
        "去掉 2027年3月1日 上午 土壤检测 4 学时 08:30–11:30 专业"
    )


def changed_value(field: Any, row: TimetableRow, district: District) -> Any:
    """Another value than the row has."""
    value = getattr(row, field.name)
    if field.name == "lecturer":
        return a_lecturer(district.unit, "另一位")
    if field.name == "catalogue_course":
        return CatalogueCourse.objects.create(name="公需课", first_year=2026, document="闽人社文〔2026〕1号")
    if field.choices:
        return next(key for key, _ in field.flatchoices if key != value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, date):
        return value + timedelta(days=1)
    if isinstance(value, time):
        return value.replace(minute=value.minute + 5)
    return value + 1 if isinstance(value, Decimal) else f"{value}改"


PARTS = [
    each for each in TimetableRow._meta.concrete_fields if each.editable and each.name not in ("id", "application")
]


@pytest.mark.parametrize("field", PARTS, ids=lambda field: field.name)
def test_whatever_is_changed_of_a_row_of_a_timetable_is_told(field: Any, district: District) -> None:
    case = an_application(district.unit)
    row = case.timetable.first()
    record(case, "submit", actor=district.owner)
    type(case).objects.filter(pk=case.pk).update(state="returned")
    facts = {each.name: getattr(row, each.name) for each in PARTS}
    facts[field.name] = changed_value(field, row, district)
    replace_timetable(application=case, rows=[facts], version=case.version, actor=district.owner, quiet=True)
    assert "增加" in said(case)
    assert "去掉" in said(case)


def test_an_order_that_was_changed_is_told(district: District) -> None:
    case = an_application(district.unit)
    rows = [OrganiserRow("host", name) for name in ("甲单位", "乙单位")]
    for named in (rows, rows[::-1]):
        case.refresh_from_db()
        save_basics(application=case, values={}, organisers=named, version=case.version, actor=district.owner)
    assert said(case) == "办班单位次序：主办 甲单位、主办 乙单位 → 主办 乙单位、主办 甲单位"


def test_one_of_two_equal_lines_is_told_too() -> None:
    assert lines_in_words("课程表", ["甲", "甲"], ["甲"]) == "课程表：去掉 甲"


def test_titles_moves_and_roles_say_what_they_are(district: District) -> None:
    person = person_in(district.unit)
    title = save_title(person=person, actor=district.owner, name="农艺师", level="middle")
    assert "级别：空 → 中级" in said(person)
    save_title(person=person, actor=district.owner, title=title, name="农艺师", level="associate")
    assert said(person) == "级别：中级 → 副高级"
    transfer(person=person, to=district.neighbour_unit, on=clock.today(), actor=district.handler, reason="调令")
    assert said(person) == f"{district.unit} → {district.neighbour_unit}，{full(clock.today())} 起。调令"


def test_a_new_row_says_what_it_holds_and_nothing_is_made_of_nothing(district: District) -> None:
    leave = Leave(person=person_in(district.unit), unit=district.unit, reason="sickness", starts_on=date(2026, 1, 5))
    words = in_words(leave, stored_values(leave))
    assert "原因：病假" in words
    assert "空" not in words
    assert "说明" not in words


def test_lists_say_how_many_more() -> None:
    many = [f"第 {n} 行" for n in range(12)]
    assert lines_in_words("课程表", [], many).endswith("第 9 行等 12 行")
    assert lines_in_words("课程表", many, list(many)) == ""


def test_the_words_lie_beside_the_log_and_the_log_holds_none_of_them(district: District) -> None:
    person = person_in(district.unit)
    before = values_of(person)
    person.note = "只在说明里的字"
    event = record_edit(person, (person, before), actor=district.owner)
    assert "只在说明里的字" not in str(event.data)
    assert event.note_sha256
    assert Person.objects.get(pk=person.pk).note == ""


def test_the_auditor_reads_words_on_the_page_and_in_the_workbook(client, district: District) -> None:
    person = person_in(district.unit)
    update_person(person=person, actor=district.owner, category="medical")
    client.force_login(district.audit_admin)
    page = client.get(reverse("audit:events")).content.decode()
    assert "人员类别：一般 → 卫生" in page
    client.get(reverse("people:export"))
    rows = list(load_workbook(BytesIO(client.get(reverse("audit:export")).content)).active.iter_rows(values_only=True))
    told = [str(cell) for row in rows[1:] for cell in row if cell]
    assert "名单：人员名册；行数：1" in told
    assert not [cell for cell in told if "{" in cell or '"' in cell]
    assert Employment.objects.get(person=person).department == ""
