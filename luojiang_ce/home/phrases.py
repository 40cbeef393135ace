"""The page on which the bureau keeps the phrases for returns (product.md S5)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from luojiang_ce.access import DO_BUREAU_WORK, Role, can, roles
from luojiang_ce.home.form_page import act, form_page, posted
from luojiang_ce.home.forms import BaseForm
from luojiang_ce.home.lists import Chip, HeadLink, list_context
from luojiang_ce.workflow.models import ReturnPhrase
from luojiang_ce.workflow.phrases import add_phrase, kinds_with_phrases, switch_phrase

TITLE = "退回用语"


class PhraseForm(BaseForm):
    """What is wrong and how it is mended, for one kind of case or for all."""

    case_type = forms.ChoiceField(label="业务", required=False)
    wrong = forms.CharField(label="问题", max_length=300)
    mend = forms.CharField(label="如何补正", max_length=300, required=False)
    widths = {"case_type": 4, "wrong": 12, "mend": 12}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["case_type"]
        kind.choices = list(kinds_with_phrases().items())


@can(DO_BUREAU_WORK)
@require_safe
def phrases(request: HttpRequest) -> HttpResponse:
    """The library, of one kind or of all."""
    kinds, chosen = kinds_with_phrases(), request.GET.get("kind")
    rows = ReturnPhrase.objects.filter(case_type=chosen) if chosen in kinds else ReturnPhrase.objects.all()
    context = list_context(request, rows.order_by("case_type", "-active", "pk"), per_page=100)
    for phrase in context["page_obj"]:
        phrase.kind = kinds.get(phrase.case_type, phrase.case_type)
    account: Any = request.user
    keeps = account.holds(Role.BUREAU_HANDLER)
    new = f"{reverse('home:phrase_new')}?kind={chosen or ''}"
    context |= {
        "title": TITLE,
        "lead": "退回补正时可选的问题和补正办法。停用的不再提供；已退回的案件，文字不变",
        "links": [HeadLink("添加用语", new, "plus", primary=True)] if keeps else [],
        "chips": [
            Chip("全部", reverse("home:phrases"), chosen not in kinds),
            *(Chip(label, f"?kind={key}", chosen == key) for key, label in kinds.items()),
        ],
        "unit": "条",
        "empty": {"text": "这类业务还没有退回用语"},
        "keeps": keeps,
    }
    return render(request, "home/phrases.html", context)


@roles(Role.BUREAU_HANDLER)
def new(request: HttpRequest) -> HttpResponse:
    """A new phrase."""
    account: Any = request.user
    form = PhraseForm(posted(request), initial={"case_type": request.GET.get("kind", "")})
    return form_page(
        request,
        form,
        lambda: add_phrase(actor=account, **form.cleaned_data),
        title="添加退回用语",
        submit_label="添加用语",
        done=lambda phrase: f"已添加：{phrase}",
        back=[(TITLE, reverse("home:phrases"))],
        then=lambda phrase: f"{reverse('home:phrases')}?kind={phrase.case_type}",
    )


@roles(Role.BUREAU_HANDLER)
@require_POST
def switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Out of use, or into use again, as the button said."""
    account: Any = request.user
    phrase = get_object_or_404(ReturnPhrase, pk=pk)
    active = request.POST.get("active") == "yes"
    return act(
        request,
        lambda: switch_phrase(phrase=phrase, active=active, actor=account),
        done=lambda row: f"已{'启用' if row.active else '停用'}：{row}",
        back=f"{reverse('home:phrases')}?kind={phrase.case_type}",
    )
