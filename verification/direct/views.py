"""The bureau's own trainings: the lists, the form, the case with its pass list."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce.access import READ_PEOPLE, Role, can, get_visible_or_404, roles
from luojiang_ce.files.materials import checklist
from luojiang_ce.home.form_page import act, form_page, posted
from luojiang_ce.home.lists import HeadLink, export_link, list_context
from luojiang_ce.papers.models import Paper
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.sheets.responses import template_response
from luojiang_ce.sheets.views import ImportViews
from luojiang_ce.typed import own_page, ticked_rows
from luojiang_ce.workflow.engine import fire
from luojiang_ce.workflow.pages import case_page
from luojiang_ce.workflow.readings import off_record
from units.access import sees_district, sees_many_units
from verification.batches.forms import RevokeForm
from verification.direct import papers, services
from verification.direct.case import DIRECT, MATERIALS
from verification.direct.forms import ListedFilter, PassedFilter, TrainingFilter, TrainingForm
from verification.direct.importing import PASS_IMPORT, PASS_LIST
from verification.direct.models import DirectTraining, Passed
from verification.direct.pass_list import may_edit

ABOUT = (
    "区人社局统一调训的初任班、公共课，培训合格的直接盖章验证，学时入账（通知 二(二)）；年度验证结论另按全年学时核定"
)
OWN = "区人社局统一调训、已盖章入账的本单位人员（通知 二(二)）；学时已记入学时记录，不必再申报"
NEXT = "保存后导入合格名单，再提请盖章"
PASS_LIST_PAGES = ImportViews(PASS_IMPORT, Role.BUREAU_HANDLER)
SHOWN = 12  # units that the case's page names


@can(READ_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """The bureau's trainings; for everybody else their own people who passed."""
    account: Any = request.user
    return _trainings(request, account) if sees_district(account) else _own_people(request, account)


def _trainings(request: HttpRequest, account: Any) -> HttpResponse:
    rows = (
        DirectTraining.objects.visible_to(account)
        .select_related("catalogue")
        .annotate(number_of=Count("passed", filter=Q(passed__withdrawn_at=None)))
    )
    context = list_context(request, rows.order_by("-pk"), filterset=TrainingFilter)
    new = HeadLink("新建调训", reverse("direct:new"), "plus", primary=True)
    context |= {
        "title": "调训验证",
        "lead": ABOUT,
        "links": [new] if account.holds(Role.BUREAU_HANDLER) else [],
        "rows": [(row, DIRECT.states[row.state].meaning) for row in context["page_obj"]],
        "unit": "期",
        "empty": {"text": "还没有调训"},
    }
    return render(request, "direct/list.html", context)


def _own_people(request: HttpRequest, account: Any) -> HttpResponse:
    rows = Passed.objects.visible_to(account).select_related("person", "unit", "training__catalogue")
    context = list_context(request, rows.order_by("-training__date_to", "-pk"), filterset=PassedFilter)
    context |= {
        "title": "调训验证",
        "lead": OWN,
        "links": [export_link(request, "direct:export")],
        "rows": _with_papers(context["page_obj"]),
        "unit": "人次",
        "unit_shown": sees_many_units(account),
        "empty": {"text": "还没有本单位人员的调训"},
    }
    return render(request, "direct/own_people.html", context)


def _with_papers(passed: Iterable[Passed]) -> list[tuple[Passed, Paper | None, str]]:
    """Each with the last page that was issued of it, and what its state means; one query."""
    rows = list(passed)
    keys = [row.pk for row in rows]
    pages = Paper.objects.filter(kind=papers.PAGE.key, subject_id__in=keys, number__isnull=False).order_by("pk")
    found = {page.subject_id: page for page in pages}
    return [(row, found.get(row.pk), DIRECT.states[_state_of(row)].meaning) for row in rows]


def _state_of(row: Passed) -> str:
    return DirectTraining.State.WITHDRAWN if row.withdrawn_at else row.training.state


export = export_view(READ_PEOPLE, "direct_passed")


@roles(Role.BUREAU_HANDLER)
def new(request: HttpRequest) -> HttpResponse:
    """A training of the bureau, drawn up by its handler."""
    form = TrainingForm(posted(request))
    return form_page(
        request,
        form,
        lambda: services.save_training(training=form.instance, actor=request.user),
        title="新建调训",
        lead=ABOUT,
        submit_label="保存",
        done=lambda saved: f"已保存 {saved.number}。请导入合格名单",
        back=[("调训验证", reverse("direct:list"))],
        here="新建",
        then=lambda saved: saved,
        why=NEXT,
    )


@roles(Role.BUREAU_HANDLER)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a training that is still drawn up."""
    case = _drawn_up(request, pk)
    form = TrainingForm(posted(request), instance=case)
    return form_page(
        request,
        form,
        lambda: services.save_training(training=form.instance, version=form.version, actor=request.user),
        title=f"修改调训 {case.number}",
        submit_label="保存",
        done="已保存修改",
        back=[("调训验证", reverse("direct:list")), (case.number, case.get_absolute_url())],
        here="修改",
        about=case,
        why=NEXT,
    )


def _drawn_up(request: HttpRequest, pk: int) -> DirectTraining:
    case = get_visible_or_404(DirectTraining.objects.select_related("unit", "catalogue"), request, pk=pk)
    if not may_edit(case, request.user):
        raise Http404
    return case


@off_record("an empty form to fill in")
@roles(Role.BUREAU_HANDLER)
def template(request: HttpRequest) -> HttpResponse:
    """The empty pass list, to fill in."""
    return template_response(PASS_LIST, "调训合格名单")


@can(READ_PEOPLE)
def directtraining(request: HttpRequest, pk: int) -> HttpResponse:
    """One training: what it was, how many passed from which units, its papers, what can be done."""
    account: Any = request.user
    case = get_visible_or_404(DirectTraining.objects.select_related("unit", "catalogue"), request, pk=pk)
    units = (
        case.passed.standing().values_list("unit__name").annotate(number=Count("pk")).order_by("-number", "unit__name")
    )
    counted = list(units)
    issued = Paper.objects.of(case)
    context = {
        "page": case_page(case, account),
        "title": case.title,
        "kind": "调训",
        "number": case.number,
        "lead": case.get_kind_display(),
        "crumbs": [("调训验证", reverse("direct:list")), (case.number, "")],
        "links": _links(case, account),
        "materials": checklist(case, MATERIALS),
        "may_change": may_edit(case, account),
        "case": case,
        "people": sum(number for _, number in counted),
        "withdrawn": case.passed.exclude(withdrawn_at=None).count(),
        "units": counted[:SHOWN],
        "more_units": max(0, len(counted) - SHOWN),
        "rosters": list(issued.filter(kind=papers.ROSTER.key).select_related("seal", "job").order_by("-pk")),
        "pages": _pages(case),
        "together": reverse("papers:together", args=[papers.PAGE.key, case.pk]),
        "may_begin_again": case.state == DirectTraining.State.WITHDRAWN and account.holds(Role.BUREAU_HANDLER),
    }
    return render(request, "direct/direct.html", context)


def _pages(case: DirectTraining) -> dict[str, int]:
    """How the pages of its people stand, by state; one query."""
    rows = Paper.objects.of(case).filter(kind=papers.PAGE.key).order_by().values_list("state")
    return {str(state): number for state, number in rows.annotate(number=Count("pk"))}


def _links(case: DirectTraining, account: Any) -> list[HeadLink]:
    people = HeadLink("合格名单", reverse("direct:people", args=[case.pk]), "users-round")
    if not may_edit(case, account):
        return [people]
    return [
        HeadLink("修改", reverse("direct:edit", args=[case.pk]), "pencil"),
        people,
        HeadLink("导入合格名单", reverse("direct:import", args=[case.pk]), "upload", primary=not case.passed.exists()),
    ]


@can(READ_PEOPLE)
def people(request: HttpRequest, pk: int) -> HttpResponse:
    """The pass list, with each one's page; while it is drawn up, lines are taken off."""
    account: Any = request.user
    case = get_visible_or_404(DirectTraining, request, pk=pk)
    rows = case.passed.select_related("person", "unit", "training")
    context = list_context(request, rows.order_by("person__pinyin", "pk"), filterset=ListedFilter)
    editable = may_edit(case, account)
    add = HeadLink("导入合格名单", reverse("direct:import", args=[pk]), "upload", primary=True)
    context |= {
        "title": f"合格名单：{case}",
        "lead": f"{case.span}，{case.year} 年度{case.what}",
        "crumbs": [("调训验证", reverse("direct:list")), (case.number, case.get_absolute_url()), ("合格名单", "")],
        "links": [add] if editable else [],
        "rows": _with_papers(context["page_obj"]),
        "unit": "人",
        "bulk_url": reverse("direct:remove", args=[pk]) if editable else "",
        "withdraws": case.state == DirectTraining.State.STAMPED and account.holds(Role.BUREAU_APPROVER),
        "empty": {"text": "名单还是空的"},
    }
    return render(request, "direct/people.html", context)


@roles(Role.BUREAU_HANDLER)
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the ticked lines off the list."""
    case = get_visible_or_404(DirectTraining, request, pk=pk)
    ticked = ticked_rows(request.POST)
    return act(
        request,
        lambda: services.remove_people(training=case, rows=ticked, actor=request.user),
        back=own_page(request.POST.get("back", ""), reverse("direct:people", args=[pk])),
        done=lambda gone: f"已移出 {gone} 人" if gone else "还没有勾选要移出的人",
    )


@roles(Role.BUREAU_APPROVER)
def withdraw_one(request: HttpRequest, pk: int, row: int) -> HttpResponse:
    """Take back what one person got of a stamped training."""
    case = get_visible_or_404(DirectTraining.objects.select_related("unit"), request, pk=pk)
    chosen = get_object_or_404(case.passed.select_related("person", "unit"), pk=row)
    form = RevokeForm(posted(request), case=case, actor=request.user)
    here, whom = reverse("direct:people", args=[pk]), {"person": chosen.person_id}
    return form_page(
        request,
        form,
        lambda: fire(case, "withdraw_one", actor=request.user, note=form.cleaned_data["note"], data=whom),
        title=f"撤回一人：{chosen.person.name}",
        lead=f"{case}，{chosen.unit.name}。学时冲销，个人验证单撤销，合格名单由不含此人的一份代替",
        submit_label="撤回并冲销",
        done=f"已撤回 {chosen.person.name} 的调训学时，新的合格名单正在生成",
        back=[("调训验证", reverse("direct:list")), (case.number, case.get_absolute_url()), ("合格名单", here)],
        here="撤回一人",
        then=here,
        danger=True,
    )


@roles(Role.BUREAU_HANDLER)
@require_POST
def again(request: HttpRequest, pk: int) -> HttpResponse:
    """What was withdrawn, drawn up anew with its list."""
    case = get_visible_or_404(DirectTraining, request, pk=pk)
    return act(
        request,
        lambda: services.begin_again(training=case, actor=request.user),
        back=case,
        done=lambda made: f"已按原名单重新编制 {made.number}，请改正后提请盖章",
        then=lambda made: made,
    )
