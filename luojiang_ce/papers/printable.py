"""A document to be: what the renderer is handed. Apart from it, so that pages need not load the PDF machinery."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.template.loader import render_to_string

from .glyphs import with_blanks
from .whole_numbers import kept_whole

Style = Literal["official", "form", "page", "signin"]


@dataclass(frozen=True)
class Printable:
    """Template, what it shows (`rows` may be long), the stylesheet beside common.css, the document's title.

    `fitted` names a list of the context of which the first sheet shows as much as it has room for: the template gets
    `shown` (how many), `overleaf` (is the whole list to follow on a sheet of its own?), `dense` (must it save room?),
    and marks the end of its first sheet by the id `sheet-end`. `by_hand`: characters that no font here draws are left
    blank.
    """

    template: str
    context: Mapping[str, Any]
    style: Style
    title: str
    fitted: str = ""
    by_hand: bool = False

    def html(self, **part: Any) -> str:
        """Its text, whole or that `part` of its rows."""
        whole = {"title": self.title, "first_part": True, "last_part": True, "first_row": 0, **self.context}
        text = kept_whole(render_to_string(self.template, {**whole, **part}))
        return with_blanks(text) if self.by_hand else text
