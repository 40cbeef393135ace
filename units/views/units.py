"""Units: the list, the page of a unit, registering, editing, scopes, suspending, merging."""

from __future__ import annotations

from typing import Any

from django.db.models import Count as CountOf
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, READ_PEOPLE, READ_UNITS, Role, can, get_visible_or_404
from luojiang_ce.home.form_page import Crumbs, form_page, posted
from luojiang_ce.home.lists import Chip, HeadLink, acts_on_many, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import edit_history
from units import services
from units.forms.filters import UnitFilter
from units.forms.units import EndScopeForm, MergeForm, NewUnitForm, ScopeForm, UnitForm, WhyForm
from units.models import Person, ProviderScope, Unit
from units.notify import clerks_of

HISTORY_SHOWN = 20


@can(READ_UNITS)
def listing(request: HttpRequest) -> HttpResponse:
    """The units that the account sees; who sees only one is shown that one."""
    account: Any = request.user
    units = Unit.objects.visible_to(account).select_related("supervisor")
    if account.unit_ids(Role.UNIT_CLERK) and units.count() == 1:
        return redirect(units.get())
    context = list_context(request, units, filterset=UnitFilter, sorts={"name": "name", "code": "code"}, sort="code")
    context |= acts_on_many(request, Unit, READ_UNITS, "units:export")
    context |= {
        "title": "单位",
        "lead": "面向洛江区专业技术人员的单位、施教机构和主管部门",
        "links": _list_links(request),
        "chips": _chips(request),
        "unit": "个",
        "empty": {"text": "还没有单位"},
    }
    return render(request, "units/units.html", context)


export = export_view(READ_UNITS, "units")


@can(READ_UNITS)
def unit(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything on record about a unit; numbers of its people only for those whose work needs people."""
    account: Any = request.user
    one = get_visible_or_404(Unit.objects.select_related("supervisor", "merged_into"), request, pk=pk)
    may_edit = account.holds(*DO_BUREAU_WORK.roles)
    context = {
        "title": one.name,
        "kind": one.get_nature_display(),
        "number": one.code,
        "lead": "、".join(one.functions),
        "crumbs": [("单位", reverse("units:list")), (one.short, "")],
        "one": one,
        "may_edit": may_edit,
        "sees_supervisor": Unit.objects.visible_to(account).filter(supervised=one).exists(),
        "links": [HeadLink("修改资料", reverse("units:edit", args=[pk]), "pencil")] if may_edit else [],
        "clerks": clerks_of(one.pk),
        "scopes": [(scope, scope.covers(clock.today())) for scope in one.scopes.all()],
        "supervised": one.supervised.count(),
        "people": _numbers(one) if account.holds(*READ_PEOPLE.roles) else None,
        "remarks": one.remarks.all()[:HISTORY_SHOWN] if account.holds(*READ_PEOPLE.roles) else [],
        "history": edit_history(one)[:HISTORY_SHOWN],
    }
    return render(request, "units/unit.html", context)


@can(DO_BUREAU_WORK)
def new(request: HttpRequest) -> HttpResponse:
    """Register a unit."""
    form = NewUnitForm(posted(request))
    return form_page(
        request,
        form,
        lambda: services.create_unit(actor=request.user, **form.cleaned_data),
        title="登记单位",
        done="单位已登记。专办员的账号由系统管理员建立、安全管理员任命",
        back=[("单位", reverse("units:list"))],
        then=lambda made: made,
    )


@can(DO_BUREAU_WORK)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A unit's facts."""
    one = _unit(request, pk)
    form = UnitForm(posted(request), row=one)
    return form_page(
        request,
        form,
        lambda: services.update_unit(unit=one, actor=request.user, **form.facts()),
        title="修改单位资料",
        lead=f"{one.name}　{one.code}",
        submit_label="保存资料",
        done="单位资料已保存",
        back=_above(one),
        here="修改资料",
    )


@can(DO_BUREAU_WORK)
def suspend(request: HttpRequest, pk: int) -> HttpResponse:
    """Suspend a unit, or resume it."""
    one = _unit(request, pk)
    is_suspended = one.status == Unit.Status.SUSPENDED
    service = services.resume_unit if is_suspended else services.suspend_unit
    label = "恢复单位" if is_suspended else "暂停单位"
    form = WhyForm(posted(request), now=one.status)
    return form_page(
        request,
        form,
        lambda: service(unit=one, actor=request.user, **form.cleaned_data),
        title=label,
        lead=one.name,
        done=f"已{label}",
        back=_above(one),
        danger=not is_suspended,
        why=""
        if is_suspended
        else "暂停后不能新申报、不能新增人员，已有的记录都保留；各项期限照常走，恢复后过期的须申请延期",
    )


@can(DO_BUREAU_WORK)
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge a unit into another."""
    one = _unit(request, pk)
    form = MergeForm(posted(request), unit=one)
    return form_page(
        request,
        form,
        lambda: services.merge_unit(unit=one, actor=request.user, **form.cleaned_data),
        title="并入其他单位",
        lead=one.name,
        submit_label="并入",
        done="已合并，在职人员转入并入的单位",
        back=_above(one),
        danger=True,
        why="在职人员、下属单位转到并入的单位，本单位账号的角色到前一天为止；以前的申报仍记在本单位名下",
    )


@can(DO_BUREAU_WORK)
def add_scope(request: HttpRequest, pk: int) -> HttpResponse:
    """What a provider may train."""
    one = _unit(request, pk)
    form = ScopeForm(posted(request))
    return form_page(
        request,
        form,
        lambda: services.add_scope(unit=one, actor=request.user, **form.cleaned_data),
        title="登记培训资质",
        lead=one.name,
        submit_label="登记资质",
        done="培训资质已登记",
        back=_above(one),
    )


@can(DO_BUREAU_WORK)
def end_scope(request: HttpRequest, pk: int, scope: int) -> HttpResponse:
    """The last day of a scope."""
    one = _unit(request, pk)
    row = get_object_or_404(ProviderScope, pk=scope, unit=one)
    form = EndScopeForm(posted(request))
    return form_page(
        request,
        form,
        lambda: services.end_scope(scope=row, actor=request.user, **form.cleaned_data),
        title="终止培训资质",
        lead=f"{one.name}　{row.subject}",
        submit_label="终止资质",
        done="培训资质已终止",
        back=_above(one),
        danger=True,
    )


def _unit(request: HttpRequest, pk: int) -> Unit:
    return get_visible_or_404(Unit, request, pk=pk)


def _numbers(one: Unit) -> list[tuple[str, int]]:
    """How many people work here, by category."""
    rows = Person.objects.employed_in(one).order_by().values("category").annotate(number=CountOf("pk"))
    counted = {row["category"]: row["number"] for row in rows}
    return [(str(label), counted.get(key, 0)) for key, label in Person.Category.choices]


def _above(one: Unit) -> Crumbs:
    return [("单位", reverse("units:list")), (one.short, one.get_absolute_url())]


def _list_links(request: HttpRequest) -> list[HeadLink]:
    new = HeadLink("登记单位", reverse("units:new"), "plus", primary=True)
    return [new] if request.user.holds(*DO_BUREAU_WORK.roles) else []


def _chips(request: HttpRequest) -> list[Chip]:
    here, base = request.GET.get("function", ""), reverse("units:list")
    shown = [("", "全部"), ("is_provider", "施教机构"), ("is_base", "继续教育基地"), ("is_authority", "业务主管部门")]
    return [Chip(label, f"{base}?function={key}" if key else base, current=here == key) for key, label in shown]
