"""Proofs of teaching: the list, the request, its page (product.md C7)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy

from luojiang_ce import clock
from luojiang_ce.access import READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.home.lists import acts_on_many, list_context
from luojiang_ce.papers.models import Paper
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import case_page
from training.classes.filters import ProofFilter
from training.classes.forms.lecturers import ProofForm
from training.classes.models import Lecturer, TeachingProof
from training.classes.services.proofs import draft_proof
from training.classes.teaching import in_year, lessons_in

ABOUT = "按已认定学时的培训班出具；一位教师一个年度一份"
LIST = ("授课证明", reverse_lazy("classes:proofs"))


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """The requests that the account sees."""
    rows = TeachingProof.objects.visible_to(request.user).select_related("lecturer", "unit")
    sorts = {"name": "lecturer__name", "year": "year"}
    context = list_context(request, rows, filterset=ProofFilter, sorts=sorts, sort="-year")
    context |= acts_on_many(request, TeachingProof, READ_PEOPLE, "classes:export_proofs")
    lecturers = reverse("classes:lecturers")
    context |= {
        "title": "授课证明",
        "lead": ABOUT,
        "empty": {"text": "还没有申请。施教机构在授课教师的页面申请", "url": lecturers, "label": "看授课教师"},
    }
    return render(request, "training_classes/proofs.html", context)


export = export_view(READ_PEOPLE, "proofs")


@can(READ_PEOPLE)
def proof(request: HttpRequest, pk: int) -> HttpResponse:
    """A request: whose teaching, what was recognised of it, the paper."""
    case = get_visible_or_404(TeachingProof.objects.select_related("lecturer", "unit"), request, pk=pk)
    context = {
        "page": case_page(case, request.user),
        "title": str(case),
        "kind": "授课证明",
        "number": case.number,
        "lead": case.unit.name,
        "crumbs": [LIST, (case.number or "草稿", "")],
        "case": case,
        "taught": in_year(case.lecturer, case.year),
        "lessons": lessons_in(case.lecturer, case.year),
        "papers": Paper.objects.of(case).with_successors(),
    }
    return render(request, "training_classes/proof.html", context)


@roles(Role.UNIT_CLERK)
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the proof of an own lecturer; the year is chosen."""
    own = Lecturer.objects.filter(unit__in=request.user.unit_ids(Role.UNIT_CLERK))
    lecturer = get_object_or_404(own, pk=pk)
    form = ProofForm(posted(request), initial={"year": clock.today().year})
    return form_page(
        request,
        form,
        lambda: draft_proof(lecturer=lecturer, actor=request.user, **form.cleaned_data),
        title="申请授课证明",
        lead=f"{lecturer.name}　{ABOUT}",
        submit_label="下一步，核对明细",
        done="已建立申请。请核对明细，再提交",
        back=lecturer.get_absolute_url(),
        then=lambda made: made,
        crumbs=[LIST, (lecturer.name, lecturer.get_absolute_url()), ("申请授课证明", "")],
    )
