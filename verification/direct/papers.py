"""The papers of the bureau's own training (notice 二(二)): a page per person, and the stamped pass list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from luojiang_ce import clock
from luojiang_ce.papers.content import stamp_on
from luojiang_ce.papers.form_pdf import OpinionBox, form_context
from luojiang_ce.papers.kinds import PaperKind
from luojiang_ce.papers.models import Paper
from luojiang_ce.papers.public import last_digits, masked_name
from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import history
from verification.direct.models import DirectTraining, Passed, PassedQuerySet

LIST = SheetForm(
    code="direct_passed",
    title="洛江区专业技术人员调训合格人员名单",
    sheet_name="合格名单",
    head=(
        HeadField("title", "培训名称"),
        HeadField("span", "培训时间"),
        HeadField("document", "调训文件"),
        HeadField("hours", "每人学时"),
        HeadField("year", "计入年度"),
        HeadField("count", "合格人数"),
    ),
    columns=(
        Column("name", "姓名", kind="name", width=16),
        Column("masked_id", "证件号码", width=24),
        Column("unit", "单位", width=44),
    ),
)


def build_page(paper: Paper) -> dict[str, Any]:
    """What a person's page says."""
    row = Passed.objects.select_related("person", "unit", "training__unit", "training__catalogue").get(
        pk=paper.subject_id
    )
    case = row.training
    return {
        "heading": PAGE.title,
        "name": row.person.name,
        "facts": [
            ("证件号码", row.person.masked_id),
            ("工作单位", row.unit.name),
            ("培训名称", f"{case}（{case.get_kind_display()}）"),
            ("培训时间", f"{case.span}{'，集中脱产' if case.intensive else ''}"),
            ("调训文件", case.document),
            ("科　　目", case.what),
            ("学　　时", f"{hours(case)}，计入 {case.year} 年度"),
        ],
        "statement": f"经{case.unit.name}统一调训，培训合格，学时准予验证。",
        "remark": "依据：泉洛政人社〔2017〕27号 二(二)。年度验证结论按当年全部学时另行核定。",
        "issuer": case.unit.name,
    }


def page_facts(paper: Paper) -> list[tuple[str, object]]:
    """What the public check shows of a page: the name masked, the last two of the number."""
    row = Passed.objects.select_related("person", "unit", "training__catalogue").get(pk=paper.subject_id)
    return [
        ("姓名", masked_name(row.person.name)),
        ("证件尾号", last_digits(row.person.masked_id)),
        ("单位", row.unit.name),
        *_public(row.training),
        ("日期", full(paper.dated)),
    ]


def build_roster(paper: Paper) -> dict[str, Any]:
    """The pass list with who drew it up and who stamped it; its rows may be long."""
    case = _case(paper)
    passed = list(_listed(case, paper).select_related("person", "unit").order_by("person__pinyin", "pk"))
    rows = [{"name": row.person.name, "masked_id": row.person.masked_id, "unit": row.unit.name} for row in passed]
    head = {
        "title": f"{case}（{case.get_kind_display()}）",
        "span": case.span,
        "document": case.document,
        "hours": f"{case.what} {hours(case)}",
        "year": f"{case.year} 年度",
        "count": f"{len(rows)} 人",
    }
    return {**form_context(LIST, rows, head=head, boxes=_boxes(case, paper)), "author": case.unit.name}


def roster_facts(paper: Paper) -> list[tuple[str, object]]:
    """What the public check shows of the list: counts, nobody's name."""
    case = _case(paper)
    return [*_public(case), ("合格人数", f"{_listed(case, paper).count()} 人")]


def _listed(case: DirectTraining, paper: Paper) -> PassedQuerySet:
    """Who stood on it when it was asked for: a list that was superseded goes on saying what it said."""
    return case.passed.standing(paper.requested_at)


def hours(case: DirectTraining) -> str:
    """24 学时"""
    return f"{case.amount.normalize():f} 学时"


def _public(case: DirectTraining) -> list[tuple[str, object]]:
    return [
        ("培训名称", str(case)),
        ("培训时间", case.span),
        ("科目", case.what),
        ("每人学时", hours(case)),
        ("计入年度", f"{case.year} 年度"),
    ]


def _case(paper: Paper) -> DirectTraining:
    return DirectTraining.objects.select_related("unit", "catalogue").get(pk=paper.case_id)


def _boxes(case: DirectTraining, paper: Paper) -> list[OpinionBox]:
    """Two persons: who prepared the list, and who had it stamped."""
    steps = {event.name: event for event in reversed(history(case))}
    boxes = []
    if prepared := steps.get("prepare"):
        signer = prepared.actor.name if prepared.actor else ""
        boxes.append(
            OpinionBox("区人社局经办意见", "经核对，名单所列人员培训合格。", signer, clock.day_of(prepared.at))
        )
    stamper = paper.requested_by.name if paper.requested_by else ""
    said = "准予验证，学时入账。"
    return [*boxes, OpinionBox("区人社局验证意见", said, stamper, paper.dated, stamp_on(paper), case.unit.name)]


def names_of(case: DirectTraining) -> Iterable[str]:
    """What both print: the training, the people, where they worked."""
    rows = case.passed.values_list("person__name", "unit__name")
    return [case.title, case.document, case.course, *(text for row in rows for text in row)]


PAGE = PaperKind(
    key="direct_person",
    title="调训学时验证单",
    case_model=DirectTraining,
    template="papers/print/person_page.html",
    version="2",
    build=build_page,
    public_facts=page_facts,
    number_format="洛人社调〔{year}〕{seq:05d}号",
    subject_model=Passed,
    named_after=("person__name", "person__masked_id"),
    in_order=("person__pinyin", "pk"),
    open_to_subject=True,
    names=names_of,
)
ROSTER = PaperKind(
    key="direct_roster",
    title="调训合格人员名单",
    case_model=DirectTraining,
    template="papers/print/form.html",
    version="3",
    build=build_roster,
    public_facts=roster_facts,
    style="form",
    number_format="洛人社调册〔{year}〕{seq:04d}号",
    names=names_of,
)
KINDS = (PAGE, ROSTER)
