"""A list as a workbook to take away: the list's own filters, text as text, no formula."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from io import BytesIO

from django.http import FileResponse, HttpResponseBase

from .definitions import SheetForm
from .writing import Plain, write_form

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def xlsx_response(form: SheetForm, rows: Iterable[Mapping[str, Plain]], name: str) -> HttpResponseBase:
    """The rows as NAME.xlsx, never cached: lists hold personal data."""
    book = BytesIO()
    write_form(form, rows, book, titled=False)
    book.seek(0)
    response = FileResponse(book, as_attachment=True, filename=f"{name}.xlsx", content_type=XLSX)
    response.headers["Cache-Control"] = "private, no-store"
    return response
