"""What several pages of verification share."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from luojiang_ce.access import Actor, Role
from luojiang_ce.home.lists import Count
from luojiang_ce.typed import whole_number
from luojiang_ce.workdays.deadlines import Deadline
from units.extensions.reading import current_terms
from units.identity.namesakes import Bearer, told_apart

from ..facts import changed_rows, newer_entry
from ..filers import filer_of
from ..forms import PER_PAGE
from ..in_time import due_of
from ..models import AnnualRecord, Batch
from ..owing import place
from ..season_days import mends_until
from ..seasons import season_over
from ..services import why_not_refreeze

CLERK = Role.UNIT_CLERK
# notice 二(三)2: said behind how the last day was counted
UNDONE_BY = "有正当理由的，单位可以申请延期，或由区人社局审批人写明理由恢复；经批准长期外出或病假的，可以补验。"
R = AnnualRecord.State
VERIFIED = "verified"  # in a list, those stamped are verified too
GROUPS = {
    "": ("本批人数", "", tuple(R.values)),
    VERIFIED: ("已验证", "done", (R.VERIFIED, R.STAMPED)),
    R.SUPPLEMENT.value: ("待补材料", "soon", (R.SUPPLEMENT,)),
    R.ASKED.value: ("待审批", "soon", (R.ASKED,)),
    R.FAILED.value: ("不通过", "late", (R.FAILED,)),
    R.FILED.value: ("未办", "", (R.LISTED, R.FILED)),
}


def editable_or_404(request: HttpRequest, pk: int) -> Batch:
    """An own batch that may be edited; who saw it before it was filed is told on its page."""
    own = Batch.objects.filter(unit__in=request.user.unit_ids(CLERK)).select_related("unit")
    return get_object_or_404(own.visible_to(request.user), pk=pk)


def people_page(request: HttpRequest, batch: Batch, rows: Any = None, *, ends: bool = False) -> dict[str, Any]:
    """The people of a batch, by group and page; counts by state that lead to them. Four queries.

    `ends`: the page shows the ends of all numbers, so that namesakes need no more (and a query less).
    """
    group = request.GET.get("state", "")
    states = GROUPS.get(group, GROUPS[""])[2]
    found = (batch.records.all() if rows is None else rows).filter(state__in=states)
    ordered = found.select_related("person").annotate(newer=newer_entry()).order_by("person__pinyin", "pk")
    number = request.GET.get("page") or page_of(found, request.GET.get("row", ""))
    pages = Paginator(ordered, PER_PAGE)
    if rows is None:  # known without asking again
        pages.count = sum(state in states for state, _ in batch.standings)
    page = pages.get_page(number)
    apart = {} if ends else namesakes_in(batch)
    for number, record in enumerate(page.object_list, page.start_index()):
        record.position, record.apart = number, apart.get(record.pk, "")
    newer = sum(row.state in AnnualRecord.UNDECIDED for row in changed_rows(batch))
    counts = counts_of(request, batch, group)
    may_refreeze = not why_not_refreeze(batch, request.user)
    shown = {"newer_count": newer, "may_refreeze": may_refreeze}
    return {"page_obj": page, "counts": counts, "unit": "人", "group": group, **shown}


def namesakes_in(batch: Batch) -> dict[int, str]:
    """What tells the namesakes of a batch apart, by the ids of their rows; nothing of the others. One query."""
    found = batch.records.order_by().values_list("pk", "person__name", "facts__department", "person__masked_id")
    return told_apart({pk: Bearer(name, department or "", number) for pk, name, department, number in found})


def page_of(rows: Any, row: str) -> int:
    """The number of the page on which a row (its id as typed) stands; the first when it is not there."""
    if (key := whole_number(row)) is None:
        return 1
    keys = list(rows.order_by("person__pinyin", "pk").values_list("pk", flat=True))
    return keys.index(key) // PER_PAGE + 1 if key in keys else 1


def why_given_up(record: AnnualRecord) -> tuple[str, str]:
    """What a record says of a year that was given up: what was missed, and how its last day was counted with what
    undoes it; empty for any other."""
    if record.state != R.GIVEN_UP:
        return "", ""
    missed, due = _missed(record)
    return f"到期未{missed}，视同放弃验证权利（通知 二(三)2）。", f"{due.explanation if due else ''}{UNDONE_BY}"


def _missed(record: AnnualRecord) -> tuple[str, Deadline | None]:
    """What was not done in time, and its last day; None where none is set any more."""
    if not record.first_submitted_at:
        return "报送", due_of(record.unit, record.year)
    filers = (record.unit, filer_of(record.unit))
    season = mends_until(record.mend_by, record.year, filers, current_terms())
    return ("到柜台", season_over(record.batch) or season) if record.batch else ("再报送", season)


def filed_anew(record: AnnualRecord, account: Actor) -> dict[str, str]:
    """To whom a year has come back that stands in no roster: who files it, and to that one where; else nothing."""
    if record.state != R.LISTED or record.batch_id or not (record.restored_at or record.first_submitted_at):
        return {}
    filer = filer_of(record.unit)
    said = {
        "bold": "还没有列入花名册。",
        "text": f"请{filer.short}专办员在“报送年度验证”里另列一批报送，原来的批次不变",
        "meaning": "soon",
    }
    if filer.pk in account.unit_ids(CLERK):
        said |= {"url": place(filer.pk, record.year, record.path), "label": "列入花名册"}
    return said


def counts_of(request: HttpRequest, batch: Batch, group: str) -> list[Count]:
    """How many in each group, as links."""
    found = tally(batch)
    query = request.GET.copy()
    counts = []
    for key, (label, meaning, states) in GROUPS.items():
        query["state"] = key
        query.pop("page", None)
        query.pop("row", None)
        number = sum(found[state] for state in states)
        if key == R.ASKED and not number and group != key:
            continue
        counts.append(Count(number, label, f"?{query.urlencode()}", key == group, meaning if number else ""))
    return counts


def tally(batch: Batch) -> dict[str, int]:
    """How many rows stand in each state."""
    found = dict.fromkeys(R.values, 0)
    for state, _ in batch.standings:
        found[state] += 1
    return found
