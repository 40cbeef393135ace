"""The numbered sheet of a recognition, rendered by the worker: its text, and what the public check shows."""

import os
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from luojiang_ce.clock import SHANGHAI
from luojiang_ce.jobs.services import sweep
from luojiang_ce.papers.models import Paper
from luojiang_ce.workflow.engine import fire
from tests.factories import person_in
from tests.training.factories import class_of, enrol, recognition_of, sign, sign_all, stranger, with_package
from tests.training.recognition.corrections import amounts, begun, corrected
from training.recognition.corrections.services import set_half_day, settle_rest
from training.recognition.models import Recognition
from training.recognition.services import decide


@pytest.fixture
def paper(district, time_machine):
    time_machine.move_to(datetime(2026, 5, 18, 9, tzinfo=SHANGHAI), tick=False)
    course = class_of(district.unit)
    names = ("王小明", "李晓红", "欧阳修远")
    one, two, three = (enrol(course, person_in(district.neighbour_unit, name)) for name in names)
    sign_all(course, [one, three, stranger(course)])
    sign(two, date(2026, 5, 11), "morning", time_in=time(8, 30), time_out=None)
    case = recognition_of(course)
    with_package(case, district.owner)
    fire(case, "submit", actor=district.owner)
    amounts = {(2026, "professional"): Decimal(12)}
    decide(recognition=case, enrolment=three, amounts=amounts, reason="5月12日下午代签", actor=district.handler)
    fire(case, "check", actor=district.handler, note="签到表与系统记录一致")
    fire(case, "recognise_partly", actor=district.approver)
    sweep()
    return Paper.objects.get()


def test_the_sheet_says_who_was_there_and_what_was_recognised(paper, district):
    with paper.file.open("rb") as file:
        content = file.read()
    if os.environ.get("SHOTS"):
        Path(os.environ["SHOTS"], "recognition-sheet.pdf").write_bytes(content)
    text = "".join("".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).split())
    assert paper.state == "issued"
    for said in (
        "洛江区专业技术人员继续教育学时认定表",
        paper.number,
        "部分认定",
        "王小明",
        "16",
        "核定：5月12日下午代签",
        "没有可以认定的学时（学分）",
        "专业科目28学时",
        "不是本区登记的专业技术人员",
        "签到表与系统记录一致",
        district.approver.name,
        paper.code,
    ):
        assert said.replace(" ", "") in text, said


def test_the_public_check_names_nobody(paper):
    assert [tuple(fact) for fact in paper.facts] == [
        ("培训班", "农产品质量安全检测技术培训班（第1期）"),
        ("施教机构", "洛江区青麓农业技术推广中心"),
        ("培训时间", "2026年5月11日至5月12日"),
        ("认定结论", "部分认定"),
        ("认定人数", "2 人（学员 4 人）"),
    ]


def test_a_corrected_sheet_says_what_it_replaces_and_why(paper, district):
    case = Recognition.objects.get()
    made = begun(district, case)
    one, two = case.application.enrolments.order_by("pk")[:2]
    morning = {"correction": made, "day": date(2026, 5, 12), "half_day": "morning", "actor": district.handler}
    set_half_day(**morning, enrolments=[], counts=False, reason="老师未到课")
    set_half_day(**morning | {"half_day": "afternoon"}, enrolments=[two], counts=False, reason="早退")
    amounts(made, 0, 8, district.handler)
    settle_rest(correction=made, keep=True, reason="已核定的不变", actor=district.handler)
    made = corrected(district, made)
    sweep()
    new = Paper.objects.get(state="issued")
    assert (new.replaces, new.number) == (paper, "洛人社学认〔2026〕0002号")
    with new.file.open("rb") as file:
        text = "".join("".join(page.extract_text() for page in PdfReader(file).pages).split())
    for said in (
        f"代替{paper.number}",
        "原表不再使用",
        f"更正（{made.number}）：检查发现签到不实",
        "部分认定（更正后）",
        "核定：代签",
        "全体学员：5月12日上午半日不予认定：老师未到课",
        "5月12日下午半日不予认定：早退",
        f"同意更正（{made.number}）",
        one.name,
    ):
        assert said.replace(" ", "") in text, said
