"""A document of a page or two, laid out at once."""

from __future__ import annotations

from django.http import HttpResponse

from luojiang_ce.sheets.responses import download

from .printable import Printable


def pdf_response(printable: Printable, name: str) -> HttpResponse:
    """The document, saved as `name`.pdf; the PDF machinery is loaded only here."""
    from .rendering import render

    return download(render(printable).content, f"{name}.pdf", "application/pdf")
