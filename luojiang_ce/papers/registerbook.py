"""The register of seal use as a form: one definition for the page and the workbook."""

from __future__ import annotations

from typing import Any

from luojiang_ce import clock
from luojiang_ce.sheets.definitions import Column, SheetForm

from .models import SealUse

# domain.md §1: the columns of a register of seal use; the last one is ours, it ties the line to one very file.
REGISTER = SheetForm(
    code="seal_use",
    title="用印登记簿",
    orientation="landscape",
    numbered=False,
    columns=(
        Column("number", "登记编号", width=12),
        Column("used_at", "用印时间", width=17),
        Column("seal_name", "印章名称", width=40),
        Column("applicant", "申请部门/人", width=14),
        Column("reason", "事由", width=24),
        Column("document", "文件名称（编号）", width=40),
        Column("copies", "份数", kind="integer", width=6),
        Column("approver", "审批人", kind="name", width=10),
        Column("keeper", "监印人", kind="name", width=10),
        Column("remark", "备注", width=16),
        Column("sha256", "文件 SHA-256", width=68),
    ),
)


def row_of(use: SealUse) -> dict[str, Any]:
    """A line of the register as the columns of REGISTER."""
    row: dict[str, Any] = {column.key: getattr(use, column.key) for column in REGISTER.columns}
    row["used_at"] = f"{clock.local(use.used_at):%Y-%m-%d %H:%M}"
    return row
