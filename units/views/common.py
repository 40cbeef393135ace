"""What the pages of this app share: who reads, who writes, and the one way a form is shown and saved."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from units.forms.base import ServiceForm
from units.models import Person

Crumbs = Sequence[tuple[str, str]]


def editable_person(request: HttpRequest, pk: int) -> Person:
    """A person whose record the account keeps; 404 for everybody else's."""
    return get_object_or_404(Person.objects.editable_by(request.user), pk=pk)


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: a form sent empty is a form sent."""
    return request.POST if request.method == "POST" else None


def form_page(
    request: HttpRequest,
    form: ServiceForm,
    save: Callable[[], bool],
    *,
    title: str,
    submit_label: str,
    done: str,
    back: str,
    lead: str = "",
    crumbs: Crumbs = (),
    template: str = "units/form.html",
    then: Callable[[], str] | None = None,
    **context: Any,
) -> HttpResponse:
    """Show a form; when it is posted and `save` succeeds, say so and go `then` (or `back`)."""
    if request.method == "POST" and form.is_valid() and save():
        messages.success(request, done)
        return redirect(then() if then else back)
    context |= {
        "title": title,
        "lead": lead,
        "crumbs": crumbs,
        "form": form,
        "submit_label": submit_label,
        "cancel_url": back,
    }
    return render(request, template, context, status=422 if form.is_bound and form.errors else 200)


def person_crumbs(person: Person, here: str) -> Crumbs:
    """人员 / 陈若溪 / 登记离开."""
    return [("人员", reverse("people:list")), (person.name, person.get_absolute_url()), (here, "")]
