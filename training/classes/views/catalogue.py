"""What the bureau keeps: the public-subject catalogue, entrustments, the figures of timetables."""

from __future__ import annotations

from typing import Any

from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from luojiang_ce import clock
from luojiang_ce.access import READ_CATALOGUE, Role, can, roles
from luojiang_ce.home.form_page import form_page, posted
from training.classes.forms.catalogue import CourseForm, EntitlementForm, RuleForm
from training.classes.models import CatalogueCourse, CourseEntitlement, TimetableRule
from training.classes.services.catalogue import keep


@can(READ_CATALOGUE)
def listing(request: HttpRequest) -> HttpResponse:
    """Everything on one page: courses, who may organise them, the figures in force."""
    rules = list(TimetableRule.objects.all())
    today = clock.today()
    context = {
        "title": "公共科目目录与课程表规则",
        "courses": CatalogueCourse.objects.all(),
        "entitlements": CourseEntitlement.objects.select_related("unit", "course"),
        "rules": rules,
        "in_force": next((rule for rule in rules if rule.valid_from <= today), None),
        "may_keep": request.user.holds(Role.BUREAU_HANDLER),
        "may_set": request.user.holds(Role.SYSTEM_ADMIN),
        "year": today.year,
        "today": today,
    }
    return render(request, "training_classes/catalogue.html", context)


@roles(Role.BUREAU_HANDLER)
def course(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a course of the catalogue."""
    instance = get_object_or_404(CatalogueCourse, pk=pk) if pk else None
    form = CourseForm(posted(request), instance=instance)
    return _form(request, form, "修改目录课程" if pk else "添加目录课程", "保存课程")


@roles(Role.BUREAU_HANDLER)
def entitlement(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change an entrustment."""
    instance = get_object_or_404(CourseEntitlement, pk=pk) if pk else None
    form = EntitlementForm(posted(request), instance=instance)
    return _form(request, form, "修改委托" if pk else "添加委托", "保存委托")


@roles(Role.SYSTEM_ADMIN)
def rule(request: HttpRequest) -> HttpResponse:
    """New figures from a day on, begun from those in force."""
    latest = TimetableRule.objects.first()
    kept = {field.name: getattr(latest, field.name) for field in TimetableRule._meta.fields} if latest else {}
    initial = {key: value for key, value in kept.items() if key not in ("id", "valid_from", "document")}
    form = RuleForm(posted(request), initial=initial)
    return _form(request, form, "新的课程表规则", "保存规则")


def _form(request: HttpRequest, form: ModelForm[Any], title: str, label: str) -> HttpResponse:
    return form_page(
        request,
        form,
        lambda: keep(row=form.save(commit=False), actor=request.user, version=getattr(form, "version", None)),
        title=title,
        submit_label=label,
        done=lambda row: f"已保存：{row}",
        back=[("公共科目目录", reverse("classes:catalogue"))],
    )
