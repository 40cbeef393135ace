"""Every paper that is no official document, with as many rows as one likes: usual ones, and the longest that people
type. Made without a database, by the templates and forms of the product.

`LIST_PAPERS` is by key of paper kind or printout; the walk over what is registered finds whatever is left out of it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import partial
from types import SimpleNamespace
from typing import Any

from luojiang_ce.papers.content import Check, Stamp, qr_svg
from luojiang_ce.papers.form_pdf import TEMPLATE, OpinionBox, form_context
from luojiang_ce.papers.models import paper_kinds
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import _printouts
from luojiang_ce.papers.registerbook import OF_A_SEAL
from luojiang_ce.papers.seals import SealShape, seal_svg
from luojiang_ce.sheets.definitions import Column, SheetForm
from tests.luojiang_ce.papers.samples import ISSUER, SEAL_NAME
from tests.training.attendance.photographs.printed import pages_for
from training.classes.changes.printing import FORM as CHANGE
from training.classes.form2 import FORM2, Fact
from training.classes.form3 import FORM3
from training.inspections.draws.reading import STEPS
from training.plans.form1 import FORM1, OPINIONS
from training.recognition.papers import HOURS_SHEET, ROSTER
from verification.batches.form4 import FORM4
from verification.booklets.page import COLUMNS, FOOT, HEAD
from verification.counter.bookings import DAY as DAY_SHEET
from verification.cycles.entries import PROOF
from verification.direct.papers import LIST as PASS_LIST
from verification.own_record import printing as slips

DAY = date(2026, 11, 29)
PAPER = SimpleNamespace(number="洛人社验〔2026〕00001号", title="验证单", dated=DAY)
SHAPE = SealShape(SEAL_NAME, "洛江区人力资源和社会保障局", "职业能力培训专用章", demo=True)
STAMP = Stamp(seal_svg(SHAPE), SEAL_NAME, "", 20.0)
ADDRESS = "https://jxjy.luojiang.example/check/"
CHECK = Check("7K3Q-WD82-MX4P", f"{ADDRESS}7K3Q-WD82-MX4P/", ADDRESS, qr_svg(ADDRESS * 9), side=24.85)
SEALED = {"paper": PAPER, "stamp": STAMP, "check": CHECK}

NAME, LONG_NAME = "温知故", "阿布都热合曼·买买提吐尔逊·依明江尼亚孜"
UNIT = "洛江区青麓农业技术推广中心"
LONG_UNIT = "泉州市洛江区万安街道社区卫生服务中心（泉州市洛江区万安街道妇幼保健计划生育服务中心）分院第二门诊部"
TITLE = "设施蔬菜生产技术培训班"
LONG_TITLE = "2026年泉州市洛江区乡村振兴战略背景下设施蔬菜绿色高效生产与农产品质量安全检测（PCR、GC-MS/MS）高级研修班"
PHONE, LONG_PHONE = "0595-00000000", "0595-00000000转8001、13000000000"
SPAN = "2026年4月13日至17日"


@dataclass(frozen=True)
class Filling:
    """What rows say: as people usually fill them in, or as much as the fields take."""

    name: str = NAME
    unit: str = UNIT
    title: str = TITLE
    phone: str = PHONE
    text: str = f"{TITLE}，{SPAN}，{UNIT}"
    said: str = "同意。"
    figure: Decimal = Decimal("12.5")

    def cell(self, column: Column, longest: str) -> Any:
        """What stands in a column of a form."""
        if column.kind in ("number", "integer"):
            return self.figure if column.kind == "number" else int(self.figure)
        by_kind = {"name": self.name, "id": "350504********1234", "month": "1985-03", "date": DAY}
        if column.kind in by_kind:
            return by_kind[column.kind]
        if column.choices:
            return max(column.choices, key=len)
        return self.text if column.key == longest or self is HOSTILE else ""


USUAL = Filling()
HOSTILE = Filling(
    LONG_NAME,
    LONG_UNIT,
    LONG_TITLE,
    LONG_PHONE,
    "；".join([f"{LONG_TITLE}，2026年12月13日至2027年1月17日，{LONG_UNIT}"] * 3),
    "经核对，" + "材料不齐、名称与公布的项目不一致，须补正后再报。" * 40,
    Decimal("1234567.25"),
)


def rows_of(form: SheetForm, count: int, filling: Filling = USUAL) -> list[dict[str, Any]]:
    """Rows of a form; the longest text says which row it is."""
    longest = max((c for c in form.columns if c.kind == "text"), key=lambda c: c.width).key
    row = {column.key: filling.cell(column, longest) for column in form.columns}
    return [{**row, longest: f"第{n:04d}行{row[longest]}"} for n in range(1, count + 1)]


def sheet(
    form: SheetForm,
    count: int,
    filling: Filling = USUAL,
    *,
    boxes: Sequence[str] = (),
    stamped: str = "",
    paper: bool = False,
    issuer: str = "",
    template: str = TEMPLATE,
    **extra: Any,
) -> list[Printable]:
    """A form of the notice or a list: opinions that stand in it, the last one stamped where `stamped` says so."""
    opinions = [OpinionBox(title, filling.said, filling.name, DAY) for title in boxes]
    if stamped:
        opinions.append(OpinionBox(stamped, filling.said, filling.name, DAY, STAMP, ISSUER))
    lines = {field.key: _line(field.title, filling) for field in (*form.head, *form.foot)}
    context = form_context(form, rows_of(form, count, filling), head=lines, foot=lines, boxes=opinions, **extra)
    sealed = {**SEALED, "issuer": issuer} if paper else {}
    return [Printable(template, {**context, **sealed}, "form", form.title)]


def _line(title: str, filling: Filling) -> str:
    said = {"姓名": filling.name, "单位": filling.unit, "电话": filling.phone, "日期": "2026年11月29日"}
    return next((text for word, text in said.items() if word in title), filling.title)


def person(
    count: int, filling: Filling = USUAL, *, rows: int = 3, notes: int = 1, statement: str = "", second: str = "",
    medical: bool = False,
) -> list[Printable]:
    """A person's page of a verified year with so many trainings; `second`: the other organ that stamps it."""
    amounts = {"class_1": "4", "class_2": "8.25", "general_practice": "2"} if medical else {"public": "4", "professional": "8"}
    trainings = [
        {"title": f"第{n:04d}行{filling.title}", "days": SPAN, "organiser": filling.unit, "amounts": amounts}
        for n in range(1, count + 1)
    ]
    required = SimpleNamespace(
        title="年度总学时", notes=["按规定计入"] * notes, required="90", reached="94", counted="94", conclusion="达到"
    )
    facts = {"sex": "男", "masked_id": "350504********34"}
    context = {
        "heading": "2026年度专业技术人员继续教育验证单",
        "name": filling.name,
        "record": SimpleNamespace(year=2026, person=SimpleNamespace(**facts), kinds="验证"),
        "frozen": {"unit": filling.unit},
        "title_line": "农艺师，中级",
        "amounts": "公共科目 30 学时，专业科目 64.5 学时，合计 94.5 学时",
        "is_medical": medical,
        "verdict": SimpleNamespace(
            rows=[required] * rows, remark="", document="泉洛政人社〔2017〕27号", rule_title="规则"
        ),
        "trainings": trainings,
        "statement": statement or "经查验，2026年度继续教育达到规定要求，准予验证。",
        "issuer": ISSUER,
        "second_issuer": second,
        "second_stamp": STAMP if second else None,
        **SEALED,
    }
    return [Printable("verification_batches/print/person.html", context, "page", "验证单", "trainings")]
