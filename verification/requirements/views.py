"""The rules of the yearly verdict: what is asked, by which document, since when; what is not set; and their editor."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from luojiang_ce import clock
from luojiang_ce.access import (
    DO_BUREAU_WORK,
    Role,
    any_account,
    can,
    get_visible_case_or_404,
    get_visible_or_404,
    roles,
)
from luojiang_ce.home.form_page import Crumbs, act, form_page, posted
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.home.lists import Chip, HeadLink, list_context
from luojiang_ce.sheets.exports import export_view
from luojiang_ce.workflow.pages import published_page
from units.drafted_case import may_change
from units.drafted_pages import edit_draft
from verification.requirements import figures, services
from verification.requirements.filters import TrialFilter
from verification.requirements.forms import FigureForm, RuleForm, RuleSetForm, TrialForm
from verification.requirements.models import FigureChange, RequirementSetting, Rule, RuleSet, Setting, Trial, TrialLine
from verification.requirements.trials import by_unit, changes_of

# Handlers write, the approver decides which rules and figures hold; everybody may read them.
WRITES = Role.BUREAU_HANDLER
TOLD = ("put_in_force", "end", "give_way", "ended", "switched_on", "switched_off")


@any_account
def rules(request: HttpRequest) -> HttpResponse:
    """Every rule set, in force or not, and the figures of the years."""
    account: Any = request.user
    year = clock.today().year
    known = set(RequirementSetting.objects.filter(year=year).values_list("key", flat=True))
    context = {
        "title": "达标规则",
        "lead": "年度验证按这些规则判定；未设定的只提示，不判定",
        "rule_sets": RuleSet.objects.visible_to(account).select_related("replaces").prefetch_related("rules"),
        "figures": RequirementSetting.objects.select_related("entered_by"),
        "figure_changes": FigureChange.objects.visible_to(account).open(),
        "unset": [label for key, label in Setting.choices if key not in known],
        "year": year,
        "writes": account.holds(WRITES),
        "links": [HeadLink("拟定新规则", reverse("requirements:begin"), "plus")] if account.holds(WRITES) else [],
    }
    return render(request, "requirements/rules.html", context)


@roles(WRITES)
def figure(request: HttpRequest) -> HttpResponse:
    """Propose a figure of a year."""
    given = {name: request.GET[name] for name in ("key", "year") if name in request.GET}
    initial = {"year": clock.today().year, **given}
    form = FigureForm(posted(request), instance=FigureChange(), initial=initial)
    return form_page(
        request,
        form,
        lambda: services.keep_figure_change(change=form.save(commit=False), actor=request.user),
        title="拟定年度学时",
        lead="送审批人批准后才执行；未设定的只提示，不判定",
        submit_label="保存，下一步试算",
        done="已保存为草稿。请试算后送审批",
        back=_above(),
        then=lambda made: made,
    )


@any_account
def figurechange(request: HttpRequest, pk: int) -> HttpResponse:
    """A figure on its way: what stands now, whose verdicts it changes, how it came about."""
    account: Any = request.user
    case = get_visible_or_404(FigureChange, request, pk=pk)
    edit_link = HeadLink("修改", reverse("requirements:edit_figure", args=[pk]), "pencil")
    context = {
        "page": published_page(case, account, ("put_in_force",)),
        "title": str(case),
        "kind": "年度学时设定",
        "lead": case.document,
        "crumbs": [*_above(), (str(case), "")],
        "links": [edit_link] if may_change(case, account) else [],
        "case": case,
        "stands": figures.stands(case),
        "try_url": reverse("requirements:try_figure", args=[pk]),
        **trials_shown(case, account, open_=case.state != FigureChange.State.DECIDED),
    }
    return render(request, "requirements/figure.html", context)


@roles(WRITES)
def edit_figure(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a draft of a figure."""
    return edit_draft(
        request,
        get_visible_or_404(FigureChange, request, pk=pk),
        FigureForm,
        lambda change, **more: services.keep_figure_change(change=change, **more),
        title="修改年度学时",
        above=_above(),
    )


@can(DO_BUREAU_WORK)
@require_POST
def try_figure(request: HttpRequest, pk: int) -> HttpResponse:
    """Find out whose verdict a figure would change."""
    return try_case(request, get_visible_or_404(FigureChange.objects.open(), request, pk=pk))


def trials_shown(case: Any, account: Any, *, open_: bool) -> dict[str, Any]:
    """What the page of something that is tried shows of its trials, to the bureau."""
    bureau = account.holds(*DO_BUREAU_WORK.roles)
    return {
        "trials": case.trials.select_related("made_by").annotate(changed=Count("lines")) if bureau else [],
        "may_try": bureau and open_,
        "trial_form": TrialForm(case=case),
    }


@any_account
def ruleset(request: HttpRequest, pk: int) -> HttpResponse:
    """One rule set: what it asks, whose verdicts it changes, how it came about."""
    account: Any = request.user
    case = get_visible_or_404(RuleSet.objects.select_related("replaces"), request, pk=pk)
    editable = may_change(case, account)
    context = {
        "page": published_page(case, account, TOLD),
        "title": f"{case.title}（修订稿）" if case.stands_for else case.title,
        "kind": "达标规则",
        "lead": "　".join(filter(None, (case.stands_for, case.holds_for, case.years))),
        "crumbs": [*_above(), (case.title, "")],
        "links": [HeadLink("修改", reverse("requirements:edit", args=[pk]), "pencil")] if editable else [],
        "case": case,
        "rules": case.rules.all(),
        "editable": editable,
        "revisable": account.holds(WRITES) and case.state in (RuleSet.State.IN_FORCE, RuleSet.State.OFF),
        "try_url": reverse("requirements:try_out", args=[pk]),
        **trials_shown(case, account, open_=case.state != RuleSet.State.OFF),
    }
    return render(request, "requirements/ruleset.html", context)


@roles(WRITES)
def begin(request: HttpRequest) -> HttpResponse:
    """A rule set that no other is a model of."""
    form = RuleSetForm(posted(request), instance=RuleSet())
    return form_page(
        request,
        form,
        lambda: services.draft(actor=request.user, **form.cleaned_data),
        title="拟定新规则",
        lead="送审批人批准后才执行；执行以前先试算哪些人的结论会变",
        submit_label="保存，下一步写要求",
        done="已保存为草稿。请添加要求，试算后送审批",
        back=_above(),
        then=lambda made: made,
    )


@roles(WRITES)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change what a draft says of itself."""
    return edit_draft(
        request,
        get_visible_or_404(RuleSet, request, pk=pk),
        RuleSetForm,
        lambda rule_set, **more: services.keep_set(rule_set=rule_set, **more),
        title="修改规则",
        above=_above(),
    )


@roles(WRITES)
@require_POST
def revise(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft to take the place of this set."""
    case = get_visible_or_404(RuleSet, request, pk=pk)
    return act(
        request,
        lambda: services.revise(rule_set=case, actor=request.user),
        back=case,
        done="已按原规则拟出草稿，请修改、试算后送审批；批准以前原规则照旧",
        then=lambda made: made,
    )


@roles(WRITES)
def rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Add a requirement to a draft."""
    case = _draft(request, pk)
    return _rule_page(request, Rule(rule_set=case), title="添加要求", done=lambda kept: f"已添加：{kept}")


@roles(WRITES)
def edit_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Change a requirement of a draft."""
    known = get_object_or_404(Rule.objects.select_related("rule_set"), pk=pk)
    _draft(request, known.rule_set_id)
    remove = reverse("requirements:remove_rule", args=[pk])
    return _rule_page(request, known, title="修改要求", done=lambda kept: f"已保存：{kept}", remove_url=remove)


def _rule_page(request: HttpRequest, known: Rule, **words: Any) -> HttpResponse:
    form, case = RuleForm(posted(request), instance=known), known.rule_set
    return form_page(
        request,
        form,
        lambda: services.keep_rule(
            rule=form.save(commit=False), actor=request.user, version=form.version if known.pk else None
        ),
        submit_label="保存要求",
        lead=case.title,
        back=[*_above(), (case.title, case.get_absolute_url())],
        **words,
    )


@roles(WRITES)
def remove_rule(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a requirement out of a draft, after asking."""
    known = get_object_or_404(Rule.objects.select_related("rule_set"), pk=pk)
    case = _draft(request, known.rule_set_id)
    return form_page(
        request,
        BaseForm(posted(request)),
        lambda: services.remove_rule(rule=known, actor=request.user),
        title=f"去掉要求：{known}",
        lead=f"“{case}”将不再要求这一项，去掉后重新试算再送审批；执行中的规则不受影响",
        submit_label="去掉这项要求",
        done=f"已去掉：{known}",
        danger=True,
        back=[*_above(), (case.title, case.get_absolute_url())],
    )


@can(DO_BUREAU_WORK)
@require_POST
def try_out(request: HttpRequest, pk: int) -> HttpResponse:
    """Find out whose verdict would change."""
    return try_case(request, get_visible_or_404(RuleSet, request, pk=pk))


def try_case(request: HttpRequest, case: Any) -> HttpResponse:
    """Begin the preview of a case, and watch it being made."""
    form = TrialForm(request.POST, case=case)
    return act(
        request,
        lambda: services.try_out(case=case, year=form.cleaned_data["year"], actor=request.user),
        back=case,
        form=form,
        then=lambda job: redirect("jobs:progress", uid=job.uid),
    )


@can(DO_BUREAU_WORK)
def trial(request: HttpRequest, pk: int) -> HttpResponse:
    """Whose verdict would change, and how: counted by unit, and by name."""
    tried = get_object_or_404(Trial.objects.select_related("made_by"), pk=pk)
    case = get_visible_case_or_404(tried.case_type, tried.case_id, request)
    lines = TrialLine.objects.visible_to(request.user).filter(trial=tried)
    export = f"{reverse('requirements:trial_export')}?{urlencode({**request.GET.dict(), 'trial': pk})}"
    context = {
        "title": f"试算：{case}",
        "lead": f"{tried.of}：试算 {tried.people} 人；已报送的 {tried.filed} 人不变",
        "crumbs": [*_above(), (str(case), case.get_absolute_url()), (f"{tried.of}试算", "")],
        "links": [HeadLink("导出", export, "download")],
        "trial": tried,
        "stale": tried.version != case.version,
        "chips": [Chip(each.label, f"?change={each.value}", number=each.count) for each in changes_of(lines)],
        "label": "变化",
        "units": by_unit(lines),
        "unit": "人",
        "empty": {"text": "没有人的结论会变"},
        **list_context(request, lines.select_related("unit", "person"), filterset=TrialFilter),
    }
    return render(request, "requirements/trial.html", context)


trial_export = export_view(DO_BUREAU_WORK, "rules_trial")


def _draft(request: HttpRequest, pk: int) -> RuleSet:
    case = get_visible_or_404(RuleSet, request, pk=pk)
    if not may_change(case, request.user):
        raise Http404
    return case


def _above() -> Crumbs:
    return [("达标规则", reverse("requirements:rules"))]
