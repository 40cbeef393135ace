"""Extensions: lists, forms, case pages."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_CASES, Role, can, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import Crumbs, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workdays.services import current_rules
from luojiang_ce.workdays.strip import build
from luojiang_ce.workflow.pages import case_page
from units.access import PROPOSER
from units.extensions import services
from units.extensions.case import APPLICANT, FILING, materials
from units.extensions.forms import AskForm, ChangeForm, ExtensionFilter, LaterForm, OfferManyForm, OfferOneForm
from units.extensions.models import Extension
from units.extensions.reading import first_deadline
from units.filed_case import record_told

ABOUT = "通知没有规定逾期如何补救；确有特殊情况的，区人社局可以准予延期，理由、日期和批准人都留在记录里"


@can(READ_CASES)
def extensions(request: HttpRequest) -> HttpResponse:
    """The extensions that the account sees."""
    account: Any = request.user
    rows = Extension.objects.visible_to(account).select_related("unit")
    context = list_context(request, rows, filterset=ExtensionFilter, sorts={"asked": "asked_due", "due": "due"})
    context |= acts_on_many(request, Extension, READ_CASES, "terms:export")
    links = [HeadLink("申请延期", reverse("terms:ask"), "plus", True)] if account.holds(Role.UNIT_CLERK) else []
    if account.holds(Role.BUREAU_HANDLER):
        links = [
            HeadLink("给一个单位延期", reverse("terms:offer_one"), "plus"),
            HeadLink("给多个单位延期", reverse("terms:offer"), "plus"),
        ]
    context |= {"title": "延期", "lead": ABOUT, "links": links, "empty": {"text": "没有延期"}}
    return render(request, "terms/extensions.html", context)


export = export_view(READ_CASES, "extensions")


@can(READ_CASES)
def extension(request: HttpRequest, pk: int) -> HttpResponse:
    """The case page of an extension."""
    case = get_visible_or_404(Extension.objects.select_related("unit", "created_by"), request, pk=pk)
    editable = FILING.may_change(case, request.user)
    rules = current_rules()
    first = first_deadline(case, rules)
    context = {
        "page": case_page(case, request.user),
        "record": record_told(case, request.user),
        "title": case.title,
        "kind": "延期",
        "first": first,
        "strip": build(first, rules.calendar, clock.today()),
        "later_is_rest": not rules.calendar.is_working(case.due or case.asked_due),
        "number": case.number,
        "lead": case.unit.name if case.unit else f"{case.whom}（区人社局主动给予）",
        "crumbs": [*_above(), (case.title, "")],
        "links": [HeadLink("修改", reverse("terms:edit", args=[pk]), "pencil")] if editable else [],
        "materials": checklist(case, materials(case)),
        "may_change": editable,
        "case": case,
    }
    return render(request, "terms/extension.html", context)


@roles(Role.UNIT_CLERK)
def ask(request: HttpRequest) -> HttpResponse:
    """A clerk asks for more time; `?duty=` chooses what for."""
    account: Any = request.user
    duties = services.duties_of(account.unit_ids(Role.UNIT_CLERK))
    form = AskForm(posted(request), duties=duties, initial={"duty": request.GET.get("duty", "")})
    return form_page(
        request,
        form,
        lambda: services.ask_for(duty=form.chosen, actor=account, **_later(form)),
        title="申请延期",
        lead=ABOUT,
        submit_label="保存，下一步上传证明",
        done="已保存为草稿。请上传证明材料，再提交",
        back=_above(),
        then=lambda made: made,
    )


@roles(Role.BUREAU_HANDLER)
def offer(request: HttpRequest) -> HttpResponse:
    """The bureau gives a kind of unit, or everybody, more time."""
    this_year = clock.today().year
    form = OfferManyForm(posted(request), years=[this_year, this_year - 1, this_year + 1])
    return _offered(
        request,
        form,
        lambda: services.offer_many(whom=form.whom, document=form.cleaned_data["document"], actor=request.user,
            **_later(form),
        ),
        "给多个单位延期",
        "一个决定，写明文号；批准后对所选单位一律有效",
    )  # fmt: skip


@roles(Role.BUREAU_HANDLER)
def offer_one(request: HttpRequest) -> HttpResponse:
    """The bureau gives one unit more time for one duty."""
    form = OfferOneForm(posted(request), duties=services.duties_of(None))
    return _offered(
        request,
        form,
        lambda: services.offer_one(
            duty=form.chosen, document=form.cleaned_data["document"], actor=request.user, **_later(form)
        ),
        "给一个单位延期",
        ABOUT,
    )


@roles(*APPLICANT.roles, *PROPOSER.roles)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft, or one that was returned."""
    case = get_visible_or_404(Extension.objects.select_related("unit"), request, pk=pk)
    if not FILING.may_change(case, request.user):
        raise Http404
    form = ChangeForm(posted(request), row=case)
    return form_page(
        request,
        form,
        lambda: services.edit(extension=case, actor=request.user, **form.facts()),
        autosave=lambda: services.edit(extension=case, actor=request.user, quiet=True, **form.facts()),
        title="修改延期申请",
        lead=case.title,
        submit_label="保存修改",
        done="已保存",
        back=case.get_absolute_url(),
        about=case,
    )


def _above() -> Crumbs:
    return [("延期", reverse("terms:extensions"))]


def _later(form: LaterForm) -> dict[str, Any]:
    return {name: form.cleaned_data[name] for name in ("asked_due", "reason")}


def _offered(request: HttpRequest, form: LaterForm, save: Any, title: str, lead: str) -> HttpResponse:
    return form_page(
        request,
        form,
        save,
        title=title,
        lead=lead,
        submit_label="保存，下一步提请审批",
        done="已保存为草稿。请核对后提请审批",
        back=_above(),
        then=lambda made: made,
    )
