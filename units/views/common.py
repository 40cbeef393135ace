"""What the pages of this app share: whose record may be changed, and where a page about a person stands."""

from __future__ import annotations

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse

from luojiang_ce.home.form_page import Crumbs
from units.models import Person


def editable_person(request: HttpRequest, pk: int) -> Person:
    """A person whose record the account keeps; 404 for everybody else's."""
    return get_object_or_404(Person.objects.editable_by(request.user), pk=pk)


def above_person(person: Person) -> Crumbs:
    """What a page about a person lies below: 人员 / 陈若溪."""
    return [("人员", reverse("people:list")), (person.name, person.get_absolute_url())]
