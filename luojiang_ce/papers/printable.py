"""A document to be: what the renderer is handed. Apart from it, so that pages need not load the PDF machinery."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.template.loader import render_to_string

from .blanks import closed_up_figures
from .glyphs import with_blanks
from .whole_numbers import kept_whole

PART_ROWS = 200  # rows of a long list that are set at once: bounds memory, and time between two reports
Style = Literal["official", "form", "page", "signin"]


@dataclass(frozen=True)
class Printable:
    """Template, what it shows (`rows` may be long), the stylesheet beside common.css, the document's title.

    `fitted` names a list of the context of which the first sheet shows as much as it has room for: the template gets
    `shown` (how many), `overleaf` (is the whole list to follow on a sheet of its own?), `dense` (must it save room?),
    and marks the end of its first sheet by the id `sheet-end`. `by_hand`: the characters that
    are left blank where no font here draws them, or glyphs.ANY.
    """

    template: str
    context: Mapping[str, Any]
    style: Style
    title: str
    fitted: str = ""
    by_hand: str = ""

    def html(self, **part: Any) -> str:
        """Its text, whole or that `part` of its rows."""
        whole = {"title": self.title, "first_part": True, "last_part": True, "first_row": 0, **self.context}
        text = kept_whole(closed_up_figures(render_to_string(self.template, {**whole, **part})))
        return with_blanks(text, self.by_hand) if self.by_hand else text

    def in_parts(self) -> Iterator[str]:
        """All that it says, at most PART_ROWS of its rows at a time."""
        rows = self.context.get("rows") or ()
        if len(rows) <= PART_ROWS:
            yield self.html(shown=None, overleaf=True)
            return
        for first in range(0, len(rows), PART_ROWS):
            after = first + PART_ROWS
            part = {"first_row": first, "first_part": first == 0, "last_part": after >= len(rows)}
            yield self.html(shown=None, overleaf=True, rows=rows[first:after], **part)
