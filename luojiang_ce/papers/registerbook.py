"""The register of seal use as a form: one definition for page, workbook and the sheets that are filed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from luojiang_ce import clock
from luojiang_ce.sheets.definitions import Column, HeadField, SheetForm

from .form_pdf import form_printable
from .models import Seal, SealUse
from .printable import Printable
from .printouts import Printout

# domain.md §1: the columns of a register of seal use.
_NUMBER = Column("number", "登记编号", width=13)
_USED = Column("used_at", "用印时间", width=17)
_WHAT = (
    Column("applicant", "申请部门/人", width=14),
    Column("reason", "事由", width=24),
    Column("document", "文件名称（编号）", width=36),
    Column("copies", "份数", kind="integer", width=6),
    Column("approver", "审批人", kind="name", width=10),
    Column("keeper", "监印人", kind="name", width=10),
    Column("remark", "备注", width=24),
    Column("applied", "手工加盖", width=22),
)

# What all lines share stands above them.
_HEAD = (HeadField("seal", "印章名称"), HeadField("year", "年度"), HeadField("count", "用印次数"))
_FOOT = (HeadField("printed", "打印日期"),)
REGISTER = SheetForm(
    code="seal_use",
    title="用印登记簿",
    orientation="landscape",
    numbered=False,
    head=(*_HEAD[:-1], HeadField("asked", "查找"), _HEAD[-1]),
    columns=(
        *(_NUMBER, _USED, Column("seal_name", "印章名称", width=20), *_WHAT),
        # Ours, and whole: less of it would not tie the line to one very file.
        Column("sha256", "文件指纹（SHA-256）", width=18),
    ),
    foot=_FOOT,
)
# Of one seal and year.
OF_A_SEAL = SheetForm(
    code="seal_use_of_a_seal",
    title="用印登记簿",
    orientation="landscape",
    numbered=False,
    head=_HEAD,
    columns=(_NUMBER, _USED, *_WHAT),
    foot=_FOOT,
)


def row_of(use: SealUse) -> dict[str, Any]:
    """A line of the register as the columns of REGISTER; its `applied` are at hand."""
    row: dict[str, Any] = {column.key: getattr(use, column.key) for column in REGISTER.columns}
    row["used_at"] = f"{clock.local(use.used_at):%Y-%m-%d %H:%M}"
    row["remark"] = use.remark_now
    row["applied"] = "；".join(f"{each}{'：' if each.note else ''}{each.note}" for each in use.applied.all())
    return row


def _sheets(seal: Seal, args: Mapping[str, str]) -> Sequence[Printable]:
    uses = seal.uses.filter(year=int(args["year"])).prefetch_related("applied").order_by("pk")
    rows = [row_of(use) for use in uses]
    lines = around(rows, seal=seal.name, year=args["year"])
    return [form_printable(OF_A_SEAL, rows, head=lines, foot=lines, empty="本年没有用印")]


def around(rows: Sequence[Mapping[str, Any]], *, seal: str, year: str, asked: str = "") -> dict[str, Any]:
    """What stands above and below these lines of the register; `asked`: the words by which they were looked for,
    without which their number would be taken for that of all uses."""
    return {"seal": seal, "year": year, "asked": asked or "不限", "count": len(rows), "printed": clock.today()}


REGISTER_PRINTED = Printout("seal_register", "用印登记簿", Seal, _sheets)
