"""How the pages of booklets stand, as a workbook."""

from __future__ import annotations

from luojiang_ce.sheets.exports import ListExport, Told, register_export
from verification.booklets.filters import BookletFilter
from verification.booklets.rows import rows_of, working
from verification.ledger.forms import year_of

BOOKLETS = ListExport(
    "证书登记",
    lambda account: working(account).order_by("person__pinyin", "pk"),
    BookletFilter,
    (
        Told("年度", "year", "integer", 8),
        Told("姓名", "job.person.name", "name"),
        Told("证件号码（已遮盖）", "job.person.masked_id", "id", 22),
        Told("单位", "job.unit.name", width=36),
        Told("类别", "job.person.get_category_display", width=10),
        Told("证书编号", "page.number", width=20),
        Told("项数", lambda row: len(row.page.lines), "integer", 8),
        Told("合计", "page.totals", width=40),
        Told("登记", "label", width=24),
        Told("登记单位", "filled_by.name", width=36),
        Told("登记人", "written.written_by.name", width=12),
        Told("登记日期", "written.written_on", "date"),
    ),
    dress=lambda rows, query, account: rows_of(rows, year_of(query.get("year", ""))),
)


def register() -> None:
    """Make the list known to luojiang_ce.sheets.exports."""
    register_export("booklets", BOOKLETS)
