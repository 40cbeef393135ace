"""Entering rest days, closures and figures: type, look at what would move, confirm."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import DO_BUREAU_WORK, Role, any_account, can, roles
from luojiang_ce.home.form_page import form_page, posted, show
from luojiang_ce.home.lists import HeadLink
from luojiang_ce.workdays.deadlines import settings_in_force
from luojiang_ce.workdays.models import CalendarDay, CalendarYear, DeadlineSetting
from luojiang_ce.workdays.text import full
from units.calendar_entry import changes
from units.calendar_entry.forms import ClosureForm, ReopenForm, SettingForm, YearForm
from units.calendar_entry.numbers import rule_as_typed, rules_of_numbers
from units.forms.records import PatternForm
from units.models import Certificate, CertificatePattern
from units.services.certificates import set_pattern

HOME = "terms:calendar"


@any_account
def overview(request: HttpRequest) -> HttpResponse:
    """What the bureau entered: years, closures, figures; with the buttons of whoever keeps them."""
    account: Any = request.user
    keeps_it = account.holds(*DO_BUREAU_WORK.roles)
    links = [
        HeadLink("录入放假安排", reverse("terms:year_new"), "calendar-plus", True),
        HeadLink("登记停工", reverse("terms:closure_new"), "cloud-lightning"),
    ]
    settings = [HeadLink("新的期限参数", reverse("terms:setting_new"), "plus", True)]
    figures = list(DeadlineSetting.objects.order_by("-valid_from"))
    in_force = settings_in_force([row.as_value() for row in figures], clock.today()) if figures else None
    context = {
        "title": "日历与期限参数",
        "links": links if keeps_it else settings if account.holds(Role.SYSTEM_ADMIN) else [],
        "years": CalendarYear.objects.select_related("entered_by").order_by("-year"),
        "closures": CalendarDay.objects.filter(arrangement=None).select_related("entered_by").order_by("-date"),
        "may_close": keeps_it,
        "may_set": account.holds(Role.SYSTEM_ADMIN),
        "patterns": rules_of_numbers(),
        "figures": figures,
        "in_force": in_force.valid_from if in_force else None,
    }
    return render(request, "terms/calendar.html", context)


@can(DO_BUREAU_WORK)
def year_new(request: HttpRequest) -> HttpResponse:
    """The State Council's notice of a year."""
    return _change(request, YearForm(posted(request)), "录入年度放假安排")


@can(DO_BUREAU_WORK)
def closure_new(request: HttpRequest) -> HttpResponse:
    """A closure by typhoon or the like."""
    return _change(request, ClosureForm(posted(request)), "登记停工")


@can(DO_BUREAU_WORK)
def closure_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back a closure that was entered by mistake."""
    day = get_object_or_404(CalendarDay, pk=pk, arrangement=None)
    return _change(request, ReopenForm(posted(request), day=day), f"撤销停工：{full(day.date)}")


@roles(Role.SYSTEM_ADMIN)
def setting_new(request: HttpRequest) -> HttpResponse:
    """New figures from a day on; the form begins with those that are the newest now."""
    newest = DeadlineSetting.objects.order_by("-valid_from").first()
    fields = SettingForm.Meta.fields[1:-1]
    initial = {name: getattr(newest, name) for name in fields} if newest else {}
    return _change(request, SettingForm(posted(request), initial=initial), "新的期限参数")


@roles(Role.SYSTEM_ADMIN)
def certificate_pattern(request: HttpRequest, kind: str) -> HttpResponse:
    """How the bureau numbers the certificates of a kind that it issues (发证)."""
    if kind not in Certificate.Kind.values:
        raise Http404
    form = PatternForm(posted(request), initial=rule_as_typed(kind, request.GET.get("from", "")))

    def save() -> CertificatePattern:
        data = dict(form.cleaned_data)
        return set_pattern(kind=kind, typed=data.pop("pattern"), actor=request.user, **data)

    return form_page(
        request,
        form,
        save,
        title=f"{Certificate.Kind(kind).label}编号规则",
        lead="发证、换证用印时按此给出编号，全区不重复，并登记在本人名下；已经给出的编号不变",
        submit_label="保存规则",
        done=lambda rule: f"已设定：{full(rule.first_day)} 起{'按此编号' if rule.pattern else '未设定，逐人填写编号'}",
        back=[("日历与期限参数", reverse(HOME))],
    )


def _change(request: HttpRequest, form: Any, title: str) -> HttpResponse:
    """Show the form; sound, what it would move; confirmed, do it and say so."""
    context: dict[str, Any] = {"title": title, "form": form, "cancel_url": reverse(HOME)}
    if request.method == "POST" and form.is_valid():
        if request.POST.get("do") == "confirm" and _confirmed(request, form):
            return redirect(HOME)
        moved = changes.preview(lambda: form.write(request.user))
        follows = changes.what_follows(lambda: form.write(request.user), actor=request.user, note=form.why)
        context |= {"moved": moved, "seen": changes.fingerprint(moved), "lines": [*form.lines, *follows]}
    context["crumbs"] = [("日历与期限参数", reverse(HOME)), (title, "")]
    return show(request, "terms/change.html", context, form)


def _confirmed(request: HttpRequest, form: Any) -> bool:
    account: Any = request.user
    try:
        moved = changes.confirm(
            lambda: form.write(account),
            event=form.event,
            seen=request.POST.get("seen", ""),
            actor=account,
            note=form.why,
        )
    except changes.Overtaken:
        messages.warning(request, "预览以后又有期限变化，请再核对一次")
        return False
    messages.success(request, f"已生效：{form.why}。{len(moved)} 项期限有变动，已通知有关单位")
    return True
