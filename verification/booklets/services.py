"""Marking that a page was written, and taking that back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from luojiang_ce import clock
from luojiang_ce.access import Actor
from luojiang_ce.once import keeping
from luojiang_ce.refusals import NotPossible
from luojiang_ce.workdays.text import full
from luojiang_ce.workflow.events import record
from units.models import Certificate, Employment, Person
from units.services.certificates import booklet_of, kind_for
from verification.booklets.filling import filled_by, fills
from verification.booklets.models import WrittenPage
from verification.booklets.page import Page, page_of
from verification.ledger.models import people_entries

# Why a mark has ended that another one followed, by what had become of its lines: (some were added, some were struck).
FOLLOWED = {
    (True, False): "补登：其后又有学时入账，页面已续写",
    (False, True): "更正：其后有学时被冲销，页面已注明",
    (True, True): "更正：其后有学时被冲销，也有学时入账，页面已改写",
    (False, False): "重新登记：内容未变，学时记录或证书编号有变动",
}


def pages_of(people: Sequence[Person], year: int) -> dict[int, Page]:
    """The page of each person, by person id, as the ledger and the register of booklets stand. Two queries."""
    entries = people_entries(people, year, year)
    held: dict[int, list[Certificate]] = {}
    for each in Certificate.objects.filter(person__in=[person.pk for person in people]):
        held.setdefault(each.person_id, []).append(each)
    return {person.pk: _page(person, held.get(person.pk, []), entries.get(person.pk, [])) for person in people}


def _page(person: Person, held: Sequence[Certificate], entries: Sequence[Any]) -> Page:
    kind = kind_for(person.category)
    booklet = booklet_of(held, kind)
    return page_of(person, kind, booklet.number if booklet else "", entries)


@transaction.atomic
@keeping()
def mark_written(*, job: Employment, year: int, seen: str, on: date, actor: Actor) -> WrittenPage:
    """The page was written into the real booklet on a day, as it was shown (`seen`: its `mark`). A second click finds
    the first one's mark; one from before hours came in or were countered has ended. Where all were countered, the mark
    has no lines: what stood there is noted to be void.

    Raises PermissionDenied for who does not write into this booklet; NotPossible where there is no booklet or nothing
    to write, or where other hours are there than were shown.
    """
    person = Person.objects.select_for_update().get(pk=job.person_id)
    if not fills(actor, job):
        raise PermissionDenied(f"account {actor.pk} does not fill in booklets of unit {job.unit_id}")
    page = pages_of([person], year)[person.pk]
    former = WrittenPage.objects.standing().filter(person=person, year=year).first()
    if former and (former.entries_seen, former.number) == (page.entries_seen, page.number):
        return former
    _must_be_sound(page, former, year, seen, on)
    if former:
        _end(former, _why_followed(former, page), actor)
    facts: dict[str, Any] = {
        "kind": page.kind,
        "number": page.number,
        "lines": page.plain,
        "entries_seen": page.entries_seen,
    }
    facts |= {"filled_by": filled_by(job), "written_on": on, "written_by_id": actor.pk}
    written = WrittenPage.objects.create(person=person, year=year, unit=job.unit, **facts)
    note = f"{full(on)} 登记 {len(page.lines)} 项：{page.totals}" if page.lines else f"{full(on)} 登记：已全部冲销"
    record(written, "booklet_written", actor=actor, note=note, data={"year": year})
    return written


def _must_be_sound(page: Page, former: WrittenPage | None, year: int, seen: str, on: date) -> None:
    if not page.number:
        raise NotPossible(f"还没有登记《{page.title}》；领到证书后，先在人员信息中登记证书编号")
    if not page.lines and not (former and former.lines):
        raise NotPossible(f"{year} 年度没有入账的学时（学分），没有可以登记的内容")
    if page.mark != seen:
        raise NotPossible("刚才学时台账或证书编号有变动，与您抄写时显示的不同；请按现在的内容核对后再登记")
    if wrong := wrong_day(year, on):
        raise NotPossible(on=wrong)


def wrong_day(year: int, on: date) -> str:
    """Why the page of a year cannot have been written on this day; empty where it can."""
    return "" if date(year, 1, 1) <= on <= clock.today() else f"登记日期应在 {year} 年 1 月 1 日至今天之间"


def _why_followed(former: WrittenPage, page: Page) -> str:
    added = any(line not in former.lines for line in page.plain)
    return FOLLOWED[added, any(line not in page.plain for line in former.lines)]


@transaction.atomic
def take_back(*, written: WrittenPage, reason: str, actor: Actor) -> WrittenPage:
    """It was marked by mistake: the page counts as not written. Raises NotPossible without a reason, or where it has
    ended; PermissionDenied for who does not write into this booklet."""
    locked = WrittenPage.objects.select_for_update(of=("self",)).select_related("person").get(pk=written.pk)
    job = Employment.objects.filter(person=locked.person, ended_on=None).select_related("person", "unit").first()
    if job is None or not fills(actor, job):
        raise PermissionDenied(f"account {actor.pk} does not fill in this booklet")
    if not reason.strip():
        raise NotPossible(reason="请写明撤销的理由")
    if locked.ended_at:
        raise NotPossible("这次登记已经终止，没有重复撤销")
    _end(locked, reason, actor)
    return locked


def _end(written: WrittenPage, why: str, actor: Actor) -> None:
    written.ended_at, written.ended_by_id, written.ended_why = clock.now(), actor.pk, why
    written.save(update_fields=["ended_at", "ended_by", "ended_why"])
    record(written, "booklet_unwritten", actor=actor, note=why, data={"year": written.year})
