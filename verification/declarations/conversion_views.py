"""The conversion tables: the list, a figure."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from luojiang_ce.access import READ_CATALOGUE, Role, can, roles
from luojiang_ce.home.form_page import form_page, posted
from verification.declarations.conversions import keep
from verification.declarations.forms import ConversionForm
from verification.declarations.models import Conversion


@can(READ_CATALOGUE)
def listing(request: HttpRequest) -> HttpResponse:
    """Every figure, with its document and its days."""
    account: Any = request.user
    context = {
        "title": "学时折算标准",
        "lead": "各种学习形式折算学时（学分）的标准，由区人社局按文件录入（通知 一(四)）",
        "rules": Conversion.objects.all(),
        "may_keep": account.holds(Role.BUREAU_HANDLER),
    }
    return render(request, "declarations/conversions.html", context)


@roles(Role.BUREAU_HANDLER)
def conversion(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add or change a figure."""
    account: Any = request.user
    rule = get_object_or_404(Conversion, pk=pk) if pk else None
    form = ConversionForm(posted(request), instance=rule)
    return form_page(
        request,
        form,
        lambda: keep(rule=form.save(commit=False), actor=account, version=form.version if pk else None),
        title="修改折算标准" if pk else "添加折算标准",
        lead="没有文件依据的不要填",
        submit_label="保存标准",
        done=lambda kept: f"已保存：{kept}",
        back=[("学时折算标准", reverse("declarations:conversions"))],
    )
