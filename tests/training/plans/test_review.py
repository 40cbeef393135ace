"""The handler's table: what is marked in a row, remarks that go with the return (product.md P5)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from io import BytesIO
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce import clock
from luojiang_ce.workflow.models import Event, ReturnItem
from tests.conftest import District
from tests.factories import UnitFactory
from tests.training.plans.factories import a_plan, an_item
from training.choices import Form
from training.classes.models import TimetableRule
from training.plans.checks import problems
from training.plans.marks import Mark
from training.plans.models import Plan, PlanItem
from training.plans.review import reviewed
from units.models import Unit

pytestmark = pytest.mark.django_db
FILED: dict[str, Any] = {"state": Plan.State.SUBMITTED}


def filed(unit: Unit, year: int = 2026, **kwargs: Any) -> Plan:
    """A filed plan of a provider that may hold professional classes."""
    now = clock.now()
    if not unit.scopes.exists():
        unit.scopes.create(subject="农业技术", categories=["professional"], valid_from=date(2020, 1, 1))
    return a_plan(unit, year, Plan.State.SUBMITTED, first_submitted_at=now, submitted_at=now, **kwargs)


def marks(plan: Plan) -> list[list[Mark]]:
    return reviewed(plan, list(plan.items.all()))


def said(plan: Plan, key: str) -> list[str]:
    return ["；".join(mark.text for mark in row if mark.key == key) for row in marks(plan)]


def test_a_sound_plan_has_no_mark(district: District) -> None:
    plan = filed(district.unit)
    an_item(plan)
    an_item(plan, position=2, title="快检技术班", starts_on=date(2026, 6, 1), ends_on=date(2026, 6, 3))
    assert marks(plan) == [[], []]


def test_the_same_class_twice_in_the_district_and_year(district: District) -> None:
    plan, other = filed(district.unit), filed(district.neighbour_unit)
    an_item(plan, title="2026年冷链保鲜班")
    an_item(plan, title="冷链 保鲜班", position=2)
    far = {"starts_on": date(2026, 9, 1), "ends_on": date(2026, 9, 2), "place": "区水利局"}
    an_item(other, title="“冷链保鲜”班", position=4, **far)
    an_item(filed(UnitFactory(), 2025), title="冷链保鲜班")
    an_item(a_plan(UnitFactory()), title="冷链保鲜班")  # a draft of somebody else
    first, second = said(plan, "title")
    assert first == (
        f"与 第 2 行（5月11日–5月13日） 是同一个班；与 {district.neighbour_unit.short} 第 4 行（9月1日–9月2日） 同名"
    )
    assert "与 第 1 行（5月11日–5月13日） 是同一个班" in second


@pytest.mark.parametrize("state", [PlanItem.State.REFUSED, PlanItem.State.STRUCK, PlanItem.State.WITHDRAWN])
def test_what_was_refused_clashes_with_nothing(district: District, state: str) -> None:
    plan, other = filed(district.unit), filed(district.neighbour_unit)
    an_item(plan)
    an_item(plan, state, position=2)
    an_item(other, state)
    assert marks(plan) == [[], []]


def test_a_lecturer_and_a_place_at_overlapping_days(district: District) -> None:
    plan, other = filed(district.unit), filed(district.neighbour_unit)
    an_item(plan, lecturers="沈听澜教授、外聘专家")
    days = {"starts_on": date(2026, 5, 13), "ends_on": date(2026, 5, 14), "days": Decimal(2)}
    an_item(other, title="水库班", lecturers="沈听澜（市农科所），外聘专家", professional_amount=Decimal(8), **days)
    where = f"{district.neighbour_unit.short} 第 1 行（5月13日–5月14日）"
    assert said(plan, "lecturers") == [f"沈听澜同时在 {where}，时间有重叠"]
    assert said(plan, "place") == [f"同一地点还有 {where}，时间有重叠"]
    PlanItem.objects.filter(plan=other).update(starts_on=date(2026, 5, 14))
    assert marks(plan) == [[]]


@pytest.mark.parametrize(
    "both", [{"place": "单位培训室"}, {"place": "实训基地", "form": Form.REMOTE}, {"place": "待定"}, {"place": ""}]
)
def test_a_room_of_ones_own_is_no_common_place(district: District, both: dict[str, Any]) -> None:
    plan, other = filed(district.unit), filed(district.neighbour_unit)
    an_item(plan, **both)
    an_item(other, title="水库班", **both)
    assert said(plan, "place") == [""]


def test_a_period_that_is_shorter_than_its_days(district: District) -> None:
    plan = filed(district.unit)
    an_item(plan, days=Decimal("3.5"))
    assert said(plan, "days") == ["天数 3.5 多于起止日期之间的 3 天"]


def test_more_hours_than_the_days_hold_by_the_rules_in_force(district: District) -> None:
    plan = filed(district.unit)
    an_item(plan, professional_amount=Decimal("16.5"), public_amount=Decimal(8))
    an_item(plan, position=2, title="学分班", professional_amount=Decimal(30), measure="credits", place="区卫健局")
    assert said(plan, "professional_amount") == ["共 24.5 学时，3 天每天不超过 8 学时，最多 24 学时", ""]
    TimetableRule.objects.all().delete()  # no rule, no verdict
    assert said(plan, "professional_amount") == ["", ""]


def test_the_rule_is_that_of_the_first_day(district: District) -> None:
    rule = TimetableRule.objects.in_force(date(2026, 5, 11))
    rule.pk, rule.valid_from, rule.day_cap = None, date(2026, 5, 12), Decimal(6)
    rule.save()
    plan = filed(district.unit)
    an_item(plan, professional_amount=Decimal(22))
    assert said(plan, "professional_amount") == [""]
    PlanItem.objects.update(starts_on=date(2026, 5, 12), ends_on=date(2026, 5, 14))
    assert "最多 18 学时" in said(plan, "professional_amount")[0]


@pytest.mark.notice("一(五)1")
def test_a_class_that_is_longer_than_its_plan_year(district: District) -> None:
    """Over New Year it is marked; longer than a year it cannot be filed."""
    plan = filed(district.unit)
    an_item(plan, starts_on=date(2026, 12, 29), ends_on=date(2027, 1, 3))
    assert said(plan, "period") == ["结束日期 2027年1月3日 超出 2026 年度"]
    row = {field.name: getattr(plan.items.get(), field.name) for field in PlanItem._meta.concrete_fields}
    assert problems(row, 2026) == []
    assert problems({**row, "starts_on": date(2026, 1, 5), "ends_on": date(2027, 6, 1)}, 2026) == [
        "起止共 513 天，长于一个计划年度，请核对年份"
    ]


@pytest.mark.notice("三2")
def test_fees_and_their_numbers(district: District) -> None:
    plan, other = filed(district.unit), filed(district.neighbour_unit)
    an_item(plan, charges=True)
    an_item(
        plan, position=2, title="乙班", charges=True, fee=Decimal(300), fee_document="泉发改〔2026〕1号", place="甲"
    )
    an_item(other, title="丙班", charges=True, fee=Decimal(300), fee_document="泉发改[2026]1号", place="乙")
    an_item(plan, position=3, title="丁班", fee=Decimal(9), place="丙")
    none, shared, unsaid = said(plan, "fee")
    assert none == "收费，没有标准；收费，没有批准文号"
    assert shared == f"同一批准文号还用于 {district.neighbour_unit.short} 第 1 行（5月11日–5月13日）"
    assert unsaid == "填了收费标准，但“是否收费”选了否"


@pytest.mark.notice("三2")
def test_a_subject_outside_the_scope(district: District) -> None:
    plan = filed(district.unit)
    an_item(plan)
    an_item(plan, position=2, title="公共课", category="public", place="区委党校")
    within, outside = said(plan, "category")
    assert within == ""
    assert "不在范围：核定的范围是“农业技术”" in outside
    district.unit.scopes.all().delete()
    assert all("未登记范围" in text for text in said(plan, "category"))


# --- the page ---------------------------------------------------------------------------------------------------------


def log_in(client: Any, account: Any) -> None:
    client.force_login(account, backend="django.contrib.auth.backends.ModelBackend")


def test_the_page_shows_every_field_and_mark(client: Any, district: District) -> None:
    plan = filed(district.unit)
    an_item(plan, charges=True, lecturers="沈听澜", basis="区农〔2026〕3号", note="暂定")
    log_in(client, district.handler)
    assert reverse("plans:review", args=[plan.pk]) in client.get(plan.get_absolute_url()).content.decode()
    page = client.get(reverse("plans:review", args=[plan.pk])).content.decode()
    for text in (
        "区农〔2026〕3号",
        "冷链保鲜、采后处理",
        "沈听澜",
        "林知秋 0595-0000-0101",
        "暂定",
        "收费，没有批准文号",
    ):
        assert text in page


def test_the_approver_reads_and_types_nothing(client: Any, district: District) -> None:
    plan = filed(district.unit)
    an_item(plan)
    log_in(client, district.approver)
    page = client.get(reverse("plans:review", args=[plan.pk])).content.decode()
    assert "带着这些问题去退回" not in page
    assert 'name="wrong_1"' not in page


def test_remarks_go_with_the_return(client: Any, district: District) -> None:
    """Shown to be completed first: a plan is returned once, with everything that is wrong."""
    plan = filed(district.unit)
    items = [an_item(plan, position=n, title=f"{n}班", place=str(n)) for n in range(1, 31)]
    log_in(client, district.handler)
    act = reverse("workflow:act", args=["training_plans.plan", plan.pk, "return"])
    typed = {f"where_{n}": f"第 {n} 行 {n}班" for n in range(1, 31)} | {f"wrong_{n}": "没有地点" for n in range(3, 21)}
    page = client.post(act, {**typed, "mend_3": "请补地点", "gathered": "1", "copy": "abcdefgh1234"})
    assert page.status_code == 200
    assert not Event.objects.filter(name="return").exists()
    form = page.context["form"]
    shown = {name: form[name].value() for name in form.fields}
    assert (shown["where_0"], shown["wrong_0"], shown["mend_0"]) == ("第 3 行 3班", "没有地点", "请补地点")
    assert (shown["where_17"], shown["wrong_17"]) == ("第 20 行 20班", "没有地点")
    assert 'name="copy" value="abcdefgh1234"' in page.content.decode()
    assert shown["wrong_20"] == ""  # there is room for more
    client.post(act, {**shown, "note": ""})
    plan.refresh_from_db()
    assert plan.state == Plan.State.RETURNED
    assert ReturnItem.objects.count() == 18
    # Numbers move, remarks stay with their rows.
    named = Event.objects.get(name="return").data["named_rows"]
    assert named["3"] == items[2].pk


def test_nothing_typed_leads_to_the_empty_return(client: Any, district: District) -> None:
    plan = filed(district.unit)
    an_item(plan)
    log_in(client, district.handler)
    act = reverse("workflow:act", args=["training_plans.plan", plan.pk, "return"])
    page = client.post(act, {"where_1": "第 1 行", "wrong_1": "  ", "gathered": "1"})
    assert (page.status_code, bool(page.context["form"].errors)) == (200, False)
    assert not Event.objects.filter(name="return").exists()


def test_how_to_mend_without_what_is_wrong_is_asked_for(client: Any, district: District) -> None:
    plan = filed(district.unit)
    an_item(plan)
    log_in(client, district.handler)
    act = reverse("workflow:act", args=["training_plans.plan", plan.pk, "return"])
    page = client.post(act, {"where_1": "第 1 行", "mend_1": "请补", "gathered": "1"})
    assert "没有写问题是什么" in page.content.decode()
    assert "请补" in page.content.decode()


def test_the_table_as_a_workbook(client: Any, district: District) -> None:
    plan = filed(district.unit)
    an_item(plan, charges=True)
    an_item(filed(district.neighbour_unit), title="水库班", place="水库")
    log_in(client, district.handler)
    answer = client.get(reverse("plans:review_export"), {"plan": plan.pk})
    rows = list(load_workbook(BytesIO(answer.content)).active.values)
    assert len(rows) == 2
    row = dict(zip(rows[0], rows[1], strict=True))
    assert (row["培训班名称"], row["地点"]) == ("果蔬冷链保鲜技术培训班", "实训基地")
    assert "没有批准文号" in row["请留意"]
    assert len(list(load_workbook(BytesIO(client.get(reverse("plans:review_export")).content)).active.values)) == 1


def test_as_many_queries_for_thirty_rows(client: Any, district: District) -> None:
    log_in(client, district.handler)
    counted = []
    for count in (3, 30):
        plan = filed(UnitFactory())
        for position in range(1, count + 1):
            an_item(plan, position=position, starts_on=date(2026, 5, position), ends_on=date(2026, 5, position))
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("plans:review", args=[plan.pk])).status_code == 200
        counted.append(len(captured))
    assert counted[0] == counted[1] <= 20


def test_the_page_of_the_plan_says_the_same_and_to_its_unit_nothing_of_what_others_filed(
    client: Any, district: District
) -> None:
    plan, other = filed(district.unit), filed(district.neighbour_unit)
    for position in (1, 2):
        an_item(plan, title="冷链保鲜班", position=position)
    an_item(other, title="冷链保鲜班", position=4)
    texts = {}
    for name in ("handler", "owner"):
        log_in(client, getattr(district, name))
        texts[name] = client.get(plan.get_absolute_url()).context["hints"]
    table = [f"第 {n} 行：{mark.text}" for n, row in enumerate(marks(plan), 1) for mark in row]
    assert texts["handler"] == table
    assert any(district.neighbour_unit.short in text for text in table)
    assert any("是同一个班" in text for text in texts["owner"])
    assert not any(district.neighbour_unit.short in text for text in texts["owner"])


def test_the_page_of_a_long_plan_leads_to_the_table(client: Any, district: District) -> None:
    plan = filed(district.unit)
    for position in range(1, 13):
        an_item(plan, title="冷链保鲜班", position=position)
    log_in(client, district.handler)
    *first, last = client.get(plan.get_absolute_url()).context["hints"]
    assert len(first) == 8
    assert last == f"另有 {sum(map(len, marks(plan))) - 8} 处，见“逐项审核”"
