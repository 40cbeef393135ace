"""The list: how the page of each person stands, for the screen and for the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from luojiang_ce.access import READ_SYSTEM
from luojiang_ce.once import keeping
from units.models import Employment, Person, Unit
from verification.booklets.filling import MEDICAL, filled_by, to_fill
from verification.booklets.models import WrittenPage
from verification.booklets.page import Line, Page
from verification.booklets.services import pages_of
from verification.ledger.models import LedgerEntry

# How a page stands: code, words, what it looks like.
EMPTY, OPEN, WRITTEN, MORE = "empty", "open", "written", "more"
STANDINGS = {
    EMPTY: ("没有学时", "idle"),
    OPEN: ("待登记", "soon"),
    WRITTEN: ("已登记", "done"),
    MORE: ("登记后有变动，待补登", "late"),
}
CHOICES = [(OPEN, "待登记"), (MORE, "登记后有变动"), (WRITTEN, "已登记"), (EMPTY, "没有学时")]
VOID = "学时已全部冲销，待注明"


@dataclass(frozen=True)
class BookletRow:
    """A person's line. `written`: the mark that stands, None where there is none."""

    job: Employment
    year: int
    page: Page
    written: WrittenPage | None
    filled_by: Unit

    @property
    def standing(self) -> str:
        if self.written is None:
            return OPEN if self.page.lines else EMPTY
        return WRITTEN if self.written.entries_seen == self.page.entries_seen else MORE

    @property
    def label(self) -> str:
        return VOID if self.standing == MORE and not self.page.lines else STANDINGS[self.standing][0]

    @property
    def meaning(self) -> str:
        return STANDINGS[self.standing][1]

    @property
    def is_to_write(self) -> bool:
        """Is something to be written into the booklet: the page, what came in since, or that it is void?"""
        return self.standing in (OPEN, MORE)

    @property
    def seen(self) -> str:
        """What tells the server which page was shown of whom."""
        return f"{self.job.person_id}:{self.page.mark}"

    @property
    def struck(self) -> list[Line]:
        """What stands in the booklet and was countered since."""
        lines = self.written.lines if self.written else []
        return [Line(**each) for each in lines if each not in self.page.plain]


def working(account: Any) -> QuerySet[Employment]:
    """Who works now, of the people that the account sees; whose booklets it fills in or, as the health authority,
    reviews, whoever supervises them in between (notice 二(一)卫生)."""
    seen = Q(person__in=Person.objects.visible_to(account).values("pk"))
    below = Q(person__category=MEDICAL, unit__supervisor__supervisor__in=account.unit_ids(*READ_SYSTEM.roles))
    jobs = Employment.objects.filter(seen | to_fill(account) | below, ended_on=None)
    return jobs.select_related("person", "unit__supervisor")


def standing_as(jobs: QuerySet[Employment], year: int, standing: str) -> QuerySet[Employment]:
    """Those whose page of a year stands so."""
    there = LedgerEntry.objects.filter(person=OuterRef("person"), year=year).order_by().values("person")
    number = there.annotate(number=Count("pk")).values("number")
    holds = there.annotate(sum=Sum("amount")).filter(sum__gt=0)  # what is countered wholly leaves nothing to write
    counted = jobs.annotate(entries=Coalesce(Subquery(number, output_field=IntegerField()), 0))
    marks = WrittenPage.objects.standing().filter(person=OuterRef("person"), year=year)
    same = marks.filter(entries_seen=OuterRef("entries"))
    return {
        EMPTY: counted.filter(~Exists(marks), ~Exists(holds)),
        OPEN: counted.filter(~Exists(marks), Exists(holds)),
        WRITTEN: counted.filter(Exists(same)),
        MORE: counted.filter(Exists(marks), ~Exists(same)),
    }[standing]


@keeping()
def rows_of(jobs: Sequence[Employment], year: int) -> list[BookletRow]:
    """Their lines; five queries, however many people."""
    pages = pages_of([job.person for job in jobs], year)
    marks = WrittenPage.objects.standing().filter(person__in=[job.person_id for job in jobs], year=year)
    written = {each.person_id: each for each in marks.select_related("written_by", "filled_by")}
    return [BookletRow(job, year, pages[job.person_id], written.get(job.person_id), filled_by(job)) for job in jobs]
