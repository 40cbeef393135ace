"""The ledger as pages: people with their sums of a year, and everything that one person has earned."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from luojiang_ce.access import READ_PEOPLE, can, case_models
from luojiang_ce.home.lists import Chip, HeadLink, acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from units.access import sees_district, sees_many_units
from units.links import links_for
from units.models import Employment, Person

from .forms import PeopleFilter, year_of, years
from .lines import rows_of, working_people
from .models import LedgerEntry
from .registry import on_their_way, standings_for


def link_to_ledger(person: Person, account: Any) -> HeadLink | None:
    """From a person's page to the ledger, for whoever reads it."""
    if not account.holds(*READ_PEOPLE.roles):
        return None
    return HeadLink("学时记录", reverse("ledger:person", args=[person.pk]), "book-open-check")


@can(READ_PEOPLE)
def people(request: HttpRequest) -> HttpResponse:
    """The people that the account sees, with their sums of a year."""
    account: Any = request.user
    year = year_of(request.GET.get("year", ""))
    context = list_context(
        request,
        working_people(account),
        filterset=PeopleFilter,
        sorts={"name": "person__pinyin", "unit": "unit__code"},
        sort="name",
    )
    context |= acts_on_many(request, Employment, READ_PEOPLE, "ledger:export")
    context |= {
        "title": f"学时记录 {year} 年度",
        "lead": "已入账的学时（学分），只增不改，有误时另记冲销",
        "year": year,
        "rows": rows_of(list(context["page_obj"]), year),
        "unit": "人",
        "unit_shown": sees_many_units(account),
        "empty": {"text": "还没有人员。人员导入或登记后，这里按年度列出学时"},
    }
    return render(request, "ledger/people.html", context)


export = export_view(READ_PEOPLE, "ledger")


@can(READ_PEOPLE)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person's year: verdict so far, entries, what is still on its way."""
    # The bureau keeps sight of the ledgers of those who have left; a unit sees those who work there.
    account: Any = request.user
    seen = Person.objects.all() if sees_district(account) else Person.objects.visible_to(account)
    member = get_object_or_404(seen, pk=pk)
    year = year_of(request.GET.get("year", ""))
    entries = list(_entries(member, year))
    urls = _source_urls(entries, account)
    job = member.employments.filter(ended_on=None).select_related("unit").first()
    context = {
        "title": member.name,
        "kind": "学时记录",
        "lead": f"{job.unit if job else '不在岗'}　{member.masked_id}　{member.get_category_display()}人员",
        "crumbs": [("学时记录", reverse("ledger:people")), (member.name, "")],
        "links": [
            HeadLink("人员信息", member.get_absolute_url(), "user-round"),
            *links_for(member, account, page="ledger"),
        ],
        "person": member,
        "year": year,
        "chips": _year_chips(member, year),
        "entries": [(entry, urls.get((entry.source_type, entry.source_id), "")) for entry in entries],
        "sums": _labelled_sums(entries),
        "verdict": standings_for([member], year)[member.pk].verdict,
        "awaited": on_their_way([member], year).get(member.pk, []),
    }
    return render(request, "ledger/person.html", context)


def _entries(member: Person, year: int) -> Any:
    rows = LedgerEntry.objects.filter(person=member, year=year)
    return rows.select_related("countered_by", "created_by").order_by("date_from", "pk")


def _labelled_sums(entries: Sequence[LedgerEntry]) -> list[tuple[str, Decimal]]:
    """The sums by subject, in the order in which they first appear."""
    found: dict[str, Decimal] = {}
    for entry in entries:
        label = entry.get_subject_display()
        found[label] = found.get(label, Decimal(0)) + entry.amount
    return list(found.items())


def _year_chips(member: Person, year: int) -> list[Chip]:
    """Years with entries and the recent ones."""
    known = set(LedgerEntry.objects.filter(person=member).order_by().values_list("year", flat=True).distinct())
    shown = sorted({*years(), *known, year}, reverse=True)
    return [Chip(f"{each}", f"?year={each}", current=each == year) for each in shown]


def _source_urls(entries: Sequence[LedgerEntry], account: Any) -> dict[tuple[str, int], str]:
    """The pages of the cases that the entries came from, where the account may see them: one query per case type."""
    found = {}
    for kind in {entry.source_type for entry in entries} & set(case_models()):
        ids = {entry.source_id for entry in entries if entry.source_type == kind}
        visible: Any = case_models()[kind]._default_manager.get_queryset()
        for pk, case in visible.visible_to(account).in_bulk(ids).items():
            found[kind, pk] = case.get_absolute_url()
    return found
