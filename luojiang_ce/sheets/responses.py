"""Workbooks and other files to take away, never cached: lists hold personal data."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from io import BytesIO
from typing import Any

from django.http import HttpResponse
from django.utils.http import content_disposition_header

from .definitions import Opinion, SheetForm
from .filled import write_form
from .marks import mark_of
from .writing import Plain, write_list, write_template

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook_response(
    form: SheetForm,
    rows: Iterable[Mapping[str, Plain]],
    name: str,
    values: Mapping[str, Plain] | None = None,
    boxes: Sequence[Opinion] = (),
    *,
    taken_by: Any,
) -> HttpResponse:
    """The form with these rows, saved as `name`.xlsx, marked with the account that takes it. `values`: its head and
    foot lines; without, a plain list."""
    out = BytesIO()
    if values is None:
        write_list(form, rows, out, mark=mark_of(taken_by))
    else:
        write_form(form, rows, out, head=values, foot=values, boxes=boxes, mark=mark_of(taken_by))
    return download(out.getvalue(), f"{name}.xlsx", XLSX)


def template_response(form: SheetForm, name: str) -> HttpResponse:
    """The empty form to fill in, saved as `name`.xlsx."""
    out = BytesIO()
    write_template(form, out)
    return download(out.getvalue(), f"{name}.xlsx", XLSX)


def download(content: bytes, name: str, content_type: str) -> HttpResponse:
    """Bytes to be saved under a name that may be Chinese."""
    response = HttpResponse(content, content_type=content_type)
    response.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    response.headers["Cache-Control"] = "private, no-store"
    return response
