"""The pages on paper, to be copied from or pasted in; not issued papers."""

from __future__ import annotations

from typing import Any

from luojiang_ce.papers.form_pdf import form_printable
from luojiang_ce.papers.printable import Printable
from luojiang_ce.papers.printouts import Args, Printout
from luojiang_ce.typed import whole_numbers
from units.models import Employment, Person
from verification.booklets.page import sheet_of
from verification.booklets.rows import WRITTEN, BookletRow, rows_of, working


def seen_by(account: Any, args: Args) -> Args:
    """Of these people those whom the account sees at work now."""
    seen = working(account).filter(person__in=whole_numbers(args["people"].split(",")))
    return {**args, "people": ",".join(f"{pk}" for pk in seen.values_list("person", flat=True))}


def pages_printed(person: Person, args: Args) -> list[Printable]:
    """The pages of these people (`people`: their ids, of whom `person` is the first) of a year."""
    people = whole_numbers(args["people"].split(","))
    jobs = Employment.objects.filter(person__in=people, ended_on=None).select_related("person", "unit__supervisor")
    return [_printable(row) for row in rows_of(list(jobs.order_by("person__pinyin", "pk")), int(args["year"]))]


def _printable(row: BookletRow) -> Printable:
    page, written = row.page, row.written
    head = {"name": row.job.person.name, "unit": row.job.unit.name, "number": page.number, "year": f"{row.year}年度"}
    foot: dict[str, object] = {"total": page.totals, "filled_by": row.filled_by.name}
    if written and row.standing == WRITTEN and written.number == page.number:  # of another page nobody has said so
        foot |= {"writer": written.written_by.name, "day": written.written_on}
    return form_printable(sheet_of(page), page.plain, head=head, foot=foot, empty="这一年度没有入账的学时（学分）")


PAGES_PRINTED = Printout("booklets.pages", "继续教育证书登记页", Person, pages_printed, seen_by)
