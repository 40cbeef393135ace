"""Attestations: the list, asking for one or many, the case, what would be said of it now."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import KEEP_PEOPLE, READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.papers.models import IN_REVIEW, Paper
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.typed import ticked_rows
from luojiang_ce.workflow.pages import case_page
from units.access import sees_many_units
from units.filed_case import may_edit
from units.models import Employment, Person
from verification.record import services
from verification.record.case import ATTESTATION, edit_url
from verification.record.content import empty_years, told
from verification.record.export import BADGE, PORTABLE
from verification.record.forms import AskForm, AttestationFilter, AttestationForm
from verification.record.models import Attestation
from verification.record.papers import PAPER, shown
from verification.record.second_look import is_looked_at_again, with_states

State = Attestation.State
ABOUT = "继续教育情况是职称评定、聘任的必备条件（通知 三1）：由单位申请，区人社局按台账和验证结论出具，可转到外区"
NEXT = "保存后可先看“现在会怎样写”，再提交申请"
ABOVE = ("继续教育证明", "record:list")
DOWNLOADS = (PORTABLE.event, BADGE.event)
REVIEWED = "is-soon"  # how 复核中 looks
BEFORE_ISSUE = (State.DRAFT, State.SUBMITTED, State.RETURNED)


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """The attestations that the account sees, newest first."""
    account: Any = request.user
    rows = Attestation.objects.visible_to(account).select_related("unit", "person")
    context = list_context(request, rows.order_by("-pk"), filterset=AttestationFilter)
    new_link = HeadLink("申请证明", reverse("record:new"), "plus", primary=True)
    context |= {
        "title": "继续教育证明",
        "lead": ABOUT,
        "links": [new_link] if account.holds(Role.UNIT_CLERK) else [],
        "rows": [
            (row, REVIEWED if row.state_said == IN_REVIEW else ATTESTATION.states[row.state].meaning)
            for row in with_states(context["page_obj"])
        ],
        "unit": "件",
        "unit_shown": sees_many_units(account),
        "empty": {"text": "还没有申请过继续教育情况证明"},
    }
    context |= acts_on_many(request, Attestation, READ_PEOPLE, "record:export")
    return render(request, "record/list.html", context)


export = export_view(READ_PEOPLE, "attestations")


@roles(Role.UNIT_CLERK)
def new(request: HttpRequest) -> HttpResponse:
    """For one or many of the clerk's people: those ticked in their list, or named here; a case each."""
    account: Any = request.user
    closed = clock.today().year - 1  # the running year would read 进行中
    form = AskForm(
        request.POST if "do" in request.POST else None,
        people=_own_people(account),
        ticked=ticked_rows(request.POST),
        initial={"first_year": closed - 4, "last_year": closed},
    )
    return form_page(
        request,
        form,
        lambda: services.ask_for(people=form.chosen, facts=form.instance, actor=account),
        title="申请继续教育情况证明",
        lead=ABOUT,
        submit_label="保存草稿",
        done=_kept,
        back=reverse(ABOVE[1]),
        crumbs=[(ABOVE[0], reverse(ABOVE[1])), ("申请", "")],
        then=lambda made: made[0] if len(made) == 1 else f"{reverse('record:list')}?state={State.DRAFT}",
        why=NEXT,
    )


def _kept(made: list[Attestation]) -> str:
    if len(made) == 1:
        return f"已保存草稿 {made[0].number}。核对后提交申请"
    return f"已保存 {len(made)} 件草稿，每人一件。勾选后可以一起提交"


@roles(Role.UNIT_CLERK)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what is with the unit."""
    account: Any = request.user
    case = get_visible_or_404(Attestation.objects.select_related("unit", "person"), request, pk=pk)
    if not may_edit(case, account):
        raise Http404
    form = AttestationForm(posted(request), instance=case)

    def save(*, quiet: bool = False) -> Attestation:
        return services.save_attestation(attestation=form.instance, actor=account, version=form.version, quiet=quiet)

    return form_page(
        request,
        form,
        save,
        autosave=lambda: save(quiet=True),
        title=f"修改证明申请 {case.number}",
        submit_label="保存草稿",
        done="已保存修改",
        back=[(ABOVE[0], reverse(ABOVE[1])), (case.number, case.get_absolute_url())],
        here="修改",
        about=case,
        why=NEXT,
    )


@can(READ_PEOPLE)
def attestation(request: HttpRequest, pk: int) -> HttpResponse:
    """One attestation: what was said, its paper and files, what can be done."""
    account: Any = request.user
    case = get_visible_or_404(Attestation.objects.select_related("unit", "person"), request, pk=pk)
    preview_link = HeadLink("现在会怎样写", reverse("record:preview", args=[pk]), "eye")
    editable = may_edit(case, account)
    links = [HeadLink("修改", edit_url(case), "pencil")] if editable else []
    in_review = case.state == State.ISSUED and is_looked_at_again(case)
    papers = Paper.objects.of(case).filter(kind=PAPER.key).select_related("job").with_successors().order_by("-pk")
    page = case_page(case, account)
    downloads = [event for event in page.history if event.name in DOWNLOADS]
    page = replace(page, history=[event for event in page.history if event.name not in DOWNLOADS])
    context = {
        "page": replace(page, state_label=IN_REVIEW, meaning=REVIEWED) if in_review else page,
        "title": f"{case.person.name}　{case.years}",
        "kind": "继续教育情况证明",
        "number": case.number,
        "lead": f"{case.unit}",
        "crumbs": [(ABOVE[0], reverse(ABOVE[1])), (case.number, "")],
        "links": [*links, preview_link] if case.state in BEFORE_ISSUE or in_review else links,
        "case": case,
        "said": shown(case.content) if case.content else None,
        "papers": [*papers] if case.content else [],
        "in_review": in_review,
        "empty_years": empty_years([case], account).get(pk, "") if case.state in BEFORE_ISSUE else "",
        "carries": case.state == State.ISSUED and not in_review and account.holds(*KEEP_PEOPLE.roles),
        "downloads": downloads,
    }
    return render(request, "record/attestation.html", context)


@can(READ_PEOPLE)
def preview(request: HttpRequest, pk: int) -> HttpResponse:
    """What the paper would say if it were issued now: to whoever sees the person's record now, which a former unit does
    not, and only while there is something to decide."""
    case = get_visible_or_404(Attestation.objects.select_related("unit", "person"), request, pk=pk)
    get_visible_or_404(Person, request, pk=case.person_id)
    if case.state not in BEFORE_ISSUE and not (case.state == State.ISSUED and is_looked_at_again(case)):
        raise Http404
    now = told(case)
    context = {
        "title": f"{case.person.name}　{case.years}",
        "lead": f"证明现在会这样写（{case.number}）。未设定、未判定的照样写明，不作推定",
        "crumbs": [(ABOVE[0], reverse(ABOVE[1])), (case.number, case.get_absolute_url()), ("现在会怎样写", "")],
        "said": shown(now.content),
        "to_mend": sorted(now.to_mend.items()),
    }
    return render(request, "record/preview.html", context)


def _own_people(account: Any) -> QuerySet[Person]:
    """The people of the clerk's own units."""
    jobs = Employment.objects.filter(unit__in=account.unit_ids(Role.UNIT_CLERK), ended_on=None)
    return Person.objects.filter(pk__in=jobs.values("person"))
