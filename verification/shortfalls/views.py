"""Who is short: units with their numbers, the people of a unit, and the bureau's reminders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_PEOPLE, Role, can, roles
from luojiang_ce.home.form_page import posted, show, submitted
from luojiang_ce.home.lists import PER_PAGE, Chip, Count, HeadLink, name_filters
from luojiang_ce.jobs.models import Job
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.typed import own_page, whole_number, whole_numbers
from luojiang_ce.workdays.text import full_with_weekday
from units.access import left_to, sees_many_units, unit_scope
from units.extensions.reading import current_terms
from units.models import Unit
from verification.batches.filers import filer_of, filing_clerks
from verification.batches.owing import place

from . import planning, services
from .filters import PeopleFilter, UnitsFilter
from .forms import PicksForm
from .models import Filing, Reminder, Standing, StandingLine
from .offers import Proposal, as_shown, enrolled_ahead, ground_of, propose
from .overview import Everybody, Overview, Tally, count_anew, everybody, overview, short_ones, tally_of
from .standing import PersonYear, jobs_of, stand, year_in, years

LEAD = "达标情况与各人学时记录页的判定相同；在途的学时入账前不计入"
# Of all units: the number, its word, the filter that leads to it, its colour.
SUMS = (
    ("short", "还差", "short", "soon"),
    ("unfiled", "未报送", "unfiled", ""),
    ("on_its_way", "在途，入账后达标", "", "wait"),
    ("met", "已达标", "", "done"),
    ("waived", "未达标，已同意验证", "", "done"),
    ("on_leave", "长期离岗", "", ""),
    ("open", "进行中、未判定", "", ""),
)
UNIT_SORTS: dict[str, Callable[[Tally], Any]] = {
    "unit": lambda tally: tally.unit.code,
    "people": lambda tally: tally.people,
    "short": lambda tally: tally.short,
    "unfiled": lambda tally: tally.unfiled,
}
PEOPLE_SORTS: dict[str, Callable[[StandingLine], Any]] = {
    "name": lambda line: 0,  # as they come
    "gap": lambda line: line.gap,
}


@can(READ_PEOPLE)
def units(request: HttpRequest) -> HttpResponse:
    """The units that the account sees, with their numbers; whoever sees one goes straight to its people."""
    account: Any = request.user
    year = year_of(request)
    if not sees_many_units(account):
        own = next(iter(account.unit_ids(Role.UNIT_CLERK)), None)
        return redirect(f"{reverse('shortfalls:unit', args=[own])}?year={year}")
    found = overview(account, year)
    chosen, sort = _filter(request, UnitsFilter, Unit.objects.all()), _sort_of(request, UNIT_SORTS, "-short")
    rows = _shown_units(request, found, chosen, sort)
    context = {
        "title": f"还差多少 {year} 年度",
        "lead": LEAD,
        "year": year,
        "chips": _years(request, year),
        "counts": _sums(found.tallies, year),
        "page_obj": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "filter": chosen,
        "sort": sort,
        "unit": "个单位",
        "found": found,
        "reminds": account.holds(*DO_BUREAU_WORK.roles),
        "to_remind": [each.unit.pk for each in rows if each.can_be_reminded],
        "export": HeadLink("导出人员 .xlsx", f"{reverse('shortfalls:export')}?year={year}", "download"),
        "empty": {"text": "还没有计算过" if found.uncounted else "没有应验证的人员"},
    }
    return render(request, "shortfalls/units.html", context)


@can(READ_PEOPLE)
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """The people of a unit: who is short of what, by how much, what is on its way, who is not filed."""
    account: Any = request.user
    of, year = unit_or_404(request, pk), year_of(request)
    found = everybody(of, year)
    chosen = _filter(request, PeopleFilter, jobs_of(year).filter(unit=of))
    sort = _sort_of(request, PEOPLE_SORTS, "-gap")
    page = Paginator(_shown_people(request, found, chosen, sort), PER_PAGE).get_page(request.GET.get("page"))
    above = f"{reverse('shortfalls:overview')}?year={year}"
    context = {
        "title": f"还差多少：{of.short}",
        "lead": f"{year} 年度应验证 {len(found.lines)} 人。{LEAD}",
        "crumbs": [("还差多少", above), (of.short, "")] if sees_many_units(account) else [],
        "switch": _switch(account, of, year),
        "links": _links(account, of, year),
        "of": of,
        "year": year,
        "chips": _years(request, year),
        "counts": _counts(request, found, year),
        "filter": chosen,
        "sort": sort,
        "page_obj": page,
        "rows": _in_full(found, page.object_list, of, year),
        "unit": "人",
        "found": found,
        "reminder": Reminder.objects.filter(unit=of, year=year).select_related("sent_by").first(),
        **_reminding(account, tally_of(of, year, found.lines)),
        "export": _export_of(request, of, year),
        "empty": {"text": "还没有计算过" if found.uncounted else "这一年度没有应验证的人员"},
    }
    return render(request, "shortfalls/unit.html", context)


def _links(account: Any, of: Unit, year: int) -> list[HeadLink]:
    """A clerk plans for the own unit, and files for those that are left to it."""
    own = account.unit_ids(Role.UNIT_CLERK)
    if of.pk not in own and filer_of(of).pk in own:
        return [HeadLink(f"代{of.short}报送", place(of.supervisor_id, year, of=of.pk), "send", primary=True)]
    if of.pk not in own:
        return []
    return [
        HeadLink("补学方案", f"{reverse('shortfalls:plan', args=[of.pk])}?year={year}", "list-checks", primary=True)
    ]


def _switch(account: Any, of: Unit, year: int) -> list[Chip]:
    """For a clerk who files for others too: the own units and those that are left to them."""
    if not account.files_for_others:
        return []
    own = account.unit_ids(Role.UNIT_CLERK)
    units = [*Unit.objects.filter(pk__in=own), *left_to(own).order_by("code")]
    return [
        Chip(
            each.short if each.pk in own else f"代报送：{each.short}",
            f"{reverse('shortfalls:unit', args=[each.pk])}?year={year}",
            each.pk == of.pk,
        )
        for each in units
    ]


def _reminding(account: Any, tally: Tally) -> dict[str, Any]:
    """To the bureau: what a reminder would say, and which unit's clerk it goes to; None where nobody files for it."""
    if not account.holds(*DO_BUREAU_WORK.roles):
        return {}
    filer = filer_of(tally.unit)
    return {"reminds": True, "tally": tally, "to_whom": filer if filing_clerks([tally.unit.pk]).exists() else None}


def _export_of(request: HttpRequest, of: Unit, year: int) -> HeadLink:
    """As the page is filtered."""
    query = request.GET.copy()
    query["unit"], query["year"] = str(of.pk), str(year)
    return HeadLink("导出 .xlsx", f"{reverse('shortfalls:export')}?{query.urlencode()}", "download")


export = export_view(READ_PEOPLE, "shortfalls")


@can(DO_BUREAU_WORK)
@require_POST
def remind(request: HttpRequest) -> HttpResponse:
    """Remind the clerks of these units (催办), or of all that the list shows."""
    year = year_of(request)
    back = own_page(request.POST.get("back", ""), reverse("shortfalls:overview"))
    chosen = list(Unit.objects.filter(pk__in=whole_numbers(request.POST.getlist("units"))).order_by("code"))
    if not chosen:
        messages.error(request, "没有要催办的单位")
        return redirect(back)
    done = services.remind_many(units=chosen, year=year, actor=request.user)
    if isinstance(done, Job):
        return redirect("jobs:progress", uid=done.uid)
    (messages.success if done.sent else messages.info)(request, done.said)
    return redirect(back)


@can(READ_PEOPLE)
@require_POST
def count(request: HttpRequest) -> HttpResponse:
    """Count everybody anew in the background: of the unit named, or for who sees the district, of all."""
    account: Any = request.user
    asked = whole_number(request.POST.get("unit", ""))
    of = unit_or_404(request, asked) if asked else None
    if of is None and not account.holds(*DO_BUREAU_WORK.roles):
        return redirect("shortfalls:overview")
    return redirect("jobs:progress", uid=count_anew(year=year_of(request), unit=of, actor=account).uid)


@roles(Role.UNIT_CLERK)
def plan(request: HttpRequest, pk: int) -> HttpResponse:
    """The smallest list of open classes for those who are short (product.md V13); one click enrols."""
    of, year = own_unit_or_404(request, pk), year_of(request)
    form = PicksForm(posted(request))
    here = f"{reverse('shortfalls:plan', args=[of.pk])}?year={year}"
    if answer := submitted(
        request,
        form,
        lambda: services.enrol(
            picks=form.picks, actor=request.user, late_reason=form.cleaned_data["late_reason"].strip()
        ),
        done=lambda done: _said_of(request, done),
        then=here,
    ):
        return answer
    short = short_ones(of, year)
    proposal = None if short.uncounted else _proposal(request, short.years, of, year)
    context = {
        "title": _headline(short, proposal),
        "lead": f"{of.short}　{year} 年度，截至 {full_with_weekday(clock.today())}",
        "made_at": short.made_at,
        "crumbs": [("还差多少", f"{reverse('shortfalls:unit', args=[of.pk])}?year={year}"), ("补学方案", "")],
        "of": of,
        "year": year,
        "form": form,
        "proposal": proposal,
        "short": None if short.uncounted else len(short.years),
        "enrolled": enrolled_ahead(of),
    }
    return show(request, "shortfalls/plan.html", context, form)


@roles(Role.UNIT_CLERK)
@require_POST
def plan_later(request: HttpRequest, pk: int) -> HttpResponse:
    """Have the list for many people made in the background."""
    job = planning.plan_later(unit=own_unit_or_404(request, pk), year=year_of(request), actor=request.user)
    return redirect("jobs:progress", uid=job.uid)


def _proposal(request: HttpRequest, short: Sequence[PersonYear], of: Unit, year: int) -> Proposal | None:
    """What a job has found, or what is found at once; None where that would take long."""
    now = clock.now()
    if "found" in request.GET:
        ground = ground_of(short, year, now)
        if found := planning.planned(request.GET["found"], of, year, request.user, ground):
            return as_shown(ground, found, year)
    return propose(short, year, now) if len(short) <= planning.AT_ONCE else None


def own_unit_or_404(request: HttpRequest, pk: int) -> Unit:
    """A unit for which the account files."""
    return get_object_or_404(Unit.objects.filed_for(request.user), pk=pk)


def _headline(short: Everybody, proposal: Proposal | None) -> str:
    if short.uncounted:
        return "补学方案"
    if not short.years:
        return "没有人还差"
    if proposal is None:
        return f"{len(short.years)} 人还差"
    return f"{len(short.years)} 人还差，{len(proposal.rows)} 人{'补得齐' if proposal.is_smallest else '已排上'}"


def _said_of(request: HttpRequest, done: services.Enrolled) -> str:
    """Each refusal in a line of its own."""
    for why in done.refused:
        messages.error(request, why)
    if done.in_line:
        messages.info(request, f"名额已满，列入候补 {done.in_line} 人次；有名额空出时自动递补，并告知本单位")
    if not (done.places or done.in_line or done.refused):
        messages.info(request, "勾选的人都已在名单里，没有改动")
    return f"已报名 {done.places} 人次" if done.places else ""


# --- what the pages share ---------------------------------------------------------------------------------------------


def unit_or_404(request: HttpRequest, pk: int) -> Unit:
    """A unit whose people the account reads."""
    return get_object_or_404(Unit.objects.filter(unit_scope(request.user, "pk")), pk=pk)


def year_of(request: HttpRequest) -> int:
    """The year that was asked for."""
    return year_in((request.POST if request.method == "POST" else request.GET).get("year", ""))


def _filter(request: HttpRequest, of: type[Any], rows: QuerySet[Any]) -> Any:
    made = of(request.GET, queryset=rows, request=request)
    name_filters(made.form)
    return made


def _sorted(request: HttpRequest, rows: list[Any], sorts: Mapping[str, Callable[[Any], Any]], key: str) -> list[Any]:
    """Sorted as the key says; what is alike stays as it came."""
    name = key.removeprefix("-")
    return sorted(rows, key=sorts[name], reverse=key.startswith("-")) if name in sorts else rows


def _sort_of(request: HttpRequest, sorts: Mapping[str, Any], otherwise: str) -> str:
    key = request.GET.get("sort", "")
    return key if key.removeprefix("-") in sorts else otherwise


def _kept(chosen: Any, name: str) -> set[int] | None:
    """Whom the filter of the database keeps; None where it is asked for nothing, and keeps all. The rest (`keep`) the
    page itself reads."""
    chosen.form.is_valid()  # of what makes no sense the rest still counts
    data = getattr(chosen.form, "cleaned_data", {})
    if not any(data.get(field) for field in ("q", "nature", "category")):
        return None
    return set(chosen.qs.values_list(name, flat=True))


def _shown_units(request: HttpRequest, found: Overview, chosen: Any, sort: str) -> list[Tally]:
    kept = _kept(chosen, "pk")
    which = {"short": lambda each: each.short, "unfiled": lambda each: each.unfiled}.get(request.GET.get("who", ""))
    rows = [each for each in found.tallies if (kept is None or each.unit.pk in kept) and (which is None or which(each))]
    return _sorted(request, rows, UNIT_SORTS, sort)


def _shown_people(request: HttpRequest, found: Everybody, chosen: Any, sort: str) -> list[StandingLine]:
    kept = _kept(chosen, "person")
    asked = {name: value for name in ("standing", "filing") if (value := request.GET.get(name))}
    rows = [
        line
        for line in found.lines
        if (kept is None or line.person_id in kept)
        and all(getattr(line, name) == value for name, value in asked.items())
    ]
    return _sorted(request, rows, PEOPLE_SORTS, sort)


def _in_full(found: Everybody, lines: Sequence[StandingLine], of: Unit, year: int) -> list[PersonYear]:
    """What the page shows of these: of those who were counted before, as they stand now."""
    wanted = [line.person_id for line in lines]
    years = found.years or stand(jobs_of(year).filter(unit=of, person__in=wanted), year, current_terms(), clock.now())
    by_person = {each.job.person_id: each for each in years}
    return [by_person[pk] for pk in wanted if pk in by_person]


def _years(request: HttpRequest, year: int) -> list[Chip]:
    return [Chip(f"{each} 年度", f"?year={each}", each == year) for each in years()]


def _sums(tallies: Sequence[Tally], year: int) -> list[Count]:
    """Of all units together; the first two lead to the units concerned."""
    sums = [(sum(getattr(each, name) for each in tallies), label, who, colour) for name, label, who, colour in SUMS]
    return [
        Count(number, label, f"?year={year}" + (f"&who={who}" if who else ""), meaning=colour)
        for number, label, who, colour in sums
    ]


def _counts(request: HttpRequest, found: Everybody, year: int) -> list[Count]:
    standings = Counter(line.standing for line in found.lines)
    filings = Counter(line.filing for line in found.lines)
    shown, filing = request.GET.get("standing", ""), request.GET.get("filing", "")
    counts = [
        Count(standings[each], each.label, f"?year={year}&standing={each}", shown == each, each.meaning)
        for each in Standing
        if standings[each] or each in (Standing.SHORT, Standing.MET)
    ]
    offered = (Filing.NONE, *([Filing.EXCUSED] if filings[Filing.EXCUSED] else []))
    return [
        *counts,
        *(Count(filings[each], each.label, f"?year={year}&filing={each}", filing == each) for each in offered),
    ]
