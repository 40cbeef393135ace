"""Here everybody asks for every paper; what is tried is who gets one, so its pages are blank."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest
from weasyprint import HTML, Document

from luojiang_ce.papers import rendering


@cache
def blank() -> Document:
    return HTML(string="<html lang='zh'><body></body></html>").render()


@pytest.fixture(autouse=True)
def _papers_are_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """The template is filled in as always; setting it in type is what takes a second."""

    def blank_page(html: str, style: Any) -> Document:
        return blank()

    monkeypatch.setattr(rendering, "typeset", blank_page)
