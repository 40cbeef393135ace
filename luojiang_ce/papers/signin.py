"""The printed sign-in sheet of a half-day (product.md A2): it is signed by hand, scanned and uploaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm

from .form_pdf import form_printable
from .printable import Printable

# notice 一(五)3: at least one sign-in and one sign-out per half-day
SIGN_IN = SheetForm(
    code="signin",
    title="洛江区专业技术人员继续教育培训签到表",
    head=(
        HeadField("training", "培训名称"),
        HeadField("date", "日期"),
        HeadField("half", "时段"),
        HeadField("place", "地点"),
        HeadField("expected", "应到人数"),
    ),
    columns=(
        Column("name", "姓名", kind="name", width=10),
        Column("unit", "单位", width=28),
        Column("signed_in", "签到时间", width=10, group="签到"),
        Column("in_signature", "签名", width=14, group="签到"),
        Column("signed_out", "签退时间", width=10, group="签退"),
        Column("out_signature", "签名", width=14, group="签退"),
    ),
    foot=(HeadField("teacher", "授课教师"), HeadField("keeper", "班主任"), HeadField("actual", "实到人数")),
)
SPARE_LINES = 5  # for those who come without being on the list


def signin_printable(head: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> Printable:
    """The sheet of one half-day; `head` has the keys of SIGN_IN.head and foot, `people` name and unit (and times)."""
    rows: Iterable[Mapping[str, Any]] = [*people, *({} for _ in range(SPARE_LINES))]
    printable = form_printable(
        SIGN_IN,
        rows,
        head={"expected": len(people), **head},
        foot=head,
        template="papers/print/signin_sheet.html",
        roomy=True,
    )
    return replace(printable, title=f"{SIGN_IN.title} {head.get('training', '')}")
