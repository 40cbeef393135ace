"""The bureau's interpretations: written, published, withdrawn; the page of the notice for everybody."""

from __future__ import annotations

from datetime import date
from io import BytesIO

import lxml.html
import pytest
from django.core.cache import cache
from django.urls import reverse
from openpyxl import load_workbook

from luojiang_ce.clauses import notice_clauses
from luojiang_ce.home.registry import nav_items
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workflow.case_kind import case_kinds
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.models import Event
from tests.queries import statements
from tests.units.cases import leave_of
from tests.units.interpretations.cases import interpretation_of
from tests.units.sanctions.cases import sanction_of
from tests.units.views.helpers import browser
from units.interpretations import services
from units.interpretations.models import Interpretation
from units.interpretations.templatetags.interpretations import INTERPRETATIONS

pytestmark = [pytest.mark.django_db, pytest.mark.notice("三4")]
NOTICE = "/interpretations/notice/"
TYPED = {
    "clause": "一(五)3",
    "question": "半日只签到没有签退的怎么算",
    "answer": "不计学时。",
    "document": "",
    "holds_from": "2026-01-01",
}


@pytest.fixture(autouse=True)
def _summer(time_machine):
    time_machine.move_to("2026-07-01T10:00:00+08:00", tick=False)


def test_from_the_draft_to_the_public_page_and_away_again(district, client):
    answer = browser(district.handler).post(reverse("interpretations:begin"), TYPED)
    made = Interpretation.objects.get()
    assert answer.url == made.get_absolute_url()
    fire(made, "propose", actor=district.handler)
    made.refresh_from_db()
    assert "半日只签到" not in client.get(NOTICE).content.decode()
    fire(made, "publish", actor=district.approver)
    made.refresh_from_db()
    assert made.number == "2026-JS-001"
    html = client.get(NOTICE).content.decode()
    assert "半日只签到没有签退的怎么算" in html
    assert "不计学时。" in html
    assert "2026-JS-001" in html
    fire(made, "withdraw", actor=district.approver, note="省里另有规定")
    made.refresh_from_db()
    assert made.withdrawn_on == date(2026, 7, 1)
    assert "半日只签到" not in client.get(NOTICE).content.decode()
    page = browser(district.owner).get(made.get_absolute_url()).content.decode()
    assert "已撤销" in page
    assert "省里另有规定" in page
    names = ["created", "propose", "publish", "withdraw"]
    assert list(Event.objects.order_by("pk").values_list("name", flat=True)) == names


def test_what_begins_later_does_not_hold_yet(district, client, time_machine):
    interpretation_of(district, "in_force", holds_from=date(2026, 8, 1))
    assert "半日只签到" not in client.get(NOTICE).content.decode()
    time_machine.move_to("2026-08-01T00:00:01+08:00", tick=False)
    assert "半日只签到" in client.get(NOTICE).content.decode()


def test_what_was_published_is_not_rewritten(district):
    made = interpretation_of(district, "in_force")
    made.answer = "计一半"
    with pytest.raises(NotPossible, match="撤销后重新拟写"):
        services.keep(interpretation=made, actor=district.handler)
    assert browser(district.handler).get(reverse("interpretations:edit", args=[made.pk])).status_code == 404


@pytest.mark.parametrize("field", ["clause", "question", "answer", "holds_from"])
def test_what_is_missing_is_said_and_the_rest_is_kept(district, field):
    answer = browser(district.handler).post(reverse("interpretations:begin"), {**TYPED, field: ""})
    assert answer.status_code == 422
    kept = "answer" if field != "answer" else "question"
    assert TYPED[kept] in answer.content.decode()
    assert not Interpretation.objects.exists()


def test_markup_is_text(district, client):
    interpretation_of(district, "in_force", answer="<script>alert(1)</script>")
    assert "<script>alert(1)" not in client.get(NOTICE).content.decode()


def test_the_list_can_be_taken_away(district):
    interpretation_of(district, "in_force")
    interpretation_of(district, "draft", question="草稿里的")
    answer = browser(district.owner).get(reverse("interpretations:export"))
    rows = list(load_workbook(BytesIO(b"".join(answer))).active.values)
    assert [row[2] for row in rows[1:]] == ["半日只签到没有签退的怎么算"]


def test_the_page_of_the_notice_says_what_is_set_and_what_is_not(client):
    html = client.get(NOTICE).content.decode()
    assert "一般人员 2017：年度总学时" in html
    assert "未设定" in html  # the public minimum
    assert "<dt>一般人员 2017：年度总学时</dt><dd>90 学时</dd>" in html
    assert "<dt>期限：年度验证报送</dt><dd>第二年2月底前，最后一日是休息日的顺延到下一个工作日</dd>" in html
    assert "<dt>期限：开班申请</dt><dd>开班前至少 10 个工作日</dd>" in html
    assert html.count('<section class="lj-panel"') == len(notice_clauses()) + 1


def test_it_begins_with_its_clauses_and_stands_in_the_shell_of_who_is_signed_in(client, district):
    html = client.get(NOTICE).content.decode()
    index = lxml.html.fromstring(html).xpath("//nav[@aria-labelledby='index']//a/@href")
    assert index == [*(f"#{clause.id}" for clause in notice_clauses()), "#beside"]
    places = set(lxml.html.fromstring(html).xpath("//section/@id | //h2/@id"))
    assert {each[1:] for each in index} <= places
    assert "lj-shell" not in html
    assert html.count("<h1>") == 1
    signed_in = browser(district.owner).get(NOTICE).content.decode()
    assert "lj-shell" in signed_in
    assert signed_in.count("<h1>") == 1


def test_what_the_bureau_itself_sets_stands_below_the_notice(client):
    html = client.get(NOTICE).content.decode()
    assert "<dt>补正</dt><dd>退回后 5 个工作日内</dd>" in html
    assert "<dt>陈述申辩</dt><dd>未设定</dd>" in html


def test_every_place_that_the_notice_is_kept_at_is_an_entry():
    entries = {item.url_name for item in nav_items()}
    assert {name for clause in notice_clauses() for name in clause.pages} <= entries


def test_only_pages_that_open_are_links(client, district):
    kept = {reverse(name) for clause in notice_clauses() for name in clause.pages}
    assert not {page for page in kept if f'<a href="{page}"' in client.get(NOTICE).content.decode()}
    for account in (district.owner, district.approver, district.inspector):
        reader = browser(account)
        html = reader.get(NOTICE).content.decode()
        linked = {page for page in kept if f'<a href="{page}"' in html}
        assert linked
        assert not {page for page in linked if reader.get(page).status_code == 404}


@pytest.mark.parametrize("number", [3, 30])
def test_few_queries(district, client, number):
    for _ in range(number):
        interpretation_of(district, "in_force")
    with statements() as queries:
        client.get(NOTICE)
    assert len(queries) <= 12, len(queries)
    reader = browser(district.owner)
    with statements() as queries:
        reader.get(reverse("interpretations:list"))
    assert len(queries) <= 12, len(queries)


def test_it_stands_on_the_pages_of_what_its_clause_is_about(district):
    interpretation_of(district, "in_force", clause="三3")
    cache.delete(INTERPRETATIONS)
    sanction = sanction_of(district)
    clerk = browser(district.owner)
    for url in (sanction.get_absolute_url(), reverse("sanctions:edit", args=[sanction.pk])):
        assert "半日只签到没有签退的怎么算" in clerk.get(url).content.decode()
    leave = leave_of(district)
    assert "半日只签到" not in clerk.get(leave.get_absolute_url()).content.decode()


def test_every_clause_of_a_kind_is_one_of_the_notice():
    known = {clause.id for clause in notice_clauses()}
    assert {clause for kind in case_kinds() for clause in kind.clauses} <= known
