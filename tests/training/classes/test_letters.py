"""Refusal, return and cancellation as numbered papers: what they say, who reads them, what withdraws them (C7)."""

from __future__ import annotations

import os
from datetime import date, datetime
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from luojiang_ce import clock
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper, SealUse
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.events import open_items
from tests.conftest import District
from tests.training.classes.factories import an_application
from tests.units.views.helpers import browser
from training.classes.models import ClassApplication
from units.seals import load_bureau_seals

pytestmark = pytest.mark.notice("一(五)2")
State = ClassApplication.State
ITEMS = [
    {"where": "课程表", "wrong": "第 3 行课程名称过于笼统", "mend": "写明具体专题"},
    {"where": "", "wrong": "一位教师的简历没有写现任职务", "mend": ""},
]
FILED, RETURNED, OPENS = date(2026, 11, 16), date(2026, 11, 18), date(2026, 12, 14)


def at(day: date, hour: int = 10) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=clock.SHANGHAI)


def text_of(paper: Paper) -> str:
    """What the issued sheet says, without blanks."""
    with paper.file.open("rb") as file:
        content = file.read()
    if os.environ.get("SHOTS"):
        Path(os.environ["SHOTS"], f"{paper.kind}.pdf").write_bytes(content)
    return "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())


def issued(case: ClassApplication, kind: str) -> Paper:
    """The paper of that kind, after the worker has been there."""
    sweep()
    return Paper.objects.of(case).standing().get(kind=kind)


@pytest.fixture
def filed(district: District) -> ClassApplication:
    """An application that was filed in time."""
    load_bureau_seals()
    district.bureau.phone = "0595-0000-0000"
    district.bureau.save()
    case = an_application(district.unit, opens_on=OPENS, actor=district.owner)
    with clock.at(at(FILED)):
        fire(case, "submit", actor=district.owner)
    return case


def send_back(case: ClassApplication, district: District) -> None:
    with clock.at(at(RETURNED)):
        fire(case, "return", actor=district.handler, note="请一并核对学时", data={"items": ITEMS})


def test_a_return_says_what_to_mend_by_when_and_whom_to_ask(filed, district):
    send_back(filed, district)
    with clock.at(at(RETURNED, 11)):
        paper = issued(filed, "class_return")
    said = text_of(paper)
    assert paper.state == "issued"
    for words in (
        "一次性补正告知",
        paper.number,
        "1.课程表：第3行课程名称过于笼统。补正办法：写明具体专题。",
        "2.一位教师的简历没有写现任职务。",
        "补充说明：请一并核对学时。",
        "27号文件一、（五）2",
        "请于2026年11月30日以前补正",  # the last filing day lies later than the five days of mending
        "电话0595-0000-0000",
        paper.code,
    ):
        assert "".join(words.split()) in said, words
    use = SealUse.objects.get(paper=paper)
    assert (use.approver, use.reason) == (f"按规定出具（经办 {district.handler.name}）", "退回补正")


def test_a_return_that_is_rendered_after_mending_still_tells_its_day(filed, district):
    """The worker was down: the case has moved on."""
    send_back(filed, district)
    with clock.at(at(date(2026, 11, 20))):
        answers = {str(item.pk): "已改" for item in open_items(filed)}
        fire(filed, "resubmit", actor=district.owner, data={"answers": answers})
        said = text_of(issued(filed, "class_return"))
    assert "请于2026年11月" in said


def test_a_second_return_takes_the_place_of_the_first(filed, district):
    send_back(filed, district)
    with clock.at(at(date(2026, 11, 20))):
        first = issued(filed, "class_return")
        answers = {str(item.pk): "已改" for item in open_items(filed)}
        fire(filed, "resubmit", actor=district.owner, data={"answers": answers})
        fire(filed, "allow_return", actor=district.approver, note="补交的材料有新问题")
        fire(filed, "return", actor=district.handler, data={"items": [{"where": "", "wrong": "新的问题", "mend": ""}]})
        second = issued(filed, "class_return")
    first.refresh_from_db()
    assert (first.state, second.replaces) == (Paper.State.REVOKED, first)
    assert "新的问题" in text_of(second)
    assert "课程名称过于笼统" not in text_of(second)


def test_what_is_taken_back_needs_no_mending(filed, district):
    send_back(filed, district)
    with clock.at(at(date(2026, 11, 20))):
        answers = {str(item.pk): "已改" for item in open_items(filed)}
        fire(filed, "resubmit", actor=district.owner, data={"answers": answers})
        fire(filed, "take_back", actor=district.owner)
    paper = Paper.objects.of(filed).get(kind="class_return")
    assert (paper.state, paper.revoke_reason) == (Paper.State.REVOKED, "开班申请已由申办单位撤回")


@pytest.mark.notice("三2")
def test_a_refusal_gives_reason_and_clause_and_what_is_left_to_do(district):
    load_bureau_seals()
    case = an_application(district.unit, State.CHECKED, opens_on=OPENS)
    with clock.at(at(RETURNED)):
        fire(case, "refuse", actor=district.approver, note="与本年度已办的班内容重复。")
        paper = issued(case, "class_refusal")
    said = text_of(paper)
    for words in (
        "不予批准",
        paper.number,
        "一、理由：与本年度已办的班内容重复。",
        "三、2",
        "第1期仍可由你单位另行提出",
        "促进就业和培训股",
        "2026年11月18日印发",
    ):
        assert words in said, words
    assert SealUse.objects.get(paper=paper).approver == district.approver.name


def test_a_cancelled_class_gets_a_paper_that_names_the_withdrawn_notice(district):
    load_bureau_seals()
    case = an_application(district.unit, State.CHECKED, opens_on=OPENS)
    with clock.at(at(RETURNED)):
        fire(case, "approve", actor=district.approver)
        notice = issued(case, "opening_notice")
        fire(case, "cancel", actor=district.owner, note="讲师不能到课")
        paper = issued(case, "class_called_off")
    said = text_of(paper)
    assert notice.number in said
    assert "原因：讲师不能到课。" in said
    assert all("2026年11月18日印发" in each for each in (said, text_of(notice)))
    # The provider cancels by itself: nobody of the bureau is put down as having approved the use of the seal.
    assert SealUse.objects.get(paper=paper).approver == "按规定出具"


@pytest.mark.notice("三2")
def test_a_class_that_ends_with_its_project_is_not_said_to_be_given_up_by_the_provider(district):
    load_bureau_seals()
    case = an_application(district.unit, State.CHECKED, opens_on=OPENS)
    with clock.at(at(RETURNED)):
        fire(case, "approve", actor=district.approver)
        issued(case, "opening_notice")
        fire(case.project, "withdraw", actor=district.approver, note="设备未到位，本年度不办。")
        paper = issued(case, "class_called_off")
    said = text_of(paper)
    assert "其计划项目经我局决定撤销，本班随同取消，理由：设备未到位，本年度不办。" in said
    assert f"计划项目（{case.project.number}）已撤销，不再受理" in said
    for words in ("你单位现报告取消", "另行提出"):
        assert words not in said
    assert SealUse.objects.get(paper=paper).approver == district.approver.name


@pytest.mark.parametrize("state", [State.DRAFT, State.RETURNED])
def test_what_was_never_approved_is_cancelled_without_a_paper(district, state):
    case = an_application(district.unit, state)
    fire(case, "cancel", actor=district.owner, note="不办了")
    assert not Paper.objects.of(case).exists()


def test_the_provider_reads_it_and_a_neighbour_does_not(filed, district):
    send_back(filed, district)
    paper = issued(filed, "class_return")
    for account in (district.owner, district.colleague, district.handler):
        assert browser(account).get(paper.get_absolute_url()).status_code == 200
        assert paper.title in browser(account).get(filed.get_absolute_url()).content.decode()
    assert browser(district.neighbour).get(paper.get_absolute_url()).status_code == 404
