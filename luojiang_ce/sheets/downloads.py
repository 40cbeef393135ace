"""Workbooks to take away: lists under their own filters, templates; text as text, no formula, never cached."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO

from django.http import FileResponse, HttpResponseBase

from .definitions import SheetForm
from .writing import Plain, write_form, write_template

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx_response(form: SheetForm, rows: Iterable[Mapping[str, Plain]], name: str) -> HttpResponseBase:
    """The rows as NAME.xlsx, never cached: lists hold personal data."""
    book = BytesIO()
    write_form(form, rows, book, titled=False)
    return workbook_response(book.getvalue(), name)


def template_response(form: SheetForm, name: str) -> HttpResponseBase:
    """The empty form to fill in, as NAME.xlsx."""
    book = BytesIO()
    write_template(form, book)
    return workbook_response(book.getvalue(), name)


def workbook_response(content: bytes, name: str) -> HttpResponseBase:
    """A workbook as NAME.xlsx, never cached."""
    response = FileResponse(BytesIO(content), as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    response.headers["Cache-Control"] = "private, no-store"
    return response
