"""The lists of a recognition, each defined once: 花名册, 学时认定表, 考核成绩. Screen, workbook and paper follow."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from luojiang_ce.workdays.text import full, month_day
from training.classes.models import ClassApplication, Enrolment
from training.terms import Measure

from .lines import PersonLine

HEAD = (
    HeadField("training", "培训名称"),
    HeadField("number", "开班编号"),
    HeadField("provider", "施教机构"),
    HeadField("period", "培训时间"),
)

# notice 一(五)3: 报名通知，包括参加培训人员花名册
ROSTER = SheetForm(
    code="roster",
    title="洛江区专业技术人员继续教育参加培训人员花名册",
    sheet_name="花名册",
    head=(*HEAD, HeadField("count", "人数")),
    columns=(
        Column("name", "姓名", kind="name", width=10),
        Column("sex", "性别", width=5),
        Column("masked_id", "证件号码", width=22),
        Column("employer", "单位", width=34),
        Column("agreement", "所在单位意见", width=16),
        Column("note", "备注", width=12),
    ),
    foot=(HeadField("filler", "填报人"), HeadField("leader", "单位负责人"), HeadField("day", "日期")),
)

_COUNTS = (
    Column("expected", "应到半日", kind="integer", width=6),
    Column("attended", "实到半日", kind="integer", width=6),
)
_LAST = (Column("assessment", "考核结果", width=8), Column("note", "备注", width=24))
_FIRST = (
    Column("name", "姓名", kind="name", width=10),
    Column("masked_id", "证件号码", width=21),
    Column("employer", "单位", width=26),
)
HOURS_SHEET = SheetForm(
    code="recognition",
    title="洛江区专业技术人员继续教育学时认定表",
    sheet_name="学时认定",
    orientation="landscape",
    head=(*HEAD, HeadField("decision", "认定结论")),
    columns=(
        *_FIRST,
        *_COUNTS,
        Column("year", "年度", width=7),
        Column("public", "公共", kind="number", width=7, group="认定学时"),
        Column("professional", "专业", kind="number", width=7, group="认定学时"),
        *_LAST,
    ),
)
CREDITS_SHEET = SheetForm(
    code="recognition",
    title="洛江区专业技术人员继续教育学分认定表",
    sheet_name="学分认定",
    orientation="landscape",
    head=(*HEAD, HeadField("decision", "认定结论")),
    columns=(
        *_FIRST,
        *_COUNTS,
        Column("year", "年度", width=7),
        Column("class_1", "Ⅰ类", kind="number", width=7, group="认定学分"),
        Column("class_2", "Ⅱ类", kind="number", width=7, group="认定学分"),
        Column("general_practice", "全科", kind="number", width=7, group="认定学分"),
        *_LAST,
    ),
)


def sheet_of(application: ClassApplication) -> SheetForm:
    """The recognition sheet in the measure of the class."""
    return CREDITS_SHEET if application.measure == Measure.CREDITS else HOURS_SHEET


def head_of(application: ClassApplication) -> dict[str, Any]:
    """What stands above every list of a class."""
    return {
        "training": str(application),
        "number": application.number or "",
        "provider": application.unit.name,
        "period": period_of(application),
    }


def period_of(application: ClassApplication) -> str:
    """2026年5月11日至5月12日"""
    first, last = application.opens_on, application.ends_on
    if first is None or last is None:
        return ""
    if first == last:
        return full(first)
    return f"{full(first)}至{month_day(last) if last.year == first.year else full(last)}"


def roster_rows(enrolments: Iterable[Enrolment]) -> list[Mapping[str, Any]]:
    """A row per trainee; ID numbers masked."""
    return [
        {
            "name": each.name,
            "sex": each.person.sex if each.person else "",
            "masked_id": each.masked_id,
            "employer": each.employer,
            "agreement": each.get_agreement_display() if each.person else "非本区人员",
            "note": "补报" if each.late_reason else "",
        }
        for each in enrolments
    ]


def sheet_rows(lines: Iterable[PersonLine]) -> Iterator[Mapping[str, Any]]:
    """A row per trainee and year; who earns nothing has one row."""
    for line in lines:
        for number, (year, amounts) in enumerate(line.by_year.items() or (("", {}),)):
            yield {
                "name": line.enrolment.name,
                "masked_id": line.enrolment.masked_id,
                "employer": line.enrolment.employer,
                "expected": line.expected if number == 0 else None,
                "attended": line.attended if number == 0 else None,
                "year": str(year),
                **amounts,
                "assessment": line.assessment if number == 0 else "",
                "note": line.remark if number == 0 else "",
            }
