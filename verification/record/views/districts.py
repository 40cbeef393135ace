"""Trusted districts: the list, registering one, the case."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.home.form_page import Crumbs, form_page, posted
from luojiang_ce.home.lists import HeadLink, export_link, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import published_page
from units.drafted_case import may_change
from units.drafted_pages import edit_draft
from verification.record.belief import change_by
from verification.record.forms import DistrictFilter, DistrictForm
from verification.record.models import TrustedDistrict
from verification.record.services import keep_district
from verification.record.trust import keys_in

ABOUT = "只有登记并批准的地区，其电子记录才能转入；公钥一套代替一套，停用后不再认"
WRITES = Role.BUREAU_HANDLER


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """The districts that the account sees."""
    links = [export_link(request, "record:export_districts"), HeadLink("本区公钥", reverse("record:keys"), "file-key")]
    if request.user.holds(WRITES):
        links.append(HeadLink("登记互认地区", reverse("record:new_district"), "plus", primary=True))
    context = {
        "title": "互认地区",
        "lead": ABOUT,
        "links": links,
        "unit": "个",
        "empty": {"text": "还没有登记互认地区，外区的电子记录暂不能转入"},
        **list_context(request, TrustedDistrict.objects.visible_to(request.user), filterset=DistrictFilter, sort=""),
    }
    return render(request, "record/districts.html", context)


export = export_view(READ_PEOPLE, "trusted_districts")


@can(READ_PEOPLE)
def district(request: HttpRequest, pk: int) -> HttpResponse:
    """One district: its keys, on which document, how it came about."""
    case = get_visible_or_404(TrustedDistrict, request, pk=pk)
    edit_url = reverse("record:edit_district", args=[pk])
    ahead = case.state in (TrustedDistrict.State.DRAFT, TrustedDistrict.State.PROPOSED)
    context = {
        "page": published_page(case, request.user, ("put_in_force", "end", "give_way")),
        "title": case.name,
        "kind": "互认地区",
        "number": "",
        "lead": case.span,
        "crumbs": [*_above(), (case.name, "")],
        "links": [HeadLink("修改", edit_url, "pencil")] if may_change(case, request.user) else [],
        "case": case,
        "keys": list(keys_in(case.keys).values()),
        "former": case.former if ahead else None,
        "change": change_by(case) if ahead and case.former else None,
    }
    return render(request, "record/district.html", context)


@roles(WRITES)
def new(request: HttpRequest) -> HttpResponse:
    """A new draft."""
    account: Any = request.user
    form = DistrictForm(posted(request), initial={"valid_from": clock.today()}, instance=TrustedDistrict())
    return form_page(
        request,
        form,
        lambda: keep_district(district=form.save(commit=False), actor=account),
        title="登记互认地区",
        lead=ABOUT,
        submit_label="保存草稿",
        done="已保存为草稿，核对后送审批",
        back=_above(),
        then=lambda made: made,
    )


@roles(WRITES)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft."""
    return edit_draft(
        request,
        get_visible_or_404(TrustedDistrict, request, pk=pk),
        DistrictForm,
        lambda row, **more: keep_district(district=row, **more),
        title="修改互认地区",
        above=_above(),
    )


def _above() -> Crumbs:
    return [("互认地区", reverse("record:districts"))]
