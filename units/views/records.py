"""Titles, certificates and study periods of a person: one way to add, correct and remove each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from luojiang_ce.access import KEEP_PEOPLE, can
from luojiang_ce.home.form_page import form_page, posted
from luojiang_ce.workflow.undo import offer_undo
from units.forms.records import CertificateForm, PeriodForm, RecordForm, RemoveForm, TitleForm
from units.models import Certificate, StudyPeriod, Title
from units.services import remove_record, save_certificate, save_period, save_title
from units.views.common import above_person, editable_person


@dataclass(frozen=True)
class RecordKind:
    """One kind of record: its model, its form, its service and the service's keyword for an existing row."""

    model: Any
    label: str
    form: type[RecordForm]
    save: Callable[..., Any]
    keyword: str


KINDS = {
    "titles": RecordKind(Title, "专业技术职务", TitleForm, save_title, "title"),
    "certificates": RecordKind(Certificate, "证书", CertificateForm, save_certificate, "certificate"),
    "periods": RecordKind(StudyPeriod, "周期", PeriodForm, save_period, "period"),
}


@can(KEEP_PEOPLE)
def record_form(request: HttpRequest, pk: int, kind: str, record: int | None = None) -> HttpResponse:
    """Add a record of a person, or correct one."""
    someone, of = editable_person(request, pk), _kind(kind)
    row = get_object_or_404(of.model, pk=record, person=someone) if record else None
    form = of.form(posted(request), row=someone, record=row)
    options = {"person": someone, "actor": request.user, of.keyword: row}
    title = f"{'更正' if row else '新增'}{of.label}"
    return form_page(
        request,
        form,
        lambda: of.save(**options, **form.facts()),
        title=title,
        lead=someone.name,
        submit_label=f"保存{of.label}",
        done=f"{of.label}已保存",
        back=above_person(someone),
        remove_url=reverse("people:remove_record", args=[pk, kind, record]) if row else "",
    )


@can(KEEP_PEOPLE)
def remove(request: HttpRequest, pk: int, kind: str, record: int) -> HttpResponse:
    """Take off a record that was entered by mistake."""
    someone, of = editable_person(request, pk), _kind(kind)
    row = get_object_or_404(of.model, pk=record, person=someone)
    form = RemoveForm(posted(request), row=someone)

    def delete() -> None:
        rows = remove_record(row=row, person=someone, actor=request.user, **form.facts())
        offer_undo(request, f"{of.label}已删除", "person_record", rows=rows)

    return form_page(
        request,
        form,
        delete,
        title=f"删除{of.label}",
        lead=f"{someone.name}　{row}",
        back=above_person(someone),
        danger=True,
    )


def _kind(kind: str) -> RecordKind:
    try:
        return KINDS[kind]
    except KeyError as unknown:
        raise Http404 from unknown
