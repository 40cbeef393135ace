"""A workbook as a download."""

from collections.abc import Iterable, Mapping
from io import BytesIO
from urllib.parse import quote

from django.http import HttpResponse

from .definitions import SheetForm
from .writing import Plain, write_form

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def workbook_response(
    form: SheetForm, rows: Iterable[Mapping[str, Plain]], name: str, values: Mapping[str, Plain] | None = None
) -> HttpResponse:
    """The form with these rows, saved as `name`.xlsx. `values`: its head and foot lines; without, a plain list."""
    out = BytesIO()
    write_form(form, rows, out, head=values, foot=values, titled=values is not None)
    return download(out.getvalue(), f"{name}.xlsx", XLSX)


def download(content: bytes, name: str, content_type: str) -> HttpResponse:
    """Bytes to be saved under a name that may be Chinese."""
    response = HttpResponse(content, content_type=content_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response
