"""The rules of the yearly verdict as a page: what is asked, by which document, since when; what is not set."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import Role, any_account, roles
from luojiang_ce.home.form_page import form_page, posted
from verification.requirements import services
from verification.requirements.forms import FigureForm, SwitchForm
from verification.requirements.models import RequirementSetting, RuleSet, Setting

# The bureau decides which rules hold; everybody may read them.
DECIDES = Role.BUREAU_APPROVER


@any_account
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule set, in force or not, and the figures of the years."""
    account: Any = request.user
    year = clock.today().year
    known = set(RequirementSetting.objects.filter(year=year).values_list("key", flat=True))
    context = {
        "title": "达标规则",
        "lead": "年度验证按这些规则判定；未设定的只提示，不判定",
        "rule_sets": RuleSet.objects.prefetch_related("rules"),
        "figures": RequirementSetting.objects.select_related("entered_by"),
        "unset": [label for key, label in Setting.choices if key not in known],
        "year": year,
        "decides": account.holds(DECIDES),
    }
    return render(request, "requirements/rules.html", context)


@roles(DECIDES)
def figure(request: HttpRequest) -> HttpResponse:
    """Enter a figure of a year."""
    form = FigureForm(posted(request), initial={"year": clock.today().year})
    return form_page(
        request,
        form,
        lambda: services.set_figure(**form.cleaned_data, version=form.version, actor=request.user),
        title="设定年度学时",
        submit_label="保存设定",
        done=lambda kept: f"已设定：{kept.year} 年度 {kept.get_key_display()} {kept.amount} 学时",
        back=[("达标规则", reverse("requirements:rules"))],
    )


@roles(DECIDES)
@require_POST
def unset(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a figure back: the year is 未设定 again."""
    known = get_object_or_404(RequirementSetting, pk=pk)
    services.unset_figure(figure=known, actor=request.user)
    messages.success(request, f"已恢复为未设定：{known.year} 年度 {known.get_key_display()}")
    return redirect("requirements:rules")


@roles(DECIDES)
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Switch a rule set on or off, with a reason."""
    rule_set = get_object_or_404(RuleSet, pk=pk)
    form, wanted = SwitchForm(posted(request), now=str(rule_set.active)), not rule_set.active
    act = "启用" if wanted else "停用"
    return form_page(
        request,
        form,
        lambda: services.switch(rule_set=rule_set, active=wanted, actor=request.user, **form.cleaned_data),
        title=f"{act}规则：{rule_set}",
        lead=f"{rule_set.document}，自 {rule_set.first_year} 年度起",
        submit_label=f"{act}规则",
        done=f"已{act}：{rule_set}",
        back=[("达标规则", reverse("requirements:rules"))],
        here=act,
        why="已报送的年度记录仍按报送时的规则",
    )
