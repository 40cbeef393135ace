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
def blank_papers() -> Iterator[list[str]]:
    """The template is filled in as always, and kept here; setting it in type is what takes half a second."""
    filled_in: list[str] = []

    def typeset(html: str, style: Any) -> Document:
        filled_in.append(html)
        return _blank()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(rendering, "typeset", typeset)
        yield filled_in


@cache
def _blank() -> Document:
    return HTML(string="<html lang='zh'><body></body></html>").render()
