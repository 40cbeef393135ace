"""A unit's batches: list, case page, head, 附件4 as workbook and PDF."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_list_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_PEOPLE, REVIEW, any_account, can, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import act, form_page, posted
from luojiang_ce.home.lists import HeadLink, acts_on_many, list_context
from luojiang_ce.papers.printouts import printed
from luojiang_ce.sheets.exports import export_view, people_workbook
from luojiang_ce.typed import own_page, whole_number, whole_numbers
from luojiang_ce.words import first_of
from luojiang_ce.workdays.deadlines import Deadline, is_in_time
from luojiang_ce.workdays.strip import build
from luojiang_ce.workdays.text import month_day
from luojiang_ce.workflow.case_kind import workflow_of
from luojiang_ce.workflow.events import with_returns
from luojiang_ce.workflow.pages import case_page
from units.extensions.reading import current_terms
from units.filed_case import ask_for_time, may_edit
from units.models import Unit
from verification.batches import services
from verification.batches.agreements import shown_of
from verification.batches.candidates import candidates, paths_of
from verification.batches.completeness import known_problems
from verification.batches.facts import changed_rows, counting_changes, in_question
from verification.batches.filers import filing_itself
from verification.batches.filters import BatchFilter
from verification.batches.form4 import FORM4, head_of, rows_of
from verification.batches.forms import HeadForm, NewBatchForm
from verification.batches.in_time import default_year, due_of
from verification.batches.materials import LINES, may_change
from verification.batches.models import AnnualRecord, Batch, Path
from verification.batches.owing import Missing, in_hand_of, place
from verification.batches.papers import papers_of
from verification.batches.printing import FORM4_PRINTED, boxes_of
from verification.batches.routing import WORDS
from verification.batches.seasons import with_season
from verification.batches.turns import lying
from verification.batches.views.reviewing import to_book, to_pass_on
from verification.batches.views.shared import CLERK, editable_or_404, people_page

SORTS = {"made": "pk", "year": "year", "filed": "first_submitted_at", "number": "number"}


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """The batches this account may see."""
    seen = counting_changes(Batch.objects.visible_to(request.user).with_counts())
    rows = with_returns(with_season(seen.select_related("unit", "appointment__slot")), workflow_of(Batch))
    links = [HeadLink("未列入的人员", reverse("batches:unlisted"), "user-search")]
    if request.user.holds(CLERK):
        links.append(HeadLink("报送年度验证", reverse("batches:new"), "plus", True))
    if AnnualRecord.objects.filed_for(request.user).exists():
        links.insert(0, HeadLink("由主管单位申报的人员", reverse("batches:for_us"), "users"))
    context = list_context(request, rows, filterset=BatchFilter, sorts=SORTS, sort="-made")
    for each in context["page_obj"]:
        each.lying = lying(each)
    empty = {"text": "还没有验证批次。单位报送后列在这里"}
    if request.user.holds(CLERK):
        empty = {"text": "还没有验证批次", "url": reverse("batches:new"), "label": "报送年度验证"}
    page = {"title": "年度验证", "links": links, "unit": "批", "empty": empty}
    page |= acts_on_many(request, Batch, READ_PEOPLE, "batches:export")
    page |= {"to_pass_on": to_pass_on(request.user), "to_book": to_book(request.user)}
    return render(request, "verification_batches/list.html", {**context, **page})


export = export_view(READ_PEOPLE, "batches")


@roles(CLERK)
def new(request: HttpRequest) -> HttpResponse:
    """Begin a batch, or go on with the draft that is there.

    `?unit=&year=` is for those of a unit who are in none: straight on to its draft, or with all chosen but the button;
    `&path=` for those of them who go this way, `&of=` for those of another unit for which it
    files. Of each way of which somebody is in none a batch is proposed.
    """
    unit, year = _asked(request)
    found = paths_of(candidates(unit, year, clock.today()), unit) if unit else {}
    begun = _for_the_missing(request, unit, year, found)
    of = Unit.objects.visible_to(request.user).filter(pk=whole_number(request.GET.get("of", "")) or 0).first()
    if isinstance(begun, Batch):
        return redirect(_choosing(begun, of))
    form = NewBatchForm(posted(request), clerk=request.user, initial=begun)
    years, units = services.years_to_verify(clock.today())[:2], Unit.objects.filed_for(request.user)
    return form_page(
        request,
        form,
        lambda: services.open_batch(actor=request.user, **form.cleaned_data),
        title=f"代{of.short}报送年度验证" if of else "报送年度验证",
        submit_label="选人员",
        back="",
        then=lambda case: _choosing(case, of),
        template="verification_batches/new.html",
        dues=[(unit, year, due_of(unit, year)) for unit in units for year in years],
        proposed=[(path, number, WORDS[path], place(unit.pk, year, path)) for path, number in found.items() if unit],
        proposed_for=f"{unit.short} {year} 年度" if unit else "",
    )


@any_account
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """The case page of a batch."""
    seen = with_season(Batch.objects.select_related("unit__supervisor", "authority", "created_by", "appointment__slot"))
    case = seen.visible_to(request.user).filter(pk=pk).first()
    if case is None:
        get_list_or_404(AnnualRecord.objects.filed_for(request.user).filter(batch=pk)[:1])
        return redirect("batches:for_us")  # of what its supervising unit files a unit reads its own rows
    editable, deadline = may_edit(case, request.user), due_of(case.unit, case.year)
    context: dict[str, Any] = {
        "page": case_page(case, request.user),
        "title": str(case),
        "kind": "年度验证",
        "number": case.number,
        "lead": case.get_path_display(),
        "crumbs": [("年度验证", reverse("batches:list")), (case.number or "草稿", "")],
        "strip": None if case.first_submitted_at else build(deadline, current_terms().calendar, clock.today()),
        "explanation": deadline.explanation,
        "editable": editable,
        "problems": known_problems(case) if editable else [],
        "materials": checklist(case, LINES, case.materials_seen),
        "may_change": may_change(case, request.user),
        "papers": papers_of(case),
        "may_book": case.unit_id in request.user.unit_ids(CLERK) or request.user.holds(*REVIEW.roles),
        "links": _links(case, request),
        "missing": _missing(case, request, deadline),
        **people_page(request, case),
        **shown_of(case, in_question(case), request.user),
    }
    return render(request, "verification_batches/batch.html", context)


@roles(CLERK)
def head(request: HttpRequest, pk: int) -> HttpResponse:
    """填报人, 电话 and 说明 of a batch that may still be edited."""
    case = editable_or_404(request, pk)
    form = HeadForm(posted(request), instance=case)

    def save(*, quiet: bool = False) -> Batch:
        return services.save_head(
            batch=case, version=form.version, values=form.cleaned_data, actor=request.user, quiet=quiet
        )

    return form_page(
        request,
        form,
        save,
        autosave=lambda: save(quiet=True),
        title="填报信息",
        lead=str(case),
        submit_label="保存填报信息",
        back=case.get_absolute_url(),
        about=case,
    )


@any_account
@require_POST
def refreeze(request: HttpRequest, pk: int) -> HttpResponse:
    """Look at the ledger again for rows that are not decided."""
    case = get_visible_or_404(Batch, request, pk=pk)
    chosen = whole_numbers(request.POST.getlist("rows")) or None
    if request.POST.get("changed"):
        chosen = [row.pk for row in changed_rows(case)]
    return act(
        request,
        lambda: services.refreeze(batch=case, actor=request.user, records=chosen),
        done=lambda count: f"已按现有学时重新核算 {count} 人{_decided_before(case)}",
        back=own_page(request.POST.get("next", ""), case.get_absolute_url()),
    )


def _decided_before(batch: Batch) -> str:
    """Whose figures have changed after they were decided: nobody's result changes behind an officer's back."""
    left = [
        row.person.name
        for row in changed_rows(batch)
        if row.state in (AnnualRecord.State.VERIFIED, AnnualRecord.State.FAILED)
    ]
    return f"；{first_of(left)}已有结论，需撤回结论后再核算" if left else ""


@any_account
def sheet(request: HttpRequest, pk: int) -> HttpResponse:
    """附件4 as a workbook; ID numbers are masked."""
    case = get_visible_or_404(Batch.objects.select_related("unit__supervisor"), request, pk=pk)
    records = list(case.records.select_related("person").order_by("person__pinyin", "pk"))
    head = head_of(case, len(records))
    return people_workbook(request, FORM4, rows_of(records), f"附件4 {case}", head, boxes_of(case))


@any_account
def pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """附件4 to be printed, stamped by the unit and handed in."""
    case = get_visible_or_404(Batch.objects.select_related("unit__supervisor"), request, pk=pk)
    return printed(request, FORM4_PRINTED, case)


def _choosing(case: Batch, of: Unit | None) -> str:
    """Where people are chosen for it, of this unit first."""
    return reverse("batches:choose", args=[case.pk]) + (f"?of={of.pk}" if of else "")


def _asked(request: HttpRequest) -> tuple[Unit | None, int]:
    """The unit and year that the page is about: those of the address, else the clerk's only unit and this season."""
    units = Unit.objects.filed_for(request.user)
    asked = whole_number(request.GET.get("unit", ""))
    unit = units.filter(pk=asked).first() if asked else units.first() if units.count() == 1 else None
    year = whole_number(request.GET.get("year", ""))
    return unit, year if year in services.years_to_verify(clock.today()) else default_year(clock.today())


def _for_the_missing(
    request: HttpRequest, unit: Unit | None, year: int, found: Mapping[Path, int]
) -> Batch | dict[str, Any]:
    """The draft to which those can be added who are in no batch and go the way that is asked for, or that most of them
    go; or what a new one begins with."""
    if request.method == "POST" or unit is None:
        return {}
    asked = request.GET.get("path", "")
    path = Path(asked) if asked in Path.values else next(iter(found), None)
    if "unit" in request.GET:
        drafts = Batch.objects.filter(unit=unit, year=year, path=path, state=Batch.State.DRAFT)
        if draft := drafts.order_by("pk").first():
            return draft
    return {"unit": unit, "year": year, "path": path} if path else {}


def _missing(case: Batch, request: HttpRequest, deadline: Deadline) -> dict[str, str]:
    """To the unit: who of it is in no roster of the year, what becomes of them, and where they are added."""
    if case.unit_id not in request.user.unit_ids(CLERK):
        return {}
    own = {case.unit_id: filing_itself(case.unit)}
    names = Missing(own, case.year, current_terms(), clock.now(), in_hand_of(own)).everybody
    if not names:
        return {}
    over = not is_in_time(deadline, clock.now())
    [(label, url)] = ask_for_time(case) if over else [("列入花名册", place(case.unit_id, case.year))]
    until = f"{month_day(deadline.due)} 以前没有报送的，视同放弃验证权利（通知 二(三)2）"
    return {
        "bold": f"还有 {len(names)} 人未列入",
        "text": f"：{first_of(names)}。{'已过报送期限；有特殊情况的，可以申请延期' if over else until}",
        "meaning": "late" if over else "soon",
        "url": url,
        "label": label,
    }


def _links(case: Batch, request: HttpRequest) -> list[HeadLink]:
    links = [HeadLink("附件4 .xlsx", reverse("batches:sheet", args=[case.pk]), "download")]
    links.append(HeadLink("附件4 PDF", reverse("batches:pdf", args=[case.pk]), "printer"))
    if case.state == Batch.State.SUBMITTED:
        links.append(HeadLink("材料封面", reverse("batches:cover", args=[case.pk]), "qr-code"))
    if case.state == Batch.State.SUBMITTED and request.user.holds(*DO_BUREAU_WORK.roles):
        links = [HeadLink("到柜台办理", reverse("batches:counter", args=[case.pk]), "scan-line", True)]
    return links
