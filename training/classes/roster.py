"""The roster of a class's trainees: one definition for the provider's import, its template and the printed list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm
from units.roster.columns import ID_NUMBER

from .models import ClassApplication, Enrolment

# notice 一(五)3: 报名通知，包括参加培训人员花名册
TRAINEES = SheetForm(
    code="trainees",
    title="参加培训人员花名册",
    sheet_name="花名册",
    head=(
        HeadField("title", "培训班"),
        HeadField("number", "编号"),
        HeadField("span", "时间"),
        HeadField("place", "地点"),
    ),
    columns=(
        Column("name", "姓名", ("名字", "人员姓名", "教师姓名", "学员姓名"), kind="name", width=12, required=True),
        ID_NUMBER,
        Column("employer", "单位", ("工作单位", "所在单位", "单位名称"), width=28, help="本区人员按系统里的任职单位"),
        Column("agreement", "单位意见", width=14),
        Column("late", "补报原因", width=14),
        Column("note", "备注", width=14),
    ),
    instructions=(
        "每人一行，只有“姓名”“身份证号”必填；本区人员按证件号码和姓名认人，单位以系统里的任职单位为准。",
        "身份证号一栏已设为文本格式，请直接录入 18 位号码；最后一位是 X 的，大小写均可。",
        "本区单位尚未登记的人员，填单位全称或简称，该单位登记后学时入账。",
        "不属于本区的人员也会列入名单，但不在本区认定学时。",
        "其他单位的人员须由其单位在系统里同意，或由施教机构附盖章的报名表扫描件。",
    ),
)


def rows(enrolments: Iterable[Enrolment]) -> list[dict[str, Any]]:
    """The list as mappings by column key; ID numbers stay masked."""
    return [
        {
            "name": row.name,
            "id_number": row.masked_id,
            "employer": row.employer,
            "agreement": row.get_agreement_display(),
            "late": row.late_reason,
            "note": row.outside,
        }
        for row in enrolments
    ]


def head(application: ClassApplication, span: str) -> dict[str, Any]:
    """The lines above the list."""
    return {"title": str(application), "number": application.number, "span": span, "place": application.place}
