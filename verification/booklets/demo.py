"""Pages of booklets in the demo: written, with more hours since, and taken back."""

from __future__ import annotations

from luojiang_ce import clock
from units.demo import clerk_of
from units.models import Employment, Unit
from verification.booklets.models import WrittenPage
from verification.booklets.rows import rows_of
from verification.booklets.services import mark_written, take_back

UNIT = "QLNJ"
MOST = 4


def build() -> str:
    """The first people of a unit whose page of the year can be written; nothing where some are written already."""
    if WrittenPage.objects.exists():
        return "演示证书登记已有，未改动"
    today, unit = clock.today(), Unit.objects.get(code=UNIT)
    jobs = Employment.objects.filter(unit=unit, ended_on=None).select_related("person", "unit__supervisor")
    marks = []
    for year in (today.year, today.year - 1):
        rows = rows_of(list(jobs.order_by("pk")), year)
        for row in [each for each in rows if each.page.number and each.page.lines][:MOST]:
            mark = mark_written(job=row.job, year=year, seen=row.page.mark, on=today, actor=clerk_of(unit))
            marks.append(mark)
    if marks:
        take_back(written=marks[-1], reason="误点，还没有写", actor=clerk_of(unit))
    return f"{len(marks)} 页"
