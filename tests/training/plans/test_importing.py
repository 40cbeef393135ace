"""附件1 by importing a filled workbook and by pasting its rows (product.md P1)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce.refusals import NotPossible
from luojiang_ce.sheets.imports import confirm
from luojiang_ce.sheets.models import ImportBatch
from luojiang_ce.sheets.services import returned_file
from luojiang_ce.workflow.models import Event
from tests.conftest import District
from tests.luojiang_ce.sheets.imports import confirmed, stage
from tests.training.plans.factories import a_plan, a_project, an_item
from tests.training.plans.sheets import FIRST, IN_ORDER, LOWER, SECOND, UPPER, copied, filled
from training.plans.form1 import FORM1
from training.plans.importing import FORM1_IMPORT
from training.plans.models import Plan, PlanItem

pytestmark = [pytest.mark.real_services, pytest.mark.notice("附件1")]


def read(plan: Plan, actor: Any, file: BytesIO) -> ImportBatch:
    return stage(FORM1_IMPORT, application=plan, file=file, name="附件1.xlsx", actor=actor)


def imported(plan: Plan, actor: Any, file: BytesIO) -> dict[str, int]:
    return confirmed(FORM1_IMPORT, batch=read(plan, actor, file), application=plan, actor=actor)


def test_a_filled_form_becomes_rows(district: District) -> None:
    plan = a_plan(district.unit, filler="顾清和", phone="0595-0000-0199")
    assert imported(plan, district.owner, filled(FIRST, SECOND)) == {"new": 2, "changed": 0, "same": 0}
    first, second = plan.items.all()
    assert (first.organiser, first.title, first.category, first.sessions, first.people) == (
        *("区农技站", "冷链保鲜班", "professional", 2, 50),
    )
    assert (first.starts_on, first.ends_on, first.days) == (date(2026, 5, 11), date(2026, 5, 13), Decimal(3))
    assert (first.form, first.public_amount, first.professional_amount, first.measure) == ("face", 0, 22, "hours")
    assert (first.funding, first.budget, first.charges, first.fee) == ("budget", 18000, True, 300)
    assert (first.fee_document, first.contact, first.phone) == ("泉发改〔2026〕1号", "林知秋", "0595-0000-0101")
    # What was merged downwards, and what the plan itself says where a cell is empty.
    assert (second.organiser, second.contact, second.phone) == ("区农技站", "顾清和", "0595-0000-0199")
    assert (second.category, second.form, second.public_amount, second.charges) == ("public", "remote", 16, False)
    assert (second.starts_on, second.ends_on, second.sessions, second.note) == (
        date(2026, 6, 1),
        date(2026, 6, 2),
        1,
        "",
    )
    assert [item.position for item in (first, second)] == [1, 2]
    assert {item.created_by for item in (first, second)} == {district.owner}


def test_importing_again_changes_nothing(district: District) -> None:
    plan = a_plan(district.unit)
    imported(plan, district.owner, filled(FIRST, SECOND))
    before, events = list(plan.items.values()), Event.objects.count()
    assert imported(plan, district.owner, filled(FIRST, SECOND)) == {"new": 0, "changed": 0, "same": 2}
    assert list(plan.items.values()) == before
    assert Event.objects.count() == events


def test_our_own_workbook_comes_back_unchanged(client: Any, district: District) -> None:
    plan = a_plan(district.unit)
    an_item(plan, charges=True, fee=Decimal("300.00"), fee_document="泉发改〔2026〕1号")
    an_item(plan, position=2, title="数字技能班", sessions=3, days=Decimal("2.5"), fee=None, note="暂定")
    an_item(plan, position=3, title="只有班名的班", people=None, starts_on=None, ends_on=None, days=None, charges=True)
    client.force_login(district.owner, backend="django.contrib.auth.backends.ModelBackend")
    sheet = BytesIO(client.get(reverse("plans:sheet", args=[plan.pk])).content)
    batch = read(plan, district.owner, sheet)
    assert batch.counts == {"rows": 3, "new": 0, "changed": 0, "same": 3, "wrong": 0}


def test_a_changed_row_stays_in_its_place_and_shows_what_changes(district: District) -> None:
    plan = a_plan(district.unit)
    item = an_item(plan, title="冷链保鲜班", lecturers="沈听澜")
    batch = read(plan, district.owner, filled(FIRST))
    assert batch.counts["changed"] == 1
    changes = {change["column"]: (change["old"], change["new"]) for change in batch.plan["rows"][0]["changes"]}
    assert changes["期数"] == ("1", "2")
    assert changes["是否收费、标准（元/人）、批准文号"] == ("不收费", "收费 300 元/人，泉发改〔2026〕1号")
    assert "拟请师资" not in changes  # the file has no such column
    confirm(FORM1_IMPORT, batch, actor=district.owner)
    after = plan.items.get()
    assert (after.pk, after.position, after.sessions, after.lecturers) == (item.pk, 1, 2, "沈听澜")
    assert after.version == item.version + 1


def test_wrong_rows_come_back_in_the_users_own_workbook(district: District) -> None:
    plan = a_plan(district.unit)
    wrong = (*FIRST[:8], "五十来人", "3月中旬", None, *FIRST[11:])
    batch = read(plan, district.owner, filled(wrong, SECOND))
    assert (batch.counts["wrong"], batch.counts["new"]) == (1, 1)
    said = {problem["cell"]: problem["what"] for problem in batch.plan["rows"][0]["problems"]}
    assert said == {"I5": "不是一个整数", "J5": "认不出起止是哪两天"}
    sheet = load_workbook(BytesIO(returned_file(batch))).active
    rows = [list(row) for row in sheet.values]
    assert rows[0][:3] == ["序号", "主办单位", "培训班\n名称"]
    assert rows[2][8] == "五十来人"
    assert "I5 每期人数：不是一个整数" in rows[2][-1]


@pytest.mark.parametrize(
    ("place", "cell", "said"),
    [(2, "长" * 101, "C5"), (8, "99999999999", "I5"), (14, "1234567", "O5"), (11, "2.55", "L5"), (17, 9e9, "R5")],
)
def test_what_the_database_would_not_take_is_said_by_cell(district: District, place: int, cell: Any, said: str) -> None:
    row = [*FIRST]
    row[place] = cell
    batch = read(a_plan(district.unit), district.owner, filled(row))
    assert [problem["cell"] for problem in batch.plan["rows"][0]["problems"]] == [said]


def test_the_same_class_twice_is_pointed_out(district: District) -> None:
    """Within the file, against the plan, and against what is published of other units; never refused (P5)."""
    plan = a_plan(district.unit)
    an_item(plan, title="数字技能班", starts_on=date(2026, 9, 1), ends_on=date(2026, 9, 2))
    an_item(plan, title="数字技能班", position=2, starts_on=date(2026, 10, 1), ends_on=date(2026, 10, 2))
    a_project(district.neighbour_unit, title="冷链保鲜班", starts_on=date(2026, 7, 1), ends_on=date(2026, 7, 2))
    batch = read(plan, district.owner, filled(FIRST, FIRST, SECOND))
    assert (batch.counts["new"], batch.counts["wrong"]) == (3, 0)
    said = {row: "；".join(texts) for row, _, texts in batch.plan["hints"]}
    assert "与 表里第 6 行（5月11日–5月13日） 是同一个班" in said[5]
    assert f"与 {district.neighbour_unit.short} 2026-JH-001（7月1日–7月2日） 同名" in said[5]
    assert "本计划第 1 行（9月1日–9月2日）、本计划第 2 行" in said[7]


def test_drafts_of_other_units_are_not_told(district: District) -> None:
    an_item(a_plan(district.neighbour_unit), title="冷链保鲜班")
    batch = read(a_plan(district.unit), district.owner, filled(FIRST))
    assert all("同名" not in text for _, _, texts in batch.plan["hints"] for text in texts)


def test_what_is_missing_is_said_and_does_not_forbid_the_import(district: District) -> None:
    plan = a_plan(district.unit)
    batch = read(plan, district.owner, filled(SECOND))
    shown = dict(zip(batch.plan["shown"], batch.plan["rows"][0]["shown"], strict=True))
    assert "办班依据" in shown["还缺"]
    assert batch.plan["missing"] == 1
    confirm(FORM1_IMPORT, batch, actor=district.owner)
    assert plan.items.count() == 1


def test_over_two_hundred_rows_are_one_act(district: District) -> None:
    plan = a_plan(district.unit)
    rows = [(n, *FIRST[1:2], f"第{n}个班", *FIRST[3:]) for n in range(1, 231)]
    assert imported(plan, district.owner, filled(*rows))["new"] == 230
    assert [item.position for item in plan.items.all()] == list(range(1, 231))
    assert Event.objects.filter(name="edited").count() == 1


def test_a_filed_plan_takes_no_import(client: Any, district: District) -> None:
    plan = a_plan(district.unit)
    batch = read(plan, district.owner, filled(FIRST))
    Plan.objects.filter(pk=plan.pk).update(state=Plan.State.SUBMITTED)
    with pytest.raises(NotPossible, match="待审核"):
        confirm(FORM1_IMPORT, batch, actor=district.owner)
    assert not PlanItem.objects.exists()


def test_what_a_colleague_changed_since_the_preview_is_not_overwritten(district: District) -> None:
    plan = a_plan(district.unit)
    item = an_item(plan, title="冷链保鲜班")
    batch = read(plan, district.owner, filled(FIRST))
    PlanItem.objects.filter(pk=item.pk).update(version=item.version + 1, place="老地方")
    with pytest.raises(NotPossible, match="预览以后"):
        confirm(FORM1_IMPORT, batch, actor=district.owner)
    assert plan.items.get().place == "老地方"


def plain(titles: str, *rows: str) -> BytesIO:
    """A table with nothing around it, as delimited text."""
    return BytesIO("\n".join([titles, *rows]).encode())


@pytest.mark.parametrize(
    ("titles", "row", "expected"),
    [
        ("班名,学时,类别", "甲班,16,专业", {"professional_amount": 16, "public_amount": 0}),
        ("班名,学时,类别", "甲班,公共8、专业16学时,研修", {"professional_amount": 16, "public_amount": 8}),
        ("班名,学分,类别", "甲班,公共5学分,", {"public_amount": 5, "measure": "credits"}),
        ("班名,公共学时,专业科目（学时）", "甲班,8,16", {"professional_amount": 16, "public_amount": 8}),
        ("班名,收费标准,批准文号", "甲班,300,泉发改〔2026〕1号", {"charges": True, "fee": 300}),
        ("班名,是否收费,时间", "甲班,收费300元/人，泉发改〔2026〕1号,5月11日", {"charges": True, "fee": 300}),
        ('班名,"是否收费、标准、批准文号",,,备注', "甲班,是,300,泉发改〔2026〕1号,x", {"fee": 300, "note": "x"}),
        ("班名,起止时间,,地点", "甲班,5月11日,5月13日,基地", {"ends_on": date(2026, 5, 13), "place": "基地"}),
        ("班名,拟定起止时间（年月日）,培训时间", "甲班,x,5月11日至13日", {"ends_on": date(2026, 5, 13)}),
        ("班名,联系人,,天数", "甲班,林知秋,0595-0000-0101,3", {"contact": "林知秋", "phone": "0595-0000-0101"}),
        ("班名,天数", "负责人能力提升班,3", None),
        ("班名,天数,培训对象", "负责人能力提升班,3,单位负责人", {"title": "负责人能力提升班", "days": 3}),
    ],
)
def test_columns_that_are_split_or_joined(district: District, titles: str, row: str, expected: Any) -> None:
    plan = a_plan(district.unit)
    batch = read(plan, district.owner, plain(titles, row))
    if expected is None:  # told from a signature by more than its name
        assert batch.state == "refused"
        return
    assert batch.counts["wrong"] == 0, batch.plan["rows"]
    confirm(FORM1_IMPORT, batch, actor=district.owner)
    item = plan.items.get()
    assert {name: getattr(item, name) for name in expected} == expected


def test_an_amount_of_no_subject_is_not_guessed(district: District) -> None:
    batch = read(a_plan(district.unit), district.owner, plain("班名,学时,类别", "甲班,16,研修", "乙班,16,"))
    assert [row["problems"][0]["what"] for row in batch.plan["rows"]] == ["没有写是公共还是专业的学时"] * 2


def test_a_returned_plan_is_mended_by_import_and_its_history_says_so(district: District) -> None:
    plan = a_plan(district.unit, state=Plan.State.RETURNED)
    an_item(plan, title="冷链保鲜班")
    imported(plan, district.owner, filled(FIRST, SECOND))
    note = Event.objects.get(name="edited").note_row.text
    assert "附件1" in note
    assert "数字技能班" in note
    assert "0595" not in note


# --- pasted -----------------------------------------------------------------------------------------------------------


def paste(client: Any, plan: Plan, text: str, **more: Any) -> Any:
    return client.post(reverse("plans:import", args=[plan.pk]), {"pasted": text, **more}, follow=True)


def log_in(client: Any, account: Any) -> None:
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")


@pytest.mark.parametrize("numbered", [False, True])
def test_rows_are_pasted_without_a_head(client: Any, district: District, numbered: bool) -> None:
    plan = a_plan(district.unit)
    log_in(client, district.owner)
    rows = [IN_ORDER, (*IN_ORDER[:2], "快检技术班", *IN_ORDER[3:])]
    page = paste(client, plan, copied(*[(n, *row) if numbered else row for n, row in enumerate(rows, 1)]))
    assert "没有表头，按表格的列顺序读，数据 2 行" in page.content.decode()
    batch = ImportBatch.objects.get()
    assert batch.pasted
    client.post(FORM1_IMPORT.page(batch), {"do": "confirm"})
    first, second = plan.items.all()
    assert (first.title, second.title, first.content) == ("冷链保鲜班", "快检技术班", "采后处理\n快检方法")
    assert (first.people, first.professional_amount, first.contact) == (50, 22, "林知秋")


def test_two_hundred_rows_are_pasted_with_a_merged_head(client: Any, district: District) -> None:
    plan = a_plan(district.unit)
    log_in(client, district.owner)
    rows = [(n, *FIRST[1:2], f"第{n}个班", *FIRST[3:]) for n in range(1, 201)]
    page = paste(client, plan, copied(UPPER, LOWER, *rows))
    assert "表头在第 1 行，数据 200 行" in page.content.decode()
    client.post(FORM1_IMPORT.page(ImportBatch.objects.get()), {"do": "confirm"})
    assert plan.items.count() == 200
    assert {item.budget for item in plan.items.all()} == {18000}


def test_a_paste_with_something_wrong_comes_back_with_its_lines_and_copied(client: Any, district: District) -> None:
    plan = a_plan(district.unit)
    log_in(client, district.owner)
    wrong = (*IN_ORDER[:9], "3月中旬", *IN_ORDER[10:])
    page = paste(client, plan, copied(IN_ORDER, wrong)).content.decode()
    assert "J2" in page
    assert "认不出起止是哪两天" in page
    assert "3月中旬" in page.split("<textarea")[1].split("</textarea>")[0]
    first = ImportBatch.objects.get()
    assert f'name="mends" value="{first.token}"' in page
    paste(client, plan, copied(IN_ORDER, IN_ORDER), mends=first.token)
    first.refresh_from_db()
    assert first.state == "discarded"
    assert ImportBatch.objects.exclude(pk=first.pk).get().counts["wrong"] == 0


@pytest.mark.parametrize("text", ["只有一句话", "甲\t乙\t丙", "培训班名称\t天数", "\t\t\t", "<html><body>"])
def test_a_paste_that_is_no_table_stays_in_the_area(client: Any, district: District, text: str) -> None:
    plan = a_plan(district.unit)
    log_in(client, district.owner)
    page = client.post(reverse("plans:import", args=[plan.pk]), {"pasted": text})
    assert page.status_code == 422
    if text.strip():
        area = page.content.decode().split("<textarea")[1].split("</textarea>")[0]
        assert text.split("\r\n")[0].replace("<", "&lt;").replace(">", "&gt;") in area
    assert not ImportBatch.objects.exclude(state="discarded").exists()


def test_nothing_sent_and_both_sent_are_told_apart(client: Any, district: District) -> None:
    plan = a_plan(district.unit)
    log_in(client, district.owner)
    url = reverse("plans:import", args=[plan.pk])
    assert "请选择附件1文件，或粘贴表格里的行" in client.post(url, {}).content.decode()
    both = {"file": SimpleUploadedFile("附件1.xlsx", filled(FIRST).getvalue()), "pasted": copied(IN_ORDER)}
    page = client.post(url, both)
    assert page.status_code == 422
    assert "冷链保鲜班" in page.content.decode()


def test_a_paste_goes_to_no_other_plan(client: Any, district: District) -> None:
    plan, other = a_plan(district.unit), a_plan(district.neighbour_unit)
    log_in(client, district.neighbour)
    assert client.post(reverse("plans:import", args=[plan.pk]), {"pasted": copied(IN_ORDER)}).status_code == 404
    log_in(client, district.owner)
    paste(client, plan, copied(IN_ORDER))
    first = ImportBatch.objects.get()
    log_in(client, district.neighbour)
    paste(client, other, copied(IN_ORDER), mends=first.token)
    first.refresh_from_db()
    assert first.state == "previewed"


def test_the_template_is_the_form(client: Any, district: District) -> None:
    log_in(client, district.owner)
    sheet = load_workbook(BytesIO(client.get(reverse("plans:template")).content)).worksheets[0]
    titles = [cell.value for cell in sheet[1]]
    assert titles[:3] == [column.title for column in FORM1.columns[:3]]


def test_the_plans_page_leads_to_it_while_it_may_be_changed(client: Any, district: District) -> None:
    plan = a_plan(district.unit)
    log_in(client, district.owner)
    link = reverse("plans:import", args=[plan.pk])
    assert link in client.get(plan.get_absolute_url()).content.decode()
    Plan.objects.filter(pk=plan.pk).update(state=Plan.State.SUBMITTED)
    assert link not in client.get(plan.get_absolute_url()).content.decode()
    assert client.get(link).status_code == 302
