"""附件1 as units keep it: as a workbook, and as a spreadsheet puts its cells on the clipboard."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from io import BytesIO
from typing import Any

from openpyxl import Workbook


def _line(text: str) -> list[Any]:
    return [cell.strip().replace("⏎", "\n") or None for cell in text.split("|")]


# A head merged over two lines, begin and end in two cells, the fee in three.
UPPER = _line(
    "序号|主办单位|培训班⏎名称|办班依据（文件名、文号）|培训内容（主要课程）|科目类别|培训对象|期数|每期人数|拟定起止时间||天数|地点|培训形式"
    "|拟授学时(学分)||经费来源|经费预算（万元）|是否收费、标准（元/人）、批准文号|||联系人|联系电话|备注"
)
LOWER = _line("|||||||||开始|结束||||公共|专业|||是否收费|标准|批准文号|||")
FIRST = _line(
    "1|区农技站|冷链保鲜班|区农〔2026〕3号|采后处理|专业科目|农技人员|2期|50人||2026.5.13|3天|实训基地|集中面授"
    "|/|22学时|区财政||是|300元/人|泉发改〔2026〕1号|林知秋|0595-0000-0101|"
)
FIRST[9], FIRST[17] = date(2026, 5, 11), 1.8
SECOND = _line("2||数字技能班|||公需科目|||40|6月1日|6月2日|2||线上|16||||否|—||||无")
WHOLE = _line(
    "2|区农技站|数字技能班|年度工作要点|数据应用|公需科目|农技人员|1|40|6月1日|6月2日|2|区党校|线上|16||区财政|0.6|否|—||林知秋|0595-0000-0101|"
)
PLACES = {"organiser": 1, "title": 2, "basis": 3, "people": 8}
# In the columns of our own form.
IN_ORDER = _line(
    "区农技站||冷链保鲜班|区农〔2026〕3号|采后处理⏎快检方法|专业|农技人员|1|50|5月11日至13日|3|实训基地|面授||22|财政预算|18000"
    "|不收费|沈听澜|林知秋 0595-0000-0101|"
)


def but(row: Sequence[Any], **cells: Any) -> list[Any]:
    """The row under UPPER and LOWER with these cells otherwise."""
    said = {PLACES[name]: value for name, value in cells.items()}
    return [said.get(place, cell) for place, cell in enumerate(row)]


def filled(*rows: Sequence[Any], head: Sequence[Sequence[Any]] = (UPPER, LOWER)) -> BytesIO:
    """A workbook with a title above, and sums, signatures, remarks and opinions below."""
    book = Workbook()
    sheet: Any = book.active
    foot = (
        _line("||合计|||||3|140|||5"),
        _line("填报单位（盖章）：区农技站||||单位负责人：岳临川||填表人：林知秋"),
        _line("说明：以上计划经单位会议研究"),
        _line("以上各班均已列入本单位年度工作要点"),
        _line("区人社局审核意见"),
    )
    for line in (["区直机关事业单位培训办班计划登记表"], ["计划年度：2026"], *head, *rows, *foot):
        sheet.append(list(line))
    sheet.merge_cells("A1:X1")
    out = BytesIO()
    book.save(out)
    out.seek(0)
    return out


def copied(*rows: Sequence[Any]) -> str:
    """These cells on the clipboard: tabs between them, quotation marks where a cell has several lines."""
    return "\r\n".join("\t".join(map(_quoted, row)) for row in rows)


def _quoted(value: Any) -> str:
    text = "" if value is None else str(value)
    return '"' + text.replace('"', '""') + '"' if "\n" in text or '"' in text else text
