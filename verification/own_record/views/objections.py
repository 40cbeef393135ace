"""Objections to own records, for those who answer them."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce.access import KEEP_PEOPLE, READ_OBJECTIONS, can, get_visible_or_404
from luojiang_ce.files.models import Attachment
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workflow.events import history
from luojiang_ce.workflow.pages import case_page
from units.access import sees_many_units
from units.models import Person

from ..case import answered_by
from ..exports import NAME
from ..filters import ObjectionFilter
from ..models import Objection
from ..services import why_not_to
from ..slips import MEANWHILE


@can(READ_OBJECTIONS)
def listing(request: HttpRequest) -> HttpResponse:
    """The objections that the account sees, the newest first."""
    rows = Objection.objects.visible_to(request.user).select_related("unit", "person")
    context = list_context(
        request, rows, filterset=ObjectionFilter, sorts={"put": "created_at", "name": "person__pinyin"}, sort="-put"
    )
    context |= acts_on_many(request, Objection, READ_OBJECTIONS, "own_record:export")
    slips = HeadLink("本人查阅条", reverse("own_record:slips"), "qr-code")
    context |= {
        "title": "本人异议",
        "lead": "本人凭查阅条看到自己的学时记录，有不同意见的在手机上提出；答复本人看得到",
        "links": [slips] if request.user.holds(*KEEP_PEOPLE.roles) else [],
        "unit_shown": sees_many_units(request.user),
        "empty": {"text": "没有异议。本人凭查阅条打开自己的记录，可以提出"},
    }
    return render(request, "own_record/objections.html", context)


export = export_view(READ_OBJECTIONS, NAME)


@can(READ_OBJECTIONS)
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """One objection: against what, why, the picture, beside what stands in the ledger now."""
    case = get_visible_or_404(Objection.objects.select_related("unit", "person", "entry"), request, pk=pk)
    seen = Person.objects.visible_to(request.user).filter(pk=case.person_id).exists()
    context = {
        "page": case_page(case, request.user),
        "title": f"{case.person.name}：{case.about}",
        "kind": "本人更正申请" if case.part else "本人异议",
        "lead": case.unit.name,
        "crumbs": [("本人异议", reverse("own_record:list")), (case.person.name, "")],
        "case": case,
        "files": Attachment.objects.of(case),
        "ledger": f"{reverse('ledger:person', args=[case.person_id])}?year={case.year}" if seen else "",
        "no_clock": case.state == Objection.State.FILED and answered_by(case, current_rules()) is None,
        "meanwhile": history(case).filter(name=MEANWHILE),
        "countered": why_not_to(case.entry).partition("。")[0],
    }
    return render(request, "own_record/objection.html", context)
