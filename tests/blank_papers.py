"""Papers of one blank page, where a test begins with a paper that nobody in it reads."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import pytest
from weasyprint import HTML, Document

from luojiang_ce.papers import rendering


@contextmanager
def blank_papers() -> Iterator[None]:
    """The template is filled in as always; setting it in type is what takes half a second."""

    def blank_page(html: str, style: Any) -> Document:
        return _blank()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "typeset", blank_page)
        yield


@cache
def _blank() -> Document:
    return HTML(string="<html lang='zh'><body></body></html>").render()
